import Accounts
import App
import AppTestKit
import Decisions
import Formats
import HTTPTypes
import Jobs
import Platforms
import Storage
import TestKit
import Testing
import Values
import Web

/// Who changed what, kept for good.
struct AuditTests {
  @Test("Every change of note is on the log with who made it, newest first")
  func actions() async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let path = "/api/accounts/acme/configuration"
      _ = try await api.send(.put, path, #"{"aov": 12000, "mode": "direct"}"#).done()
      _ = try await api.send(.put, path, #"{"aov": 12000}"#).done()
      let made = try await api.post("/api/keys", #"{"role": "viewer"}"#).done()
      _ = try await api.send(.post, "/api/keys/\(made.text("key_id"))/revoke").done()
      let job = try #require(try await test.system.jobs.push([MonitorFatigue(accountID: test.account)]).first).id
      _ = try await api.send(.post, "/api/jobs/\(job)/cancel").done()
      _ = try await api.send(.post, "/api/jobs/\(job)/retry").done()
      _ = try await api.post("/api/ml/attribution/attribute-conversion", #"{"deal_id": "d", "ad_id": "7"}"#).done()
      _ = try await test.system.hubSpot.map(portal: 5, to: test.account, by: .commandLine(user: "ada"))
      let entries = try await api.send(.get, "/api/audit-log").done().list("entries")
      let actions = try entries.map { try $0.text("action") }
      #expect(
        actions == [
          "portal_mapped", "attribution_stated", "job_retried", "job_cancelled", "key_revoked", "key_created",
          "configuration_changed", "key_created", "account_created",
        ])
      let caller = try #require(try await test.system.keys.list(of: test.account).first { $0.role == .admin }).id
      let actors = try entries.map { try $0.text("actor") }
      #expect(actors == ["cli:ada"] + Array(repeating: caller, count: 6) + ["system", "system"])
      let change = entries[6]
      for (side, aov, mode) in [("before", 15_000.0, "pipeline"), ("after", 12_000, "direct")] {
        #expect(try change.at(side).keys == ["aov", "mode"])
        #expect(try change.number("\(side).aov") == aov)
        #expect(try change.text("\(side).mode") == mode)
      }
      #expect(try entries[1].at("after") == ["ad_id": "7"])
      let last = try entries[3].text("id")
      let page = try await api.send(.get, "/api/audit-log?before=\(last)&limit=2").done().list("entries")
      #expect(page == Array(entries[4...5]))
      #expect(try await api.send(.get, "/api/audit-log?before=x").refusal().fields == ["before"])
    }
  }

  @Test("What is refused or rolled back leaves no line")
  func refused() async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let before = try await test.dump()
      _ = try await api.send(.put, "/api/accounts/acme/configuration", #"{"timezone": "Mars"}"#).refusal()
      _ = try await api.send(.post, "/api/jobs/01912345-6789-7abc-8def-0123456789ab/retry").refusal()
      _ = try await api.send(.post, "/api/keys/1/revoke").refusal()
      #expect(try await test.dump() == before)
    }
  }

  @Test(
    "The database refuses to change or remove a line of an account that is there",
    arguments: [
      "UPDATE audit_log SET actor = 'nobody'", "DELETE FROM audit_log",
      "DELETE FROM audit_log WHERE account_id = 'acme'",
    ])
  func appendOnly(_ statement: String) async throws {
    let test = try await TestSystem()
    let before = try await test.dump()["audit_log"]
    try #require(before?.count == 1)
    await #expect(throws: DatabaseError.self) {
      try await test.system.database.write { try $0.execute(SQL(stringLiteral: statement)) }
    }
    #expect(try await test.dump()["audit_log"] == before)
  }
}
