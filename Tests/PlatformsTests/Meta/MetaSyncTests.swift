import Accounts
import App
import AppTestKit
import DecisionEngine
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

/// Figures, campaigns and the past, read from a made-up Meta. The clock stands on 2026-05-28, 20:26 UTC.
@Suite("Meta's figures are read")
struct MetaSyncTests {
  private typealias Figures = FakeGraph.Figures

  private func bench(_ change: (inout FakeGraph.World) throws -> Void = { _ in }) async throws -> MetaBench {
    let bench = try await MetaBench()
    var world = FakeGraph.World()
    // A young ad account has no past that is not restated any more.
    world.setAccount("created_time", "2026-05-01T00:00:00+0000")
    try change(&world)
    bench.graph.change { [world] in $0 = world }
    try await bench.connect()
    return bench
  }

  private let yesterday = CalendarDay("2026-05-27") ?? CalendarDay(daysSinceEpoch: 0)
  private let today = CalendarDay("2026-05-28") ?? CalendarDay(daysSinceEpoch: 0)

  @Test("the days that Meta may restate are read in pages and stored by day; a second sync changes nothing")
  func rolling() async throws {
    let bench = try await bench { world in
      for ad in ["10", "11"] {
        world.addAd(ad)
        for back in 0..<40 { world.figures[ad, default: [:]][today.adding(days: -back)] = Figures() }
      }
      world.pageSize = 7
    }
    let report = try await bench.sync()
    #expect(report.first == today.adding(days: -28))
    #expect(report.rows == 58)
    #expect(report.changed == 58)
    let figures = try await bench.figures()
    #expect(figures.count == 58)
    #expect(figures.last == "11 2026-05-28 1000 40 12.34 0")
    let rows = try await bench.test.dump(leavingOut: ["meta_connections"])
    bench.test.clock.advance(seconds: 900)
    #expect(try await bench.sync().changed == 0)
    #expect(try await bench.test.dump(leavingOut: ["meta_connections"]) == rows)
    let insights = bench.graph.calls.filter { $0.path == "act_123/insights" }
    #expect(insights.allSatisfy { $0.parameters["filtering"]?.contains(#""DELETED","ARCHIVED""#) == true })
  }

