import App
import AppTestKit
import Decisions
import HTTPTypes
import Measurement
import Storage
import TestKit
import Testing

/// Rows that hold what this release does not know, as a later one may have written them.
struct UnreadableRowTests {
  /// A change that only another release could make, a request that reads the row, and how the row is named.
  struct Case: Sendable, CustomTestStringConvertible {
    let change: SQL
    let path: String
    let table: String
    let key: String
    let problem: String

    var testDescription: String { "\(table): \(problem)" }
  }

  private static let configuration = "/api/accounts/acme/configuration"

  static let cases = [
    Case(
      change: """
        UPDATE account_configurations
        SET configuration = '{"stages": [{"name": "a", "value": 1, "confidence": 1, "kind": "paused"}]}'
        """,
      path: configuration, table: "account_configurations", key: "account_id=acme",
      problem: "stages[0].kind is paused: must be one of open, won, lost"),
    Case(
      change: #"UPDATE account_configurations SET configuration = '{"boldness": 1}'"#,
      path: configuration, table: "account_configurations", key: "account_id=acme",
      problem: "boldness is unknown: is a setting of another release"),
    Case(
      change: "UPDATE attributions SET method = 'guessed'", path: "/api/attributions", table: "attributions",
      key: "account_id=acme deal_id=d1", problem: "column method does not hold what was expected"),
  ]

  @Test("A row that cannot be read is answered 500, and the log names its table and key", arguments: cases)
  func answers(_ example: Case) async throws {
    let test = try await TestSystem()
    let log = CollectingLogHandler()
    try await test.serving(log: log) { api in
      let conversion = #"{"deal_id": "d1", "ad_id": "7"}"#
      _ = try await api.post("/api/ml/attribution/attribute-conversion", conversion).done()
      _ = try await api.send(.get, example.path).done()
      _ = try await test.system.database.write { try $0.execute(example.change) }
      test.clock.advance(seconds: 2)
      let refusal = try await api.send(.get, example.path).refusal()
      #expect(refusal.status == 500)
      #expect(refusal.code == "internal")
      #expect(!refusal.message.contains(example.problem))
    }
    let named = log.lines.filter { $0.hasPrefix("a stored row cannot be read") }
    #expect(named.count == 1)
    #expect(named.first?.contains(" key=\(example.key) problem=\(example.problem)") == true, "\(named)")
    #expect(named.first?.contains(" table=\(example.table)") == true, "\(named)")
  }

  @Test("A decision whose inputs cannot be read is not made again, and is named")
  func decision() async throws {
    let test = try await TestSystem()
    try await test.importText("ad_id,date,impressions,clicks,spend\n1,2026-05-27,1000,10,50\n", as: .adsCSV)
    let decided = try await test.decide("20")
    _ = try await test.system.database.write {
      try $0.execute(#"UPDATE decisions SET inputs = '{"policy": "oracle"}'"#)
    }
    let error = await #expect(throws: UnreadableRow.self) { try await test.system.decisions.replay(decided.id) }
    #expect(error?.table == "decisions")
    #expect(error?.key == "account_id=acme decision_id=\(decided.id.token)")
    #expect(error?.problem == "policy is oracle: must be one of lag_aware, battle_hardened")
  }
}
