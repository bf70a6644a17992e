import Accounts
import App
import AppTestKit
import Decisions
import Execution
import Jobs
import Measurement
import Storage
import TestKit
import Testing
import Values

@testable import Platforms

@Suite("Remedies of wear")
struct FatigueRemedyTests {
  /// Four weeks of figures: ad 21 is well, the clicks of 22 fall, and on the last day 23 costs twice as much.
  private func figures(in bench: ExecutionBench) async throws {
    var text = "ad_id,date,impressions,clicks,spend\n"
    for index in 0..<28 {
      let day = CalendarDay(daysSinceEpoch: 20_573 + index)
      text += "21,\(day),\(10_000 + 700 * (index * 5 % 7)),\(200 + 9 * (index * 5 % 7)),95\n"
      text += "22,\(day),9000,\(300 - 9 * index),48\n"
      text += "23,\(day),9500,\(120 + index % 3),\(index == 27 ? 150 : 75)\n"
    }
    try await bench.test.importText(text, as: .adsCSV)
  }

  private func bench(_ mode: String = "approve") async throws -> ExecutionBench {
    let bench = try await ExecutionBench(mode: mode)
    try await figures(in: bench)
    return bench
  }

  @Test("A warning takes a fifth of what the ad spends off its budget, critical wear pauses the ad; both say why")
  func proposes() async throws {
    let bench = try await bench()
    let report = try await bench.monitor()
    #expect(report.hasPrefix("3 ads, "))
    #expect(report.contains("22 FATIGUING"))
    #expect(report.contains("23 AUDIENCE_EXHAUSTED"))
    #expect(report.contains("1 pauses, 1 smaller budgets, 0 reactivations proposed, 0 refused"))
    let changes = try await bench.listed(.proposed)
    #expect(changes.map { "\($0.kind) \($0.object)" } == ["pause 23", "set_budget 12"])
    #expect(changes.allSatisfy { $0.origin == .fatigue && $0.decisionID == nil })
    #expect(
      changes[0].reason
        == "ad 23 wears out (critical): a thousand impressions cost 100.0 % more than three days ago, which its ups and "
        + "downs of 28 days explain with a chance of 0.00 %")
    #expect(changes[1].reason.hasPrefix("ad 22 wears out (warning): "))
    #expect(changes[1].reason.contains("CTR went from "))
    #expect(changes[1].reason.contains(" in 28 days (28 with delivery, 4998 clicks); of ads whose CTR stays"))
    #expect(changes[1].reason.hasSuffix("its daily budget goes from 50.00 to 40.40"))
    #expect(changes[1].ads == ["22"])
    #expect(bench.graph.writes.isEmpty)
  }

  @Test("What is approved is written; what was seen to is left alone for a week")
  func applied() async throws {
    let bench = try await bench()
    _ = try await bench.monitor()
    for change in try await bench.listed(.proposed) {
      try await bench.changes.approve(change.id, of: bench.account, by: .commandLine(user: "ada"))
    }
    try await bench.run()
    #expect(bench.graph.status("23") == "PAUSED")
    #expect(bench.graph.daily("12") == 4_040)
    bench.test.clock.advance(seconds: 86_400)
    #expect(
      try await bench.monitor().hasSuffix(
        "nothing to propose; 1 left alone, because a remedy was applied or rejected within 7 days"))
    bench.test.clock.advance(seconds: 7 * 86_400)
    let days = (0..<8).map { "22,\(CalendarDay(daysSinceEpoch: 20_601 + $0)),9000,\(52 - 5 * $0),48\n" }.joined()
    try await bench.test.importText("ad_id,date,impressions,clicks,spend\n" + days, as: .adsCSV)
    _ = try await bench.monitor()
    #expect(try await bench.listed(.proposed).map { "\($0.kind) \($0.object)" } == ["set_budget 12"])
  }

  @Test("A newer look takes the place of proposals that nobody has approved; what a person rejected is not asked again")
  func again() async throws {
    let bench = try await bench()
    _ = try await bench.monitor()
    let first = try await bench.listed(.proposed)
    _ = try await bench.monitor()
    let second = try await bench.listed(.proposed)
    #expect(second.map(\.object) == first.map(\.object))
    #expect(Set(second.map(\.id)).isDisjoint(with: first.map(\.id)))
    #expect(try await bench.listed(.expired).count == 2)
    for change in second {
      try await bench.changes.reject(change.id, of: bench.account, by: .commandLine(user: "ada"), reason: nil)
    }
    #expect(try await bench.monitor().contains("nothing to propose; 2 left alone"))
    // A day later the price is what it was: nothing is wanted of ad 23, and its rejected pause is history.
    bench.test.clock.advance(seconds: 8 * 86_400)
    try await bench.test.importText(
      "ad_id,date,impressions,clicks,spend\n21,2026-06-03,12000,230,95\n22,2026-06-03,9000,50,48\n"
        + "23,2026-06-03,9500,121,75\n", as: .adsCSV)
    _ = try await bench.monitor()
    #expect(try await bench.listed(.proposed).allSatisfy { $0.object.value != "23" })
  }

  @Test("In observe everything is proposed and nothing is written; in automatic the limits decide")
  func modes() async throws {
    let observing = try await bench("observe")
    _ = try await observing.monitor()
    #expect(try await observing.listed(.proposed).count == 2)
    try await observing.run()
    #expect(observing.graph.writes.isEmpty)
    let automatic = try await bench("automatic")
    try await automatic.set(#"{"max_ads_paused": 0.1}"#)
    _ = try await automatic.monitor()
    try await automatic.run()
    // No ad of three may be paused today: the pause waits for tomorrow.
    #expect(automatic.graph.status("23") == "ACTIVE")
    #expect(automatic.graph.daily("12") == 4_040)
    #expect(try await automatic.listed(.approved).map(\.object.value) == ["23"])
  }

  @Test("Without an ad account that may be changed, the wear is reported and nothing is proposed")
  func noAccess() async throws {
    let bench = try await bench()
    let job = MonitorFatigue(accountID: bench.account)
    let id = try #require(try await bench.test.system.jobs.push([job]).first).id
    try await bench.test.workOffJobs()
    let report = try #require(try await bench.test.system.jobs.job(id, of: bench.account)?.report)
    #expect(report.hasPrefix("3 ads, "))
    #expect(report.hasSuffix("nothing is proposed: no ad account is connected"))
    bench.graph.setCurrency("EUR")
    #expect(try await bench.monitor().contains("nothing is proposed: the ad account is billed in EUR"))
    bench.graph.setCurrency("USD")
    bench.test.clock.advance(seconds: 20 * 86_400)
    #expect(try await bench.monitor().contains("nothing is proposed: the figures"))
    #expect(try await bench.listed(.proposed).isEmpty)
  }

  @Test("An ad that is switched off at the platform is not touched, and one whose id is a name is refused")
  func otherAds() async throws {
    let bench = try await bench()
    bench.graph.editByHand("23") { $0.status = "PAUSED" }
    bench.graph.editByHand("12") { $0.status = "PAUSED" }
    var text = "ad_id,date,impressions,clicks,spend\n"
    for index in 0..<28 {
      text += "a name,\(CalendarDay(daysSinceEpoch: 20_573 + index)),9000,\(300 - 9 * index),48\n"
    }
    try await bench.test.importText(text, as: .adsCSV)
    #expect(try await bench.monitor().contains("0 pauses, 0 smaller budgets, 0 reactivations proposed, 1 refused"))
  }
}

