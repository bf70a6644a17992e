import Accounts
import App
import AppTestKit
import DecisionEngine
import Decisions
import Formats
import HTTPTypes
import Jobs
import Measurement
import Storage
import TestKit
import Testing
import Values
import Web

/// What a decision on stored ads is about, and on what day's figures it stands. The clock stands at 2026-05-28.
struct DecisionBasisTests {
  private static let header = "ad_id,date,impressions,clicks,spend\n"
  private static let select = "/api/ml/battle-hardened/select"
  private static let decide = "/api/ml/battle-hardened/decide"

  @Test("Ads that do not run get no budget, and the answer and the stored decision say which and why")
  func leftOut() async throws {
    let test = try await TestSystem()
    try await test.importText(
      Self.header + "1,2026-05-27,1000,10,50\n2,2026-05-10,1000,10,50\n3,2026-05-27,1000,10,50\n", as: .adsCSV)
    try await test.importText("id,dealstage,ad_id,createdate\nd,show_up,1,2026-05-26T10:00:00Z\n", as: .hubspotDeals)
    _ = try await test.system.ads.setDelivery(
      .paused, of: [#require(AdID("3"))], account: test.account, by: .commandLine(user: "kim"))
    try await test.serving { api in
      let answer = try await api.post(Self.select, #"{"total_budget": 20}"#).done()
      #expect(try answer.list("recommendations").map { try $0.text("ad_id") } == ["1"])
      #expect(try answer.text("figures_as_of") == "2026-05-27")
      #expect(try answer.number("figures_age_days") == 1)
      #expect(try answer.text("deals_as_of") == "2026-05-26T10:00:00Z")
      #expect(try answer.list("left_out").map { try $0.text("ad_id") } == ["2", "3"])
      #expect(try answer.list("left_out").map { try $0.text("source") } == ["inferred", "person"])
      #expect(
        try answer.text("note").contains(
          "2 ads are left out: 1 ended with nothing delivered in the last 7 days of figures, 1 paused by a person"))
      let stored = try await api.send(.get, "/api/decisions/\(try answer.text("decision_id"))").done()
      #expect(try stored.list("inputs.basis.left_out").count == 2)
      #expect(try stored.number("result.num_left_out") == 2)
      let id = try #require(DecisionID(try answer.text("decision_id")))
      let replay = try await test.system.decisions.replay(id)
      #expect(replay.isIdentical)
      #expect(try await test.system.decisions.stored(id).result == replay.result)
      for policy in Policy.allCases {
        let verdicts = try await api.post(Self.decide, #"{"policy": "\#(policy.rawValue)"}"#).done()
        #expect(try verdicts.list("decisions").map { try $0.text("ad_id") } == ["1"])
        #expect(try verdicts.number("num_left_out") == 2)
        #expect(try verdicts.text("figures_as_of") == "2026-05-27")
      }
    }
  }

  @Test("Scores of ads that are left out are left out too")
  func scores() async throws {
    let test = try await TestSystem()
    try await test.importText(Self.header + "1,2026-05-27,1000,10,50\n2,2026-05-10,1000,10,50\n", as: .adsCSV)
    let decided = try await test.decide("20") { order in
      order.dnaScores = [try #require(AdID("1")): 0.5, try #require(AdID("2")): 0.5]
    }
    #expect(decided.selection.budgets.map(\.adID.value) == ["1"])
  }

  @Test("Figures older than the account's warning are mentioned, and older than its limit they are refused")
  func age() async throws {
    let test = try await TestSystem()
    try await test.importText(Self.header + "1,2026-05-25,1000,10,50\n", as: .adsCSV)
    #expect(try await test.decide("20").basis?.warning == nil)
    test.clock.advance(seconds: 86_400)
    let old = try await test.decide("20")
    #expect(old.basis?.warning == "the figures end on 2026-05-25, 4 days ago: import newer ones")
    #expect(try await test.system.decisions.replay(old.id).isIdentical)
    test.clock.advance(seconds: 10 * 86_400)
    #expect(try await test.decide("20").basis?.figuresAgeDays == 14)
    test.clock.advance(seconds: 86_400)
    let before = try await test.rowCounts()["decisions"]
    try await test.serving { api in
      for (path, body) in [(Self.select, #"{"total_budget": 20}"#), (Self.decide, "{}")] {
        let refusal = try await api.post(path, body).refusal()
        #expect(refusal.status == 409)
        #expect(refusal.code == "figures_too_old")
        #expect(
          refusal.message
            == "the figures of account acme end on 2026-05-25, 15 days ago, and figures_limit_days is 14: import newer "
            + "figures, or decide as of a past day, such as decide --date 2026-05-25")
      }
    }
    #expect(try await test.rowCounts()["decisions"] == before)
    #expect(try await test.decide("20") { $0.day = CalendarDay("2026-05-25") }.basis?.figuresAgeDays == 0)
    try await test.configure(#"{"figures_limit_days": 15, "figures_warning_days": 15}"#)
    #expect(try await test.decide("20").basis?.warning == nil)
    await #expect(throws: ConfigurationError.self) { try await test.configure(#"{"figures_warning_days": 16}"#) }
  }

  @Test("The job refuses old figures too, with the cure")
  func job() async throws {
    let test = try await TestSystem()
    try await test.importText(Self.header + "1,2026-05-27,1000,10,50\n", as: .adsCSV)
    let job = ProcessBudgetOptimization(accountID: test.account)
    #expect(try await report(of: job, in: test).contains(" a day over the running ads: decision "))
    test.clock.advance(seconds: 20 * 86_400)
    #expect(try await report(of: job, in: test).contains("the figures of account acme end on 2026-05-27"))
  }

  private func report(of job: ProcessBudgetOptimization, in test: TestSystem) async throws -> String {
    try await test.system.jobs.push([job])
    try await test.workOffJobs()
    let jobs = try await test.system.jobs.list(JobFilter(accountID: test.account, name: type(of: job).name))
    return jobs.flatMap { [$0.report, $0.failure?.text].compactMap { $0 } }.joined(separator: "; ")
  }

  @Test("An account none of whose ads runs is told so")
  func noneRuns() async throws {
    let test = try await TestSystem()
    try await test.importText(Self.header + "1,2026-05-27,1000,10,50\n", as: .adsCSV)
    _ = try await test.system.ads.setDelivery(.paused, of: [#require(AdID("1"))], account: test.account, by: .system)
    let error = await #expect(throws: AdError.self) { try await test.decide("20") }
    #expect(error?.code == "no_running_ads")
    #expect(
      error?.description
        == "no ad of account acme runs: 1 ad is left out: 1 paused by a person. Import newer figures, or "
        + "activate ads with ads activate --account acme AD")
  }

  @Test("What a decision is made of is read in one snapshot, with the clock read once")
  func snapshot() async throws {
    let test = try await TestSystem()
    try await test.importText(Self.header + "1,2026-05-27,1000,10,50\n", as: .adsCSV)
    let decided = try await test.decide("20") { $0.policy = .lagAware }
    let stored = try await test.system.decisions.stored(decided.id)
    #expect(stored.record.decidedAt == test.clock.now())
    let inputs = try JSONValue(parsing: Array(stored.inputs.utf8))
    #expect(try inputs.text("now") == "\(stored.record.decidedAt)")
  }

  @Test("A decision stored by a release that knew no basis replays as it is")
  func olderDecision() async throws {
    let test = try await TestSystem()
    try await test.importText(Self.header + "1,2026-05-27,1000,10,50\n2,2026-05-10,9,1,5\n", as: .adsCSV)
    let decided = try await test.decide("20") { $0.seed = 7 }
    let stored = try await test.system.decisions.stored(decided.id)
    let inputs = try older(stored.inputs, without: ["basis"])
    let result = try older(
      stored.result,
      without: [
        "figures_as_of", "figures_age_days", "deals_as_of", "figures_warning", "num_left_out", "left_out",
      ])
    _ = try await test.system.database.write { transaction in
      try transaction.execute(
        "UPDATE decisions SET inputs = \(inputs), result = \(result)")
      return try transaction.execute("DELETE FROM decision_outcomes")
    }
    #expect(try await test.system.decisions.replay(decided.id).isIdentical)
  }

  private func older(_ text: String, without keys: Set<String>) throws -> String {
    guard case .object(var object) = try JSONValue(parsing: Array(text.utf8)) else { return text }
    object.members.removeAll { keys.contains($0.key) }
    for index in object.members.indices where object.members[index].key == "note" {
      object.members[index].value = .null
    }
    var json = JSONWriter()
    JSONValue.object(object).write(to: &json)
    return json.string
  }

  @Test("Days that have not come are refused in files and in feedback, with a day of grace for other zones")
  func future() async throws {
    let test = try await TestSystem()
    let header = "ad_id,date,impressions,clicks,spend\n"
    try await test.importText(header + "1,2026-05-29,1,0,0\n", as: .adsCSV)
    let rule = "must not be in the future: it is 2026-05-28 in the account's time zone"
    let error = try await test.refusal(of: header + "1,2026-05-28,1,0,0\n1,2026-05-30,1,0,0\n", as: .adsCSV)
    #expect(error.rows.map(\.line) == [3])
    #expect(error.rows.map(\.rule) == [rule])
    let skipped = try await test.importText(header + "1,2026-05-30,1,0,0\n1,2026-05-28,1,0,0\n", as: .adsCSV) {
      $0.skipsBadRows = true
    }
    #expect(skipped.rows == 1)
    #expect(skipped.rejectedRows == 1)
    try await test.serving { api in
      let answer = try await api.post(
        "/api/ml/battle-hardened/feedback",
        #"{"ad_id": "1", "date": "9999-12-31", "impressions": 1, "clicks": 0, "spend": 0}"#
      ).refusal()
      #expect(answer.status == 422)
      #expect(answer.message == "date is 9999-12-31: \(rule)")
    }
  }
}
