import AppTestKit
import Measurement
import Testing
import Values

/// Wherever a file names its currency, it must be the account's.
struct StatedCurrencyTests {
  private static func file(_ header: String, _ cell: String) -> String {
    "Day,Ad ID,Impressions,Clicks (all),\(header)\n2026-10-01,7,1000,10,\(cell)\n"
  }

  @Test(
    "A header in another currency refuses the file",
    arguments: ["Amount spent (EUR)", "Amount spent (€)", "Amount spent（EUR）", "Amount spent,CPM (EUR)"])
  func header(_ header: String) async throws {
    let test = try await TestSystem(at: .december2026)
    let error = try await test.refusal(of: Self.file(header, header.contains(",") ? "1.50,2" : "1.50"), as: .adsCSV)
    #expect(error.fileRule?.hasPrefix("amounts are in ") == true)
    #expect(error.fileRule?.hasSuffix("but the account's currency is USD") == true)
  }

  @Test(
    "A column that names another currency refuses its rows", arguments: ["Currency", "account_currency", "Währung"])
  func column(_ name: String) async throws {
    let test = try await TestSystem(at: .december2026)
    let error = try await test.refusal(of: Self.file("Amount spent,\(name)", "150,EUR"), as: .adsCSV)
    #expect(error.rows.map(\.column) == [name])
    #expect(error.rows.map(\.rule) == ["must be the account's currency, USD"])
    #expect(try await test.importText(Self.file("Amount spent,\(name)", "150,USD"), as: .adsCSV).rows == 1)
  }

  @Test(
    "A sign beside an amount must mean the account's currency",
    arguments: [
      ("$25.50", true), ("25.50 $", true), ("US$25.50", true), ("USD 25.50", true), ("-$0", true), ("€25.50", false),
      ("25.50 €", false), ("£25.50", false), ("¥25", false), ("25.50 kr", false), ("R$25.50", false),
      ("EUR 25.50", false), ("25.50 SEK", false), ("CA$25.50", false), ("25.50 apples", false),
    ])
  func sign(_ cell: String, _ isRead: Bool) async throws {
    let test = try await TestSystem(at: .december2026)
    if isRead {
      #expect(try await test.importText(Self.file("Amount spent", cell), as: .adsCSV).rows == 1)
    } else {
      let error = try await test.refusal(of: Self.file("Amount spent", cell), as: .adsCSV)
      #expect(error.rows.map(\.value) == [cell])
    }
  }

  @Test(
    "Every account may write its own sign",
    arguments: [
      ("EUR", "25,50 €"), ("SEK", "25,50 kr"), ("DKK", "25,50 kr."), ("BRL", "R$ 25,50"), ("GBP", "£25.50"),
      ("PLN", "25,50 zł"),
    ])
  func ownSign(_ currency: String, _ cell: String) async throws {
    let test = try await TestSystem(currency: currency, at: .december2026)
    let report = try await test.importText(Self.file("Amount spent (\(currency))", "\"\(cell)\""), as: .adsCSV)
    #expect(report.spend == Money(decimal: "25.50"))
  }
}
