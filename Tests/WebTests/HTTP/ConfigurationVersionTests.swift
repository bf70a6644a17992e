import Accounts
import App
import AppTestKit
import DecisionEngine
import Formats
import HTTPTypes
import Measurement
import Storage
import TestKit
import Testing
import Values

/// Versions of an account's configuration over HTTP: entity tags, conditions, previews and the past.
struct ConfigurationVersionTests {
  private static let path = "/api/accounts/acme/configuration"

  private static func put(
    _ body: String, ifMatch: String? = nil, dryRun: Bool = false, to api: TestAPI
  ) async throws -> Answer {
    var headers: HTTPFields = [:]
    if let ifMatch { headers[.ifMatch] = ifMatch }
    return try await api.send(
      .put, path + (dryRun ? "?dry_run=true" : ""), bytes: Array(body.utf8), headers: headers)
  }

  @Test("Each version has its tag, which a change can be bound to", arguments: ["\"1\"", "*", "\"7\", \"1\" ", nil])
  func matching(_ tag: String?) async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let first = try await api.send(.get, Self.path)
      #expect(first.headers[.eTag] == "\"1\"")
      let changed = try await Self.put(#"{"aov": 12000}"#, ifMatch: tag, to: api)
      #expect(try changed.done().number("version") == 2)
      #expect(changed.headers[.eTag] == "\"2\"")
    }
  }

  @Test(
    "A change that is bound to another version is refused, and nothing changes",
    arguments: ["\"2\"", "W/\"1\"", "\"\"", "\"x\""])
  func notMatching(_ tag: String) async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let before = try await test.dump()
      for dryRun in [false, true] {
        let refusal = try await Self.put(#"{"aov": 12000}"#, ifMatch: tag, dryRun: dryRun, to: api).refusal()
        #expect(refusal.status == 412)
        #expect(refusal.code == "precondition_failed")
      }
      #expect(try await test.dump() == before)
    }
  }

  @Test("If-Match that is no entity tag is 400", arguments: ["1", "\"1", "", "\"1\",", "\"1\" \"2\" x"])
  func brokenCondition(_ tag: String) async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let refusal = try await Self.put(#"{"aov": 12000}"#, ifMatch: tag, to: api).refusal()
      #expect(refusal.status == 400)
      #expect(refusal.code == "invalid_header")
    }
  }

  @Test("A dry run names fields and ads that would change, and changes nothing")
  func dryRun() async throws {
    let test = try await TestSystem()
    try await test.importText(
      "ad_id,date,impressions,clicks,spend\n1,2026-05-01,100,10,5\n2,2026-05-01,100,10,5\n", as: .adsCSV)
    try await test.importText("id,dealstage,ad_id,amount\na,show_up,1,\nb,closed_won,2,77.5\n", as: .hubspotDeals)
    try await test.serving { api in
      let stages = try await api.send(.get, Self.path).done().at("stages")
      var json = JSONWriter()
      stages.write(to: &json)
      let halved = json.string.replacing("9000", with: "4500")
      let before = try await test.dump()
      let body = #"{"aov": 15000, "mode": "direct", "stages": \#(halved)}"#
      let preview = try await Self.put(body, dryRun: true, to: api).done()
      #expect(try await test.dump() == before)
      #expect(try preview.at("dry_run") == true)
      #expect(try preview.number("version") == 1)
      let changes = try preview.list("changes")
      #expect(try changes.map { try $0.text("field") } == ["mode", "stages"])
      #expect(try changes[0].text("before") == "pipeline")
      #expect(try changes[0].text("after") == "direct")
      #expect(try preview.number("ads_revalued") == 1)
      #expect(try preview.text("ads.0.ad_id") == "1")
      #expect(try preview.number("ads.0.pipeline_value_before") == 9_000)
      #expect(try preview.number("ads.0.pipeline_value_after") == 4_500)
      _ = try await Self.put(body, to: api).done()
      #expect(try await test.states()["1"]?.pipelineValue == 4_500)
    }
  }

  @Test("A dry run is refused as the change would be")
  func refusedDryRun() async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let refusal = try await Self.put(#"{"timezone": "Mars"}"#, dryRun: true, to: api).refusal()
      #expect(refusal.status == 422)
      let answer = try await api.send(.put, Self.path + "?dry_run=yes", "{}")
      #expect(try answer.refusal().fields == ["dry_run"])
    }
  }

  @Test("Every version is kept as it was, with when and by whom")
  func versions() async throws {
    let test = try await TestSystem()
    let start = test.clock.now()
    try await test.serving { api in
      var expected = [try await api.send(.get, Self.path).done()]
      for aov in [12_000, 13_000] {
        test.clock.advance(seconds: 60)
        expected.append(try await Self.put(#"{"aov": \#(aov)}"#, to: api).done())
      }
      let list = try await api.send(.get, Self.path + "/versions").done().list("versions")
      #expect(try list.map { try $0.number("version") } == [3, 2, 1])
      #expect(try list.map { try $0.text("changed_at") } == [120, 60, 0].map { "\(start.adding(seconds: Int64($0)))" })
      let key = try #require(try await test.system.keys.list(of: test.account).first)
      #expect(try list.map { try $0.text("changed_by") } == [key.id, key.id, "system"])
      let page = try await api.send(.get, Self.path + "/versions?before=3&limit=1").done().list("versions")
      #expect(try page.map { try $0.number("version") } == [2])
      for version in 1...3 {
        let stored = try await api.send(.get, Self.path + "/versions/\(version)").done()
        let fields = expected[version - 1].keys.filter { $0 != "account_id" }
        for field in fields { #expect(try stored.at("configuration.\(field)") == expected[version - 1].at(field)) }
      }
      for absent in ["4", "0", "x", "-1"] {
        #expect(try await api.send(.get, Self.path + "/versions/\(absent)").refusal().status == 404)
      }
    }
  }

  @Test("A configuration that is older than the record of versions is put on it")
  func backfill() async throws {
    let test = try await TestSystem()
    try await test.configure(#"{"aov": 12000}"#)
    _ = try await test.system.database.write { transaction in
      try transaction.execute("DELETE FROM account_configuration_versions WHERE version = 2")
    }
    let since = test.clock.now()
    test.clock.advance(seconds: 500)
    try await test.system.accounts.completeHistory()
    try await test.system.accounts.completeHistory()
    let versions = try await test.system.accounts.versions(of: test.account)
    #expect(versions.map(\.version) == [2, 1])
    #expect(versions.first?.changedAt == since)
    #expect(versions.first?.changedBy == "unknown")
    let stored = try await test.system.accounts.version(2, of: test.account).configuration
    #expect(try stored.number("aov") == 12_000)
  }
}
