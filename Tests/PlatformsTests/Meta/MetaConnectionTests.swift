import Accounts
import App
import AppTestKit
import Formats
import HTTPTypes
import Jobs
import Measurement
import RemoteAPIs
import Storage
import TestKit
import Testing
import Values
import Web

@testable import Platforms

@Suite("Ad accounts are tied to accounts")
struct MetaConnectionTests {
  @Test("a check says what the token may do, and that currency and time zone agree")
  func fine() async throws {
    let bench = try await MetaBench()
    try await bench.connect()
    #expect(try await bench.findings()["connection"]?.isFine == false)
    try await bench.test.system.metaSync.check(bench.account)
    let findings = try await bench.findings()
    #expect(findings.values.filter { !$0.isFine } == [])
    #expect(findings["token"]?.text == "may read figures and change budgets")
    #expect(findings["token's end"]?.text == "it does not expire")
    #expect(findings["ad account"]?.text == "'Made up', active")
    let connection = try #require(try await bench.test.system.meta.connection(of: bench.account))
    #expect(connection.verifiedAt == bench.test.clock.now())
    #expect(connection.facts?.minDailyBudget == 100)
    #expect(connection.facts?.spendCap == nil)
    #expect(bench.graph.calls.allSatisfy { $0.token == "TOKEN" })
  }

  @Test("what does not agree is said with what to do, and nothing is tied or read")
  func mismatch() async throws {
    for (key, value, part) in [
      ("currency", "EUR", "the ad account's is EUR, the account's USD"),
      ("timezone_name", "America/Los_Angeles", "config set --account acme timezone=America/Los_Angeles"),
      ("timezone_name", "Mars/Olympus", "install the package tzdata"),
    ] {
      let bench = try await MetaBench()
      bench.graph.change { $0.setAccount(key, .string(value)) }
      try await bench.connect()
      await #expect(throws: MetaSyncRefusal.self) { try await bench.sync() }
      let findings = try await bench.findings()
      #expect(findings["sync"]?.text.contains(part) == true, "\(findings)")
      #expect(findings["connection"]?.isFine == false)
      #expect(!bench.graph.calls.contains { $0.path.hasSuffix("insights") || $0.path.hasSuffix("ads") })
    }
  }

  @Test("two names of one time zone agree")
  func sameZone() async throws {
    let bench = try await MetaBench(timezone: "Asia/Kolkata")
    bench.graph.change { $0.setAccount("timezone_name", "Asia/Calcutta") }
    try await bench.connect()
    try await bench.test.system.metaSync.check(bench.account)
    #expect(try await bench.findings()["time zone"]?.isFine == true)
  }

  @Test("scopes that are missing, an end that is near, a currency without a unit and a disabled account are told")
  func problems() async throws {
    let bench = try await MetaBench(currency: "KWD")
    let end = bench.test.clock.now().adding(seconds: 86_400)
    bench.graph.change { world in
      world.setAccount("currency", "KWD")
      world.setAccount("account_status", 2)
      world.token = [
        "is_valid": true, "scopes": ["public_profile"], "expires_at": .number("\(end.seconds)"),
      ]
    }
    try await bench.connect()
    try await bench.test.system.metaSync.check(bench.account)
    let findings = try await bench.findings()
    #expect(findings["token"]?.text.contains("make one with ads_read") == true)
    #expect(findings["token's end"]?.text.contains("expires at \(end): make another") == true)
    #expect(findings["ad account"]?.text.contains("disabled: it delivers nothing") == true)
    #expect(findings["currency"]?.text.contains("is not in Meta's table") == true)
    #expect(findings.values.filter { !$0.isFine }.count == 4)
  }

