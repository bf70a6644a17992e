import AppTestKit
import Measurement
import Testing
import Values

/// What is said of a file before it is imported.
struct FileGuessTests {
  private func guess(
    _ text: String, name: String = "file.csv", _ change: (inout ImportOptions) throws -> Void = { _ in }
  ) async throws -> FileGuess {
    let test = try await TestSystem(at: .december2026)
    var options = ImportOptions()
    try change(&options)
    let before = try await test.dump()
    let guess = try FileGuess.look(at: test.file(name, text.utf8), options, nil)
    #expect(try await test.dump() == before)
    return guess
  }

  private static let german =
    "Tag;Anzeigen-ID;Alter;Impressionen;Klicks (alle);Ausgegebener Betrag (EUR);Budget\n"
    + "13.10.2026;111;18-24;1.000;10;12,34;5\n13.10.2026;111;25-34;1.000;10;0,66;5\n14.10.2026;112;18-24;10;1;1,00;5\n;;;2.010;21;14,00;\n"

  @Test("A file of ads is told with its columns, signs, days, ads, spend, currency and the options it needs")
  func ads() async throws {
    let guess = try await guess(Self.german)
    let facts = Dictionary(uniqueKeysWithValues: guess.facts.map { ($0.name, $0.value) })
    #expect(guess.kind == .adsCSV)
    #expect(facts["written as"] == "text in UTF-8, cells separated by ';'")
    #expect(facts["rows"] == "4")
    #expect(facts["read"]?.contains("spend from 'Ausgegebener Betrag (EUR)'") == true)
    #expect(facts["not read"] == "Alter, Budget")
    #expect(facts["dates"] == "the day first, then the month")
    #expect(facts["currency"] == "EUR")
    #expect(facts["ads"] == "2")
    #expect(facts["days"] == "2026-10-13 to 2026-10-14")
    #expect(facts["spend"] == "14.00")
    #expect(facts["decimals"] == "a comma before them")
    #expect(facts["left out"] == "1 rows of totals, 0 of subtotals")
    #expect(guess.advice == ["--date-format dmy", "--sum-breakdowns"])
    #expect(guess.problems == [])
  }

  @Test("A column that is missing is named, with the mapping that may help")
  func missing() async throws {
    let text = "Day,Ad ID,Impr.,Clicks,Cost USD,Note\n2026-10-01,1,2,1,3,x\n"
    let unmapped = try await guess(text)
    #expect(
      unmapped.problems == [
        "has no column for impressions: say --map impressions=COLUMN; perhaps 'Impr.'",
        "has no column for spend: say --map spend=COLUMN; perhaps 'Cost USD'",
      ])
    let mapped = try await guess(text) { $0.mapping = try ColumnMapping(["impressions=Impr.,spend=Cost USD"]) }
    #expect(mapped.problems == [])
    #expect(mapped.facts.contains { $0.name == "spend" && $0.value == "3.00" })
  }

  @Test("What an import would refuse is said")
  func refusals() async throws {
    let guess = try await guess("Day,Ad ID,Impressions,Clicks,Spend\n2026-10-01,1.2E+17,2,1,3\n2026-10-02,7,2,1,3\n")
    #expect(guess.facts.contains { $0.name == "bad rows" && $0.value == "1" })
    #expect(guess.problems.first?.contains("a spreadsheet has rounded this id") == true)
  }

  @Test("Other kinds are told apart")
  func kinds() async throws {
    #expect(try await guess("Record ID,Deal Stage\n1,lead\n").kind == .hubspotDeals)
    #expect(try await guess("colour,size\nred,1\n").kind == nil)
    let insights = try await guess(
      #"{"data": [{"ad_id": "1", "date_start": "2026-05-01", "impressions": "9", "spend": "2.5"}]}"#, name: "a.json")
    #expect(insights.kind == .metaInsights)
    #expect(insights.facts.contains { $0.name == "spend" && $0.value == "2.50" })
    #expect(try await guess(#"{"results": [{"id": "1", "properties": {}}]}"#, name: "b.json").kind == .hubspotDeals)
  }
}