  @Test("a restated day replaces itself, and what was known before stays known as of its evening")
  func restated() async throws {
    let bench = try await bench { world in
      world.addAd("10")
      world.figures["10"] = [yesterday: Figures(spend: "10.00")]
    }
    _ = try await bench.sync()
    bench.test.clock.advance(seconds: 86_400)
    bench.graph.change { [yesterday] in $0.figures["10"]?[yesterday]?.spend = "11.00" }
    #expect(
      try await bench.sync().changed == 2, "the restated day, and the day since then on which nothing was delivered")
    #expect(try await bench.test.states()["10"]?.spend == 11)
    #expect(try await bench.test.number("SELECT COUNT(*) AS value FROM restated_days") == 1)
  }

  @Test("a day without a row is nothing where the ad runs, and unknown where it does not")
  func silence() async throws {
    let bench = try await bench { world in
      for ad in ["10", "11", "12"] { world.addAd(ad) }
      world.set("ads", "11", "effective_status", "PAUSED")
      for ad in ["10", "11"] { world.figures[ad] = [yesterday: Figures()] }
    }
    _ = try await bench.sync()
    #expect(
      try await bench.figures().count == 2, "today is not over, and nothing is known of the days before a connection")
    bench.test.clock.advance(seconds: 86_400)
    _ = try await bench.sync()
    #expect(
      try await bench.figures() == [
        "10 2026-05-27 1000 40 12.34 0", "10 2026-05-28 0 0 0.00 0", "11 2026-05-27 1000 40 12.34 0",
        "12 2026-05-28 0 0 0.00 0",
      ])
    // Late figures take the place of nothing.
    bench.graph.change { [today] in $0.figures["12"] = [today: Figures(spend: "3.00")] }
    _ = try await bench.sync()
    #expect(try await bench.figures().last == "12 2026-05-28 1000 40 3.00 0")
  }

  @Test("a row that is gone is set to nothing; where most are gone, the answer is not believed")
  func vanished() async throws {
    let bench = try await bench { world in
      world.addAd("10")
      for back in 1...4 { world.figures["10", default: [:]][today.adding(days: -back)] = Figures() }
    }
    _ = try await bench.sync()
    bench.graph.change { [yesterday] in $0.figures["10"]?[yesterday] = nil }
    _ = try await bench.sync()
    #expect(try await bench.figures().last == "10 2026-05-27 0 0 0.00 0")
    let before = try await bench.figures()
    bench.graph.change { $0.figures = [:] }
    await #expect(throws: ReportTooShort(missing: 3, stored: 3)) { try await bench.sync() }
    #expect(try await bench.figures() == before)
    #expect(try await bench.findings()["sync"]?.text.contains("lacks 3 of 3 days") == true)
  }

  @Test("figures of ads that files brought are left alone")
  func files() async throws {
    let bench = try await bench { $0.addAd("10") }
    try await bench.test.importText(
      "ad_id,date,impressions,clicks,spend\nSpring sale,2026-05-27,10,1,5.00\n", as: .adsCSV)
    _ = try await bench.sync()
    #expect(try await bench.figures() == ["Spring sale 2026-05-27 10 1 5.00 -"])
  }

  @Test("leads and clicks are read as the account says, and overlapping types are never summed")
  func mapping() async throws {
    let actions = ["lead": 7, "offsite_conversion.fb_pixel_lead": 5, "onsite_conversion.lead_grouped": 2]
    let bench = try await bench { world in
      world.addAd("10")
      world.figures["10"] = [yesterday: Figures(actions: actions)]
    }
    _ = try await bench.sync()
    #expect(try await bench.figures() == ["10 2026-05-27 1000 40 12.34 7"])
    try await bench.test.configure(#"{"clicks": "link", "lead_actions": ["offsite_conversion.fb_pixel_lead"]}"#)
    _ = try await bench.sync()
    #expect(try await bench.figures() == ["10 2026-05-27 1000 30 12.34 5"])
  }

  @Test(
    "campaigns, ad sets and ads are kept as read: budgets, learning, schedules, and what became of those that are gone")
  func objects() async throws {
    let bench = try await bench { world in
      for ad in ["10", "11"] { world.addAd(ad) }
      world.set("adsets", "20", "is_budget_schedule_enabled", true)
      world.schedules["20"] = [
        [
          "id": "77", "budget_value": 2, "budget_value_type": "MULTIPLIER", "time_start": 1_780_100_000,
          "time_end": 1_780_200_000,
        ]
      ]
    }
    _ = try await bench.sync()
    let objects = { () async throws -> [String: AdObject] in
      let all = try await bench.test.system.adObjects.all(of: bench.account)
      return Dictionary(uniqueKeysWithValues: all.map { ("\($0.id)", $0) })
    }
    let set = try #require(try await objects()["20"])
    #expect(set.dailyBudget == 5_000)
    #expect(set.campaignID == MetaID("30"))
    #expect(set.learning?.stage == .learning)
    #expect(set.budgetSchedules.map(\.value) == [.multiplier(2)])
    #expect(set.updatedAt == Instant("2026-05-01T18:00:00Z"))
    #expect(try await objects()["10"]?.adSetID == MetaID("20"))
    bench.graph.change { world in
      world.set("ads", "10", "effective_status", "ARCHIVED")
      world.objects["ads"]?["11"] = nil
      world.set("adsets", "20", "daily_budget", "6000")
    }
    bench.test.clock.advance(seconds: 900)
    let report = try await bench.sync()
    #expect(report.objects == 2)
    #expect(
      try await objects().mapValues(\.effectiveStatus)
        == ["10": .archived, "11": .deleted, "20": .active, "30": .active])
    #expect(try await objects()["20"]?.dailyBudget == 6_000)
    let calls = bench.graph.calls.count
    _ = try await bench.sync()
    #expect(
      !bench.graph.calls.dropFirst(calls).contains { $0.path.isEmpty }, "what is gone for good is not asked for again")
  }

  @Test("whether ads run is taken from Meta, those of ad sets that have ended too; a person's word goes before it")
  func delivery() async throws {
    let bench = try await bench { world in
      world.addAd("10")
      world.addAd("11", set: "21")
      world.addAd("12", set: "22")
      world.addAd("13", set: "23")
      world.set("adsets", "21", "end_time", "2026-05-20T00:00:00+0000")
      world.set("adsets", "22", "start_time", "2026-06-20T00:00:00+0000")
      world.set("ads", "13", "effective_status", "CAMPAIGN_PAUSED")
      for ad in ["10", "11", "12", "13"] { world.figures[ad] = [yesterday: Figures()] }
    }
    _ = try await bench.sync()
    let states = { () async throws -> [String: String] in
      let ads = try await bench.test.system.ads.list(of: bench.account)
      return Dictionary(
        uniqueKeysWithValues: ads.map {
          ($0.state.adID.value, "\($0.delivery.state.rawValue) \($0.delivery.sourceName)")
        })
    }
    #expect(
      try await states() == ["10": "active file", "11": "ended file", "12": "paused file", "13": "paused file"])
    let ad = try #require(AdID("10"))
    _ = try await bench.test.system.ads.setDelivery(.paused, of: [ad], account: bench.account, by: .system)
    _ = try await bench.sync()
    #expect(try await states()["10"] == "paused person")
  }

  @Test("what is too much for one answer is read in halves, and a day that is too much as a report")
  func tooMuch() async throws {
    for days in [5, 0] {
      let bench = try await bench { world in
        world.addAd("10")
        for back in 0..<29 { world.figures["10", default: [:]][today.adding(days: -back)] = Figures() }
        world.daysAtOnce = days
      }
      #expect(try await bench.sync().rows == 29)
      #expect(try await bench.figures().count == 29)
      let reports = bench.graph.calls.filter { $0.method == "POST" && $0.path == "act_123/insights" }
      #expect(reports.count == (days == 0 ? 29 : 0))
    }
  }

  @Test("rows that are no figures are left out and told, and then nothing is taken for silence")
  func badRows() async throws {
    let bench = try await bench { world in
      world.addAd("10")
      world.figures["10"] = [yesterday: Figures(), yesterday.adding(days: -1): Figures()]
    }
    _ = try await bench.sync()
    bench.graph.change { [yesterday] world in
      world.figures["10"]?[yesterday] = nil
      world.figures["11"] = [yesterday: Figures(spend: "much")]
    }
    let report = try await bench.sync()
    #expect(report.problems.first?.column == "spend")
    #expect(report.text.contains("rows that cannot be read were left out"))
    #expect(try await bench.figures().count == 2)
  }

  @Test("after a long silence of this program the days since the last sync are read, and 28 before")
  func late() async throws {
    let bench = try await bench { $0.addAd("10") }
    _ = try await bench.sync()
    bench.test.clock.advance(seconds: 50 * 86_400)
    let report = try await bench.sync()
    #expect(report.first == today.adding(days: -28))
    #expect(report.last == today.adding(days: 50))
  }

  @Test("a failure is the job's as its remedy says, and the connection's problem until a sync succeeds")
  func failures() async throws {
    let bench = try await bench { $0.addAd("10") }
    for (code, state) in [(190, JobState.scheduled), (80_004, .scheduled), (368, .scheduled), (10, .dead)] {
      bench.graph.change { $0.faults = [("act_123/ads", FakeGraph.refusal(code))] }
      let pushed = try #require(
        try await bench.test.system.jobs.push([SyncMetaInsights(accountID: bench.account)]).first)
      try await bench.test.workOffJobs()
      let job = try #require(try await bench.test.system.jobs.job(pushed.id, of: bench.account))
      #expect([state, .available].contains(job.state), "\(code): \(job.state)")
      #expect(try await bench.findings()["sync"]?.text.contains("code \(code)") == true)
      // Limits and refused tokens have the account's jobs wait.
      bench.test.clock.advance(seconds: 7 * 3_600)
      try await bench.test.workOffJobs()
      if code != 10 { #expect(try await bench.findings()["sync"] == nil) }
    }
  }
}
