import Formats
import RemoteAPIs
import TestKit
import Testing
import Values

/// What the client asks for and makes of answers, beyond what is recorded.
struct MetaClientTests {
  private let bench = MetaBench()

  private func page(_ ids: [Int], after: String?) -> Result<HTTPAnswer, TransportError> {
    let data = ids.map {
      """
      {"id":"\($0)","name":"a","adset_id":"2","campaign_id":"3","status":"ACTIVE","effective_status":"ACTIVE"}
      """
    }
    let paging = after.map {
      #","paging":{"cursors":{"before":"b","after":"\#($0)"},"next":"https://evil.example/steal?access_token=TOKEN"}"#
    }
    return .answer(200, #"{"data":[\#(data.joined(separator: ","))]\#(paging ?? "")}"#)
  }

  @Test("a list is read to its end, through empty pages, and no address that a page names is called")
  func paging() async throws {
    let transport = ScriptedTransport(page([1, 2], after: "x"), page([], after: "y"), page([3], after: nil))
    var pages = try bench.client(transport).objects(MetaAd.self, limit: 2)
    #expect(try await pages.all().map(\.id) == [meta(1), meta(2), meta(3)])
    #expect(try await pages.next() == nil)
    #expect(transport.calls.allSatisfy { $0.url.hasPrefix("https://graph.facebook.com/v26.0/act_123/ads?") })
    #expect(transport.calls.map { MetaRequest($0).parameters["after"] } == [nil, "x", "y"])
    let first = MetaRequest(transport.calls[0])
    #expect(transport.calls.allSatisfy { MetaRequest($0).without("after") == first })
    #expect(first.parameters["effective_status"]?.contains(#""ARCHIVED""#) == true)
    #expect(first.parameters["effective_status"]?.contains("DELETED") == false)
  }

  @Test("a page that failed can be asked for again")
  func again() async throws {
    let transport = ScriptedTransport(
      page([1], after: "x"), .failure(.timedOut(limit: .seconds(60))), page([2], after: nil))
    var pages = try bench.client(transport).objects(MetaAd.self)
    #expect(try await pages.next()?.count == 1)
    await #expect(throws: MetaError.self) { try await pages.next() }
    #expect(try await pages.next()?.map(\.id) == [meta(2)])
    #expect(transport.calls.map { MetaRequest($0).parameters["after"] } == [nil, "x", "x"])
  }

  @Test("a list that goes round in circles, or says that it goes on but not where, ends with an error")
  func lost() async throws {
    var circle = try bench.client(ScriptedTransport(page([1], after: "x"), page([2], after: "x"))).objects(MetaAd.self)
    await #expect(throws: MetaError.self) { try await circle.all() }
    let next = #"{"data":[],"paging":{"next":"https://graph.facebook.com/v26.0/x"}}"#
    var nowhere = try bench.client(ScriptedTransport(.answer(200, next))).objects(MetaAd.self)
    await #expect(throws: MetaError.self) { try await nowhere.next() }
  }

  @Test("the token is in no address and in nothing that is printed, even where it is what is asked about")
  func secrets() async throws {
    let info = """
      {"data":{"app_id":"7","type":"SYSTEM_USER","is_valid":true,"scopes":["ads_read","ads_management"],\
      "granular_scopes":[{"scope":"ads_read","target_ids":["123"]},{"scope":"ads_management"}],"expires_at":0,\
      "data_access_expires_at":1800000000}}
      """
    let permissions = """
      {"data":[{"permission":"ads_read","status":"granted"},{"permission":"email","status":"declined"}]}
      """
    let transport = ScriptedTransport(.answer(200, info), .answer(200, permissions))
    let client = try bench.client(transport, appSecret: "appsecret")
    let token = try await client.tokenInfo()
    #expect(token.isValid)
    #expect(token.scopes == ["ads_read", "ads_management"])
    #expect(token.targets == ["ads_read": ["123"]])
    #expect(token.expiresAt == nil)
    #expect(token.dataAccessExpiresAt == Instant(seconds: 1_800_000_000))
    #expect(try await client.permissions().filter(\.isGranted).map(\.name) == ["ads_read"])
    let call = try #require(transport.calls.first)
    #expect(MetaRequest(call).parameters["input_token"] == "TOKEN")
    var dumped = ""
    dump(call, to: &dumped)
    dump(client, to: &dumped)
    for text in [call.url, "\(call)", String(reflecting: call), dumped, "\(client)"] {
      #expect(!text.contains("TOKEN") && !text.contains("appsecret\"") && !text.contains("5ce7e277"))
    }
  }

  @Test("a campaign, an ad set with its learning, and an account are read as Meta writes them")
  func records() async throws {
    let campaign = """
      {"id":"2384","name":"c","objective":"OUTCOME_LEADS","daily_budget":"5000","budget_remaining":"1200",\
      "spend_cap":"0","bid_strategy":"LOWEST_COST_WITHOUT_CAP","is_adset_budget_sharing_enabled":true,\
      "is_budget_schedule_enabled":true,"status":"ACTIVE","effective_status":"IN_PROCESS",\
      "updated_time":"2026-11-01T10:00:00-0800"}
      """
    let adSet = """
      {"id":2385,"campaign_id":"2384","name":"s","daily_budget":"0","lifetime_budget":"70000","status":"NEW_WORD",\
      "effective_status":"SOMETHING","learning_stage_info":{"status":"LEARNING","conversions":12,\
      "last_sig_edit_ts":1795000000},"end_time":"2026-12-01T00:00:00+0100"}
      """
    let account = """
      {"account_id":"123","name":"n","account_status":3,"currency":"JPY","timezone_name":"Asia/Tokyo",\
      "min_daily_budget":100,"spend_cap":"0","amount_spent":"987","user_tasks":["ANALYZE","ADVERTISE"],"id":"act_123"}
      """
    let client = try bench.client(
      ScriptedTransport(.answer(200, campaign), .answer(200, adSet), .answer(200, account)))
    let read = try await client.object(MetaCampaign.self, meta(2384))
    #expect(read.budget == MetaBudget(daily: 5_000, lifetime: nil, remaining: 1_200, hasSchedules: true))
    #expect(read.spendCap == nil)
    #expect(read.sharesAdSetBudgets)
    #expect(read.effectiveStatus == .inProcess)
    #expect(read.updatedAt == Instant("2026-11-01T18:00:00Z"))
    let set = try await client.object(MetaAdSet.self, meta(2385))
    #expect(set.budget == MetaBudget(daily: nil, lifetime: 70_000, remaining: nil, hasSchedules: false))
    #expect(set.status == .other("NEW_WORD"))
    #expect(set.effectiveStatus == nil)
    #expect(
      set.learning
        == MetaLearning(stage: .learning, conversions: 12, lastSignificantEditAt: Instant(seconds: 1_795_000_000)))
    let owner = try await client.account()
    #expect(owner.id == client.adAccount)
    #expect(owner.spendCap == nil)
    #expect(owner.amountSpent == 987)
    #expect(!owner.isActive)
    #expect(owner.statusName == "unsettled")
  }