extension ExecutionBench {
  var remedies: FatigueRemedyService {
    FatigueRemedyService(
      database: test.system.database, clock: { [clock = test.clock] in clock.now() }, accounts: test.system.accounts,
      ads: test.system.ads, fatigue: test.system.fatigue, proposals: proposals, live: live)
  }

  /// What the job that watches over wear reports.
  func monitor() async throws -> String {
    let queue = MemoryJobQueue(clock: { [clock = test.clock] in clock.now() })
    var registry = JobRegistry()
    registry.register(MonitorFatigue.self, remedies.monitor)
    let id = try #require(try await queue.push([MonitorFatigue(accountID: account)]).first).id
    try await Worker(
      queue: queue, registry: registry, queues: [MonitorFatigue.queue: 1], workerID: "test",
      clock: { [clock = test.clock] in clock.now() }
    ).workOff()
    return try #require(try await queue.job(id, of: account)?.report)
  }

  /// The changes in a state, in the order in which they are applied.
  func listed(_ state: ChangeState) async throws -> [PendingAdChange] {
    var filter = AdChangeFilter()
    filter.state = state
    return try await changes.list(filter, of: account).items.sorted { ($0.rank, $0.id) < ($1.rank, $1.id) }
  }
}

extension PendingAdChange {
  fileprivate var kind: String { action.kind.rawValue }
}
