import Accounts
import App
import AppTestKit
import DecisionEngine
import Measurement
import TestKit
import Testing
import Values
import Web

/// Changes of an account's configuration and what follows from them at once.
struct ConfigurationTests {
  private static let stages = [
    #"{"name": "lead", "value": 10, "confidence": 0.1, "kind": "open"}"#,
    #"{"name": "show_up", "value": 500, "confidence": 0.9, "kind": "open"}"#,
    #"{"name": "closed_won", "value": 1000, "confidence": 1, "kind": "won"}"#,
    #"{"name": "closed_lost", "value": 0, "confidence": 1, "kind": "lost"}"#,
  ]

  private static func body(_ stages: [String]) -> String { #"{"stages": [\#(stages.joined(separator: ","))]}"# }

  private func systemWithDeals() async throws -> TestSystem {
    let test = try await TestSystem()
    try await test.importText(
      "ad_id,date,impressions,clicks,spend\n1,2026-05-01,100,10,5\n2,2026-05-01,100,10,5\n", as: .adsCSV)
    try await test.importText(
      "id,dealstage,ad_id,amount\na,lead,1,\nb,show_up,1,77\nc,closed_won,2,\nd,closed_won,2,123.45\n"
        + "e,show_up,,\n", as: .hubspotDeals)
    return test
  }

  @Test("New stage values revalue the deals of every ad at once")
  func revalue() async throws {
    let test = try await systemWithDeals()
    #expect(try await test.states().mapValues(\.pipelineValue) == ["1": 9_000, "2": 15_123.45])
    let updated = try await test.configure(Self.body(Self.stages))
    #expect(updated.version == 2)
    #expect(try await test.states().mapValues(\.pipelineValue) == ["1": 510, "2": 1_123.45])
    #expect(try await test.states().mapValues(\.cashRevenue) == ["1": 0, "2": 1_123.45])
  }

  @Test("A stage that is no longer won takes its deals' revenue away")
  func kindOfStage() async throws {
    let test = try await systemWithDeals()
    let stages = Self.stages.map { $0.replacing(#""won""#, with: #""open""#) }
    try await test.configure(Self.body(stages))
    #expect(try await test.states().mapValues(\.cashRevenue) == ["1": 0, "2": 0])
    #expect(try await test.states()["2"]?.pipelineValue == 2_000)
  }

  @Test("A stage that deals stand in cannot be removed, and nothing changes", arguments: 0..<3)
  func stageInUse(_ index: Int) async throws {
    let test = try await systemWithDeals()
    let before = try await test.dump()
    var stages = Self.stages
    let removed = stages.remove(at: index)
    let error = await #expect(throws: DealError.self) { try await test.configure(Self.body(stages)) }
    #expect(error?.apiError.status == .conflict)
    #expect(error?.code == "stage_in_use")
    #expect(error?.apiError.details.map(\.field) == ["stages"])
    #expect(removed.contains(error?.apiError.details.first?.value ?? "nothing"))
    #expect(try await test.dump() == before)
    #expect(try await test.system.accounts.configuration(of: test.account).version == 1)
  }

  @Test("A stage without deals can be removed")
  func unusedStage() async throws {
    let test = try await systemWithDeals()
    try await test.configure(Self.body(Array(Self.stages.prefix(3))))
    #expect(try await test.system.accounts.configuration(of: test.account).stages.stages.count == 3)
  }

  @Test("A stage that only a deal without an ad stands in cannot be removed either")
  func stageOfUnattributedDeal() async throws {
    let test = try await TestSystem()
    try await test.importText("id,dealstage\na,show_up\n", as: .hubspotDeals)
    let before = try await test.dump()
    let stages = Self.stages.filter { !$0.contains("show_up") }
    let error = await #expect(throws: DealError.self) { try await test.configure(Self.body(stages)) }
    #expect(error?.code == "stage_in_use")
    #expect(try await test.dump() == before)
  }

  @Test("The currency stays once there are amounts", arguments: [true, false])
  func currency(_ hasFigures: Bool) async throws {
    let test = try await TestSystem()
    if hasFigures {
      try await test.importText("ad_id,date,impressions,clicks,spend\n1,2026-05-01,1,1,1\n", as: .adsCSV)
    } else {
      try await test.importText("id,dealstage\n1,lead\n", as: .hubspotDeals)
    }
    let before = try await test.dump()
    let error = await #expect(throws: ConfigurationError.self) {
      try await test.configure(#"{"currency": "EUR", "aov": 5}"#)
    }
    #expect(error?.apiError.status == .conflict)
    #expect(try await test.dump() == before)
    #expect(try await test.configure(#"{"currency": "usd", "aov": 5}"#).aov == Money(decimal: "5"))
  }

  @Test("The currency of an empty account can change")
  func currencyOfEmptyAccount() async throws {
    let test = try await TestSystem()
    #expect(try await test.configure(#"{"currency": "eur"}"#).currency == Currency("EUR"))
  }

  @Test("A change that changes nothing keeps the version")
  func sameConfiguration() async throws {
    let test = try await TestSystem()
    let before = try await test.dump()
    test.clock.advance(seconds: 60)
    #expect(try await test.configure(#"{"aov": 15000, "mode": null}"#).version == 1)
    #expect(try await test.dump() == before)
  }

  @Test("An account is made once, and only in a zone that is known")
  func accounts() async throws {
    let test = try await TestSystem()
    let again = await #expect(throws: AccountError.self) { try await test.system.accounts.create(test.account) }
    #expect(again?.apiError.status == .conflict)
    let other = try #require(AccountID("other"))
    let zone = await #expect(throws: ConfigurationError.self) {
      try await test.system.accounts.create(other, timezone: "Mars/Olympus")
    }
    #expect(zone?.apiError.details.map(\.field) == ["timezone"])
    #expect(try await test.system.accounts.all().map(\.id.value) == ["acme"])
  }

  @Test("A key for an account that is not there is refused")
  func keyForNobody() async throws {
    let test = try await TestSystem()
    let nobody = try #require(AccountID("nobody"))
    await #expect(throws: AccountError.unknown(nobody)) { try await test.system.keys.create(for: nobody, role: .admin) }
    #expect(try await test.rowCounts()["api_keys"] == 0)
  }
}