  @Test("schedules of a budget: amounts and multipliers")
  func schedules() async throws {
    let body = """
      {"data":[{"id":"1","budget_value":7500,"budget_value_type":"ABSOLUTE","time_start":"2026-11-27T00:00:00+0000",\
      "time_end":"2026-11-28T00:00:00+0000"},{"id":"2","budget_value":"1.5","budget_value_type":"MULTIPLIER",\
      "time_start":1795000000,"time_end":1795086400,"recurrence_type":"WEEKLY"}]}
      """
    let transport = ScriptedTransport(.answer(200, body))
    let schedules = try await bench.client(transport).budgetSchedules(of: meta(2385))
    #expect(schedules.map(\.value) == [.absolute(7_500), .multiplier(1.5)])
    #expect(schedules.map(\.startsAt) == [Instant("2026-11-27T00:00:00Z"), Instant(seconds: 1_795_000_000)])
    #expect(MetaRequest(try #require(transport.calls.first)).path == "/v26.0/2385/budget_schedules")
  }

  @Test("answers that are not as documented are unreadable, and the place is named")
  func unreadable() async throws {
    for (body, reason) in [
      ("[]", "must be an object"), ("{}", "id: null must be"), (#"{"id":"act_1"}"#, #"id: "act_1" must be 1 to 32"#),
      (#"{"id":"1","adset_id":"2","campaign_id":"3","name":5}"#, "name: 5 must be a string"),
    ] {
      let client = try bench.client(ScriptedTransport(.answer(200, body)))
      let error = await failure { () async throws(MetaError) in try await client.object(MetaAd.self, meta(1)) }
      #expect(error?.kind == .unreadable)
      #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }
  }

  @Test("a batch reads many objects by one call, each with its own outcome")
  func batch() async throws {
    let ad = """
      {\\"id\\":\\"1\\",\\"name\\":\\"a\\",\\"adset_id\\":\\"2\\",\\"campaign_id\\":\\"3\\",\\"status\\":\\"PAUSED\\",\
      \\"effective_status\\":\\"DELETED\\"}
      """
    let gone = #"{\"error\":{\"code\":100,\"error_subcode\":33,\"message\":\"m\"}}"#
    let transport = ScriptedTransport(
      .answer(200, #"[{"code":200,"body":"\#(ad)"},{"code":400,"body":"\#(gone)"},null,{"code":200,"body":"x"}]"#))
    let client = try bench.client(transport, appSecret: "appsecret")
    let replies = try await client.objects(MetaAd.self, [1, 2, 3, 4].map(meta))
    guard replies.count == 4, case .done(let found) = replies[0], case .refused(let error) = replies[1],
      case .unknown = replies[2], case .unknown = replies[3]
    else {
      Issue.record("\(replies)")
      return
    }
    #expect(found.effectiveStatus == .deleted)
    #expect(error.kind == .notFound)
    let request = MetaRequest(try #require(transport.calls.first))
    #expect(request.path == "/v26.0/")
    #expect(request.parameters["appsecret_proof"]?.isEmpty == false)
    #expect(request.parameters["batch"]?.contains("appsecret") == false)
  }

  @Test("a batch has 50 parts at most, one without parts makes no call, and one of another length is unknown")
  func batchSize() async throws {
    let transport = ScriptedTransport(.answer(200, "[null]"))
    let client = try bench.client(transport)
    let changes = (1...51).map { (id: meta($0), change: MetaChange.pause) }
    let large = await failure { () async throws(MetaError) in try await client.apply(changes) }
    #expect(large?.kind == .invalid)
    #expect(try await client.apply([]).isEmpty)
    #expect(transport.calls.isEmpty)
    let short = await failure { () async throws(MetaError) in try await client.apply(Array(changes.prefix(2))) }
    #expect(short?.kind == .outcomeUnknown)
  }

  @Test("parts of a batch of changes that Meta could not finish are unknown")
  func batchUnknown() async throws {
    let failed = #"{\"error\":{\"code\":2,\"message\":\"m\"}}"#
    let transport = ScriptedTransport(
      .answer(200, #"[{"code":500,"body":"\#(failed)"},{"code":200,"body":"{\"success\":false}"}]"#))
    let replies = try await bench.client(transport).apply([(meta(1), .pause), (meta(2), .activate)])
    #expect(replies.allSatisfy { if case .unknown = $0 { true } else { false } })
  }

  @Test("a report that failed or lapsed says so, and is not done before its rows are")
  func report() async throws {
    let client = try bench.client(
      ScriptedTransport(
        .answer(200, #"{"async_status":"Job Completed","async_percent_completion":99}"#),
        .answer(200, #"{"async_status":"Job Failed","async_percent_completion":3,"error_message":"too much"}"#),
        .answer(200, #"{"async_status":"Job Skipped"}"#)))
    #expect(try await client.report(meta(1)) == .running(percent: 99))
    #expect(try await client.report(meta(1)) == .failed("Job Failed: too much"))
    #expect(try await client.report(meta(1)) == .failed("Job Skipped: without a reason"))
  }

  @Test("waiting ends with the task, and then nothing was sent")
  func cancelled() async throws {
    let usage = #"{"call_count":60,"total_cputime":1,"total_time":1}"#
    let transport = ScriptedTransport(.answer(200, "{}", ["x-app-usage": usage]))
    let client = MetaClient(
      transport: transport, adAccount: try #require(MetaAdAccountID("123")),
      credentials: MetaCredentials(token: Secret("t")), now: bench.clock.now, sleep: { _ in throw CancellationError() })
    _ = await failure { () async throws(MetaError) in try await client.account() }
    let error = await failure { () async throws(MetaError) in try await client.apply(.pause, to: meta(1)) }
    #expect(error?.kind == .cancelled)
    #expect(transport.calls.count == 1)
  }

  @Test("numbers of ad accounts and versions")
  func values() {
    #expect(MetaAdAccountID("act_42").map { "\($0)" } == "act_42")
    #expect(MetaAdAccountID("42").map { "\($0)" } == "act_42")
    for text in ["", "act_", "act_x", "act_1/2", "1 ", "act_" + String(repeating: "1", count: 33)] {
      #expect(MetaAdAccountID(text) == nil, "\(text)")
    }
    for version in ["v26.0", "v1.10"] { #expect(MetaAPISettings.isVersion(version)) }
    for version in ["26.0", "v26", "v26.0.1", "v.0", "v26.x", "v26.0/", ""] {
      #expect(!MetaAPISettings.isVersion(version), "\(version)")
    }
  }
}