  @Test("a user who may not advertise with the ad account is told from one who may")
  func tasks() async throws {
    let bench = try await MetaBench()
    bench.graph.change { $0.setAccount("user_tasks", ["ANALYZE"]) }
    try await bench.connect()
    try await bench.test.system.metaSync.check(bench.account)
    #expect(
      try await bench.findings()["token"]?.text
        == "may read figures; to change budgets it lacks the task ADVERTISE of its user for the ad account")
  }

  @Test("a token that may not ask about itself is asked what it was granted")
  func permissions() async throws {
    let bench = try await MetaBench()
    bench.graph.change { $0.faults = [("debug_token", FakeGraph.refusal(100))] }
    try await bench.connect()
    try await bench.test.system.metaSync.check(bench.account)
    #expect(
      try await bench.findings()["token"]?.text
        == "may read figures; to change budgets it lacks the scope ads_management")
  }

  @Test("an ad account is one account's: the second is refused, and may have it once the first lets it go")
  func taken() async throws {
    let bench = try await MetaBench()
    let other = try #require(AccountID("zeta"))
    try await bench.test.system.accounts.create(other)
    try await bench.connect()
    // Nobody has it before its token has opened it, so that nobody can keep others from it by its number alone.
    try await bench.connect(account: other)
    try await bench.test.system.metaSync.check(bench.account)
    await #expect(throws: MetaSyncRefusal.self) { try await bench.test.system.metaSync.check(other) }
    let refusal = await #expect(throws: MetaConnectionError.self) { try await bench.connect(account: other) }
    #expect(refusal?.code == "ad_account_connected")
    try await bench.test.system.meta.disconnect(bench.account, by: .system)
    try await bench.connect(account: other)
    try await bench.test.system.metaSync.check(other)
  }

  @Test("a token that is given is kept sealed, is used, and goes with the connection")
  func stored() async throws {
    let bench = try await MetaBench { $0.token = nil }
    try await bench.connect(token: "EAAB-own-token")
    try await bench.test.system.metaSync.check(bench.account)
    #expect(bench.graph.calls.allSatisfy { $0.token == "EAAB-own-token" })
    let dump = "\(try await bench.test.dump())"
    #expect(!dump.contains("EAAB"))
    #expect(dump.contains("v1."))
    let lines = Lines()
    try await bench.test.system.lifecycle.export(bench.account, by: .system) { table, line in
      lines.add("\(table) \(String(decoding: line, as: UTF8.self))")
    }
    #expect(!lines.sorted.contains { $0.contains("v1.") || $0.contains("EAAB") })
    try await bench.test.system.meta.disconnect(bench.account, by: .system)
    #expect(!"\(try await bench.test.dump())".contains("v1."))
  }

  @Test("without a token, a key or a connection it is said what to set and where, and the job is done")
  func nothing() async throws {
    let bench = try await MetaBench { $0 = MetaSettings() }
    let report = { () async throws -> String in
      try await bench.test.system.jobs.push([SyncMetaInsights(accountID: bench.account)])
      try await bench.test.workOffJobs()
      let jobs = try await bench.test.system.jobs.list(
        JobFilter(accountID: bench.account, name: SyncMetaInsights.name, limit: 1))
      #expect(jobs.first?.state == .completed)
      return jobs.first?.report ?? ""
    }
    #expect(try await report().contains("set META_ACCESS_TOKEN, then geminivideo meta connect --account acme"))
    let missing = await #expect(throws: MetaConnectionError.self) { try await bench.connect() }
    #expect(missing?.description.contains("META_ACCESS_TOKEN is not set") == true)
    let unsealed = await #expect(throws: MetaConnectionError.self) { try await bench.connect(token: "EAAB") }
    #expect(unsealed?.description.contains("GEMINIVIDEO_SECRET_KEY is not set") == true)
    #expect(unsealed?.description.contains("EAAB") == false)
    #expect(bench.graph.calls.isEmpty)
  }

  @Test("a connection whose token or key is gone says so")
  func gone() async throws {
    let bench = try await MetaBench()
    try await bench.connect(token: "EAAB-own-token")
    let other = SecretBox(key: Secret(String(repeating: "0e", count: 32)))
    for (box, part) in [(nil, "GEMINIVIDEO_SECRET_KEY is not set"), (other, "sealed with another key")] {
      var settings = MetaSettings()
      settings.secretBox = box
      let later = try await bench.test.anotherProcess(meta: settings, transport: bench.graph)
      let error = await #expect(throws: MetaTokenMissing.self) { try await later.metaSync.sync(bench.account) }
      #expect("\(try #require(error))".contains(part))
      #expect(try await bench.findings()["sync"]?.text.contains(part) == true)
    }
  }

  @Test("the process's token serves an admin's wish only where there is one account; an account's own serves it always")
  func shared() async throws {
    let other = try #require(AccountID("zeta"))
    let bench = try await MetaBench { $0.accountTokens = [other: Secret("ZETA")] }
    try await bench.connect(as: .accountAdmin)
    try await bench.test.system.accounts.create(other)
    let refusal = await #expect(throws: MetaConnectionError.self) {
      try await bench.connect("act_9", as: .accountAdmin)
    }
    #expect(refusal?.code == "invalid_field")
    try await bench.connect(account: other, as: .accountAdmin)
    try await bench.test.system.metaSync.check(other)
    #expect(Set(bench.graph.calls.map(\.token)) == ["ZETA"])
  }

  @Test("over HTTP: admins connect and disconnect, operators sync, viewers look; no token is ever answered")
  func routes() async throws {
    let bench = try await MetaBench()
    bench.graph.change { $0.addAd("10") }
    try await bench.test.serving { api in
      let empty = try await api.send(.get, "/api/meta").done()
      #expect(empty["ad_account"] == .null)
      let bad = try await api.send(.put, "/api/meta", #"{"ad_account":"acme","access_token":"has blanks"}"#).refusal()
      #expect(bad.fields == ["ad_account", "access_token"])
      #expect(!bad.message.contains("blanks"))
      let put = try await api.send(
        .put, "/api/meta", #"{"ad_account":"act_123","access_token":"EAAB-given"}"#)
      #expect(try put.done()["token_source"] == "stored")
      #expect(!String(decoding: put.bytes, as: UTF8.self).contains("EAAB"))
      try await bench.test.workOffJobs()
      let status = try await api.send(.get, "/api/meta").done()
      #expect(status["objects"]?["ads"] == 1)
      #expect(status["problem"] == .null)
      #expect(try await api.send(.post, "/api/meta/sync").status == 202)
      _ = try await api.send(.delete, "/api/meta").done()
      #expect(try await api.send(.delete, "/api/meta").status == 404)
      #expect(try await api.send(.post, "/api/meta/sync").status == 404)
    }
    for (role, put, sync) in [(Role.viewer, 403, 403), (.operator, 403, 404)] {
      try await bench.test.serving(as: role) { (api: TestAPI) async throws -> Void in
        #expect(try await api.send(.get, "/api/meta").status == 200)
        #expect(try await api.send(.put, "/api/meta", #"{"ad_account":"1"}"#).status == put)
        #expect(try await api.send(.delete, "/api/meta").status == put)
        #expect(try await api.send(.post, "/api/meta/sync").status == sync)
      }
    }
    let audit = try await bench.test.system.audit.list(of: bench.account)
    #expect(audit.map(\.action).filter { $0.hasPrefix("meta_") } == ["meta_disconnected", "meta_connected"])
    #expect(!"\(audit)".contains("EAAB"))
  }
}
