import Formats
import RemoteAPIs
import Testing
import Values

@testable import Sandbox

/// Objects, changes, batches and tokens as Meta has them.
struct GraphTests {
  private let bench: SandboxBench
  private let account: String

  init() throws {
    bench = try SandboxBench(worldSettings())
    account = bench.account
  }

  private func error(_ reply: SandboxReply) -> (code: Int64?, subcode: Int64?) {
    (reply.body["error"]?["code"]?.integer, reply.body["error"]?["error_subcode"]?.integer)
  }

  @Test("The account says what it counts in")
  func accountNode() async {
    let fields = "account_id,currency,timezone_name,account_status,min_daily_budget,amount_spent,spend_cap,user_tasks"
    let reply = await bench.graph("GET", account, ["fields": fields])
    #expect(reply.body["id"]?.stringValue == account)
    #expect(reply.body["currency"] == "USD")
    #expect(reply.body["timezone_name"] == "UTC")
    #expect(reply.body["account_status"] == 1)
    #expect(reply.body["min_daily_budget"] == 100)
    #expect(reply.body["amount_spent"] == "0")
    let minimum = await bench.graph("GET", "\(account)/minimum_budgets")
    #expect(minimum.body["data"]?.arrayValue?.first?["min_daily_budget_imp"] == 100)
    #expect(await bench.graph("GET", "act_1").status == 400)
  }

  @Test("Budgets are where they lie: on one campaign, and on the ad sets of the others")
  func budgets() async throws {
    let fields = [
      "fields": "id,name,daily_budget,lifetime_budget,campaign{id,daily_budget},effective_status", "limit": "100",
    ]
    let adSets = try #require(await bench.graph("GET", "\(account)/adsets", fields).body["data"]?.arrayValue)
    #expect(adSets.count == 6)
    for adSet in adSets {
      let own = adSet["daily_budget"]?.integer ?? 0
      let above = adSet["campaign"]?["daily_budget"]?.integer ?? 0
      #expect((own == 0) != (above == 0))
      #expect(own + above >= 10_000)
      #expect(adSet["daily_budget"]?.stringValue != nil)
    }
    let total = adSets.reduce(0) { $0 + ($1["daily_budget"]?.integer ?? 0) }
    #expect(total == 40_000)
  }

