import TestKit
import Testing
import Values

@testable import DecisionEngine
@testable import Simulator

@Suite struct SimulationRunTests {
  private static let worlds: [WorldName] = [.base, .clickbait, .smallBudget, .restated, .underdelivery]

  private func entries(
    _ policy: PolicyName, _ world: WorldName, seed: UInt64, days: Int = 20
  ) throws -> [DayLog.Entry] {
    try SimulatorTests.entries(
      policy, in: SimulatedWorld(shortWorld(world, days: days), seed: seed), rules: BudgetRules(seed: seed))
  }

  @Test(arguments: PolicyName.allCases)
  func budgetsSumToTheTotalWithinTheLimits(policy: PolicyName) throws {
    for world in Self.worlds {
      for seed: UInt64 in 1...2 {
        var former: [AdID: Int64] = [:]
        for entry in try entries(policy, world, seed: seed) {
          #expect(Set(entry.budgets.keys) == Set(entry.day.ads.map(\.adID)))
          #expect(entry.budgets.values.reduce(0, +) == entry.day.totalBudget)
          #expect(entry.budgets.values.allSatisfy { $0 >= 100 })
          for (ad, budget) in entry.budgets {
            guard let before = former[ad] else { continue }
            #expect(Double(budget) <= Double(before) * 1.5, "\(policy) \(world) \(seed) \(ad)")
            #expect(Double(budget) >= Double(before) * 0.5, "\(policy) \(world) \(seed) \(ad)")
          }
          former = entry.budgets
        }
      }
    }
  }

  @Test(arguments: PolicyName.allCases)
  func aDayThatCannotBeSplitIsRefused(policy: PolicyName) throws {
    let world = try SimulatedWorld(WorldParameters(), seed: 1)
    var fresh = policy.make(funnel: world.funnel, rules: BudgetRules(seed: 1))
    let now = SimulatedWorld.start(of: 0)
    let ads = try ["a", "b"].map { AdListing(adID: try #require(AdID($0)), launchedAt: now, isActive: true) }
    #expect(throws: SelectionError.noAds) {
      try fresh.budgets(on: PolicyDay(now: now, totalBudget: 1_000, ads: [], metrics: [], deals: []))
    }
    #expect(throws: SelectionError.totalOutOfRange(0)) {
      try fresh.budgets(on: PolicyDay(now: now, totalBudget: 0, ads: ads, metrics: [], deals: []))
    }
    #expect(throws: SelectionError.duplicateAd(ads[0].adID)) {
      try fresh.budgets(on: PolicyDay(now: now, totalBudget: 1_000, ads: ads + ads, metrics: [], deals: []))
    }
    #expect(throws: SelectionError.minimumBudgetsExceedTotal(required: 200, total: 199)) {
      try fresh.budgets(on: PolicyDay(now: now, totalBudget: 199, ads: ads, metrics: [], deals: []))
    }
  }

  @Test(arguments: [WorldName.base, .noLostMarks, .shortLag])
  func everyDealsEventsAreConsistent(name: WorldName) throws {
    let world = try SimulatedWorld(shortWorld(name, days: 60), seed: 4)
    let log = try SimulatorTests.entries(.evenSplit, in: world, rules: BudgetRules(seed: 4))
    var deals: [String: [DealEvent]] = [:]
    for entry in log {
      for event in entry.day.deals {
        #expect(event.occurredAt < entry.day.now, "nobody knows the future")
        #expect(entry.day.now.hours(since: event.occurredAt) <= 24, "nor learns late")
        deals[event.dealID, default: []].append(event)
      }
    }
    let leads = log.flatMap(\.day.metrics).reduce(0) { $0 + ($1.leads ?? 0) }
    #expect(deals.count == leads)
    for events in deals.values { check(events, stepCount: world.funnel.stepCount) }
    let all = deals.values.flatMap { $0 }
    #expect(all.contains { $0.move == .entered(world.funnel.stepCount) })
    #expect(all.contains { $0.move == .lost } == (name != .noLostMarks))
    #expect(Set(deals.values.map { $0[0].adID == nil }).count == 2)
  }

  /// A deal goes stage by stage, of one ad, has an amount when it is won, and ends once.
  private func check(_ events: [DealEvent], stepCount: Int) {
    #expect(Set(events.map(\.adID)).count == 1)
    #expect(zip(events, events.dropFirst()).allSatisfy { $0.occurredAt <= $1.occurredAt })
    for (position, event) in events.enumerated() {
      if event.move == .lost {
        #expect(position == events.count - 1 && position > 0)
      } else {
        #expect(event.move == .entered(position))
      }
      let isWon = event.move == .entered(stepCount)
      #expect((event.amount != nil) == isWon)
      if let amount = event.amount { #expect(amount > 0) }
    }
  }

  @Test func restatedDaysEndWhereTheyWouldHaveBegun() throws {
    let plain = try lastReports(.base)
    let restated = try lastReports(.restated)
    #expect(plain.count > 50)
    // The last three days are not yet restated in full.
    let end = SimulatedWorld.firstDay.adding(days: 12)
    for (key, report) in plain where key.day < end { #expect(restated[key] == report) }
    let first = try #require(try entries(.evenSplit, .restated, seed: 2)[1].day.metrics.first)
    let final = try #require(plain[ReportKey(adID: first.adID, day: first.day)])
    #expect(agrees(first.spend, final.spend * 0.8, within: 0.001))
  }

  private struct ReportKey: Hashable {
    let adID: AdID
    let day: CalendarDay
  }

  /// The latest report of each day of an ad, when the budget is split evenly.
  private func lastReports(_ world: WorldName) throws -> [ReportKey: AdDay] {
    var reports: [ReportKey: AdDay] = [:]
    for report in try entries(.evenSplit, world, seed: 2).flatMap(\.day.metrics) {
      reports[ReportKey(adID: report.adID, day: report.day)] = report
    }
    return reports
  }

  @Test func aPlatformThatUnderdeliversSpendsLess() throws {
    let reports = try entries(.evenSplit, .underdelivery, seed: 2).flatMap(\.day.metrics)
    let full = try entries(.evenSplit, .base, seed: 2).flatMap(\.day.metrics)
    let share = reports.reduce(0) { $0 + $1.spend } / full.reduce(0) { $0 + $1.spend }
    #expect(abs(share - 0.75) < 0.05)
  }
}
