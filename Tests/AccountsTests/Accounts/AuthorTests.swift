import Accounts
import App
import AppTestKit
import Decisions
import Formats
import HTTPTypes
import Jobs
import Measurement
import Storage
import TestKit
import Testing
import Values

/// Who brought figures in, and who asked for decisions.
struct AuthorTests {
  private static func authors(of table: String, in test: TestSystem) async throws -> [String] {
    try await test.system.database.read { transaction in
      try transaction.query("SELECT author FROM \(SQL(stringLiteral: table)) ORDER BY author")
        .map { try $0.get("author") }
    }
  }

  @Test("Feedback and decisions over HTTP have the key's id for their author")
  func requests() async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let body = #"{"ad_id": "1", "date": "2026-05-20", "impressions": 100, "clicks": 5, "spend": 9}"#
      _ = try await api.post("/api/ml/battle-hardened/feedback", body).done()
      let answer = try await api.post("/api/ml/battle-hardened/select", #"{"total_budget": 20}"#).done()
      let caller = try #require(try await test.system.keys.list(of: test.account).first).id
      let stored = try await api.send(.get, "/api/decisions/\(answer.text("decision_id"))").done()
      #expect(try stored.text("author") == caller)
      #expect(try await Self.authors(of: "imports", in: test) == [caller])
      #expect(try await Self.authors(of: "decisions", in: test) == [caller])
    }
  }

  @Test("Files of figures and of deals have an author, and what the system does by itself is its own")
  func files() async throws {
    let test = try await TestSystem()
    let ada = AuditActor.commandLine(user: "ada")
    let ads = try test.file("ads.csv", "ad_id,date,impressions,clicks,spend\n1,2026-05-27,100,5,9\n".utf8)
    let deals = try test.file("deals.csv", "id,dealstage,createdate,ad_id\n7,lead,2026-05-01T10:00:00Z,1\n".utf8)
    _ = try await test.system.imports.importFile(ads, as: .adsCSV, into: test.account, ImportOptions(), by: ada) { _ in
    }
    _ = try await test.system.imports.importFile(
      deals, as: .hubspotDeals, into: test.account, ImportOptions(), by: ada
    ) { _ in }
    #expect(try await Self.authors(of: "imports", in: test) == ["cli:ada", "cli:ada"])
    _ = try await test.system.jobs.push([ProcessBudgetOptimization(accountID: test.account)])
    try await test.workOffJobs()
    #expect(try await Self.authors(of: "decisions", in: test) == ["system"])
  }
}