  @Test("Lists come in pages, filtered by what they are asked for")
  func lists() async throws {
    var after: String?
    var ids: [String] = []
    repeat {
      var wanted = ["fields": "id,status", "limit": "5", "summary": "true"]
      wanted["after"] = after
      let page = await bench.graph("GET", "\(account)/ads", wanted).body
      ids += (page["data"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
      #expect(page["summary"]?["total_count"] == 12)
      let next = page["paging"]?["next"]?.stringValue
      #expect(next.map { $0.contains("/v26.0/\(account)/ads?") && $0.contains("limit=5") } != false)
      after = next == nil ? nil : page["paging"]?["cursors"]?["after"]?.stringValue
    } while after != nil
    #expect(ids == ids.sorted() && ids.count == 12)
    #expect(await bench.graph("POST", ids[3], ["status": "PAUSED"]).status == 200)
    let paused = await bench.graph("GET", "\(account)/ads", ["effective_status": #"["PAUSED"]"#])
    #expect(paused.body["data"]?.arrayValue?.map { $0["id"]?.stringValue } == [ids[3]])
    let adSet = try #require(await bench.ids("adsets").first)
    #expect(await bench.graph("GET", "\(adSet)/ads").body["data"]?.arrayValue?.count == 2)
    #expect(await bench.graph("GET", "\(adSet)/campaigns").status == 400)
    let since = ["updated_since": "\(bench.sandbox.now.seconds + 1)"]
    #expect(await bench.graph("GET", "\(account)/ads", since).body["data"]?.arrayValue == [])
  }

  @Test("A field that an object does not have is an error, one without a value is left out")
  func fields() async throws {
    let ad = try #require(await bench.ids("ads").first)
    let reply = await bench.graph("GET", ad, ["fields": "id,adset_id,creative{id},issues_info,updated_time,status"])
    #expect(reply.body["issues_info"] == nil)
    #expect(reply.body["creative"]?["id"]?.stringValue != nil)
    #expect(reply.body["updated_time"] == "2026-01-05T00:00:00+0000")
    #expect(error(await bench.graph("GET", ad, ["fields": "daily_budget"])).code == 100)
    #expect(error(await bench.graph("GET", ad, ["fields": "creative{id"])).code == 100)
  }

  @Test("Budgets and switches are changed, and read back")
  func changes() async throws {
    let adSet = "23850000000200002"
    #expect(await bench.graph("POST", adSet, ["daily_budget": "5500"]).body == ["success": true])
    await bench.pass(days: 1)
    #expect(await bench.graph("POST", adSet, ["status": "PAUSED"]).body == ["success": true])
    let read = await bench.graph("GET", adSet, ["fields": "daily_budget,status,effective_status,updated_time"]).body
    #expect(read["daily_budget"] == "5500")
    #expect(read["status"] == "PAUSED")
    #expect(read["updated_time"] == "2026-01-06T00:00:00+0000")
    let both = await bench.graph("POST", adSet, ["status": "ACTIVE", "daily_budget": "6000", "fields": "daily_budget"])
    #expect(both.body["daily_budget"] == "6000")
    let trial = await bench.graph("POST", adSet, ["status": "PAUSED", "execution_options": #"["validate_only"]"#])
    #expect(trial.body == ["success": true])
    #expect(await bench.graph("GET", adSet, ["fields": "status"]).body["status"] == "ACTIVE")
    #expect(await bench.control("GET", "state").body["writes"] == 4)
  }

  @Test(
    "Changes that Meta does not make",
    arguments: [
      ("23850000000300001", "daily_budget", "500", 100, nil),
      ("23850000000200001", "daily_budget", "500", 100, 1_885_621),
      ("23850000000100002", "daily_budget", "500", 100, 1_885_621),
      ("23850000000200002", "daily_budget", "99", 100, 1_885_272),
      ("23850000000200002", "daily_budget", "200000000", 100, 1_885_261),
      ("23850000000200002", "daily_budget", "12.5", 100, nil), ("23850000000200002", "status", "ASLEEP", 100, nil),
      ("23850000000200002", "bid_amount", "5", 100, nil), ("1", "status", "PAUSED", 100, 33),
    ] as [(String, String, String, Int64, Int64?)])
  func refusals(id: String, name: String, value: String, code: Int64, subcode: Int64?) async {
    let before = await bench.control("GET", "state").body["ad_sets"]
    let reply = await bench.graph("POST", id, [name: value])
    #expect(reply.status == 400)
    #expect(error(reply) == (code, subcode))
    #expect(await bench.control("GET", "state").body["ad_sets"] == before)
    #expect(await bench.control("GET", "state").body["writes"] == 0)
  }

  @Test("The fifth change of a budget within an hour is refused with 613")
  func tooManyEdits() async {
    let campaign = "23850000000100001"
    for amount in 1...4 {
      #expect(await bench.graph("POST", campaign, ["daily_budget": "\(20_000 + amount)"]).status == 200)
    }
    let reply = await bench.graph("POST", campaign, ["daily_budget": "20005"])
    #expect(error(reply) == (613, 1_487_632))
    let state = await bench.control("GET", "state").body
    #expect(state["limits_broken"]?["budget_edits_per_hour"] == 1)
    #expect(state["campaigns"]?.arrayValue?.first?["daily_budget"] == 20_004)
    await bench.sandbox.advance(seconds: 3_601)
    #expect(await bench.graph("POST", campaign, ["daily_budget": "20005"]).status == 200)
  }

  @Test("A batch answers each request by itself")
  func batch() async {
    let items = """
      [{"method":"POST","relative_url":"23850000000200002/","body":"daily_budget=6000"},\
      {"method":"POST","relative_url":"23850000000300001","body":"daily_budget=6000"},\
      {"method":"GET","relative_url":"v26.0/23850000000200002?fields=daily_budget"},\
      {"method":"GET","relative_url":"v1.0/me"},{"relative_url":"me"}]
      """
    let reply = await bench.graph("POST", "", ["batch": items, "include_headers": "false"])
    #expect(reply.status == 200)
    let answers = reply.body.arrayValue ?? []
    #expect(answers.map { $0["code"]?.integer } == [200, 400, 200, 400, 400])
    #expect(answers.first?["headers"] == nil)
    let body = answers.dropFirst(2).first?["body"]?.stringValue.flatMap { JSONValue.parsed($0) }
    #expect(body?["daily_budget"] == "6000")
    let many = String(repeating: #"{"method":"GET","relative_url":"me"},"#, count: 51).dropLast()
    #expect(error(await bench.graph("POST", "", ["batch": "[\(many)]"])).code == 100)
    #expect(error(await bench.graph("GET", "", ["ids": "1,2"])).code == 100)
  }

  @Test("Versions, tokens and proofs are looked at")
  func access() async {
    let settings = bench.sandbox.settings.credentials
    func ask(_ path: String, _ query: String?, _ authorization: String? = nil) async -> SandboxReply {
      await bench.sandbox.reply(
        to: SandboxRequest(method: "GET", path: path, query: query, authorization: authorization))
    }
    let token = settings.accessToken.text
    #expect(await ask("/v26.0/me", "access_token=\(token)").status == 200)
    #expect(await ask("/me", nil, "OAuth \(token)").status == 200)
    #expect(error(await ask("/v26.0/me", nil)).code == 104)
    #expect(await ask("/v26.0/me", "access_token=wrong").status == 401)
    #expect(error(await ask("/v26.0/me", "access_token=wrong")).code == 190)
    #expect(error(await ask("/v23.0/me", "access_token=\(token)")).code == 2_635)
    let access = GraphAccess(
      appID: settings.appID, appSecret: settings.appSecret, token: settings.accessToken, account: "1")
    #expect(await ask("/me", "access_token=\(token)&appsecret_proof=\(access.proof(of: token))").status == 200)
    #expect(error(await ask("/me", "access_token=\(token)&appsecret_proof=00")).code == 100)
    let app = "\(settings.appID)%7C\(settings.appSecret.text)"
    let known = await ask("/debug_token", "input_token=\(token)&access_token=\(app)")
    #expect(known.body["data"]?["is_valid"] == true)
    #expect(known.body["data"]?["scopes"]?.texts.contains("ads_management") == true)
    let unknown = await ask("/debug_token", "input_token=other&access_token=\(app)")
    #expect(unknown.status == 200)
    #expect(unknown.body["data"]?["is_valid"] == false)
    #expect(error(await ask("/\(account)", "access_token=\(app)")).code == 200)
    let permissions = await ask("/me/permissions", nil, "Bearer \(token)").body["data"]?.arrayValue
    #expect(permissions?.allSatisfy { $0["status"] == "granted" } == true)
  }

  @Test("A proof is what Meta's library computes")
  func proof() {
    let access = GraphAccess(appID: "1", appSecret: .init("appsecret"), token: .init("TOKEN"), account: "1")
    #expect(access.proof(of: "TOKEN") == "5ce7e27778ee701854c15400a27248a17dca845fae4a6a40efc6de3c6e504067")
  }

  @Test("Calls are counted, and refused once there were too many within the hour")
  func usage() async throws {
    let bench = try SandboxBench(worldSettings()) { $0.tier = .limited }
    var reply = SandboxReply(200, .null)
    for _ in 0..<(300 + 40 * 12) { reply = await bench.graph("GET", "me") }
    #expect(reply.status == 200)
    let usage = try #require(reply.headers.first { $0.name == "x-business-use-case-usage" }).value
    #expect(usage.contains(#""call_count":100"#) && usage.contains("development_access"))
    reply = await bench.graph("GET", "me")
    #expect(error(reply) == (80_004, 2_446_079))
    let header = try #require(reply.headers.first { $0.name == "x-business-use-case-usage" }).value
    #expect(header.contains(#""estimated_time_to_regain_access":60"#))
    await bench.sandbox.advance(seconds: 3_600)
    #expect(await bench.graph("GET", "me").status == 200)
  }

  @Test("Meta learns until an ad set has brought 50 leads since its last significant edit")
  func learning() async throws {
    func stage() async -> JSONValue? {
      await bench.graph("GET", "23850000000200002", ["fields": "learning_stage_info"]).body["learning_stage_info"]
    }
    await bench.pass(days: 1)
    #expect(await stage()?["status"] == "LEARNING")
    await bench.pass(days: 8)
    let later = try #require(await stage())
    #expect(later["status"]?.stringValue == (later["conversions"]?.integer ?? 0 >= 50 ? "SUCCESS" : "FAIL"))
    #expect(await bench.graph("POST", "23850000000200002", ["daily_budget": "40000"]).status == 200)
    #expect(await stage()?["status"] == "LEARNING")
  }
}
