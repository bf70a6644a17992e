import DecisionEngine
import Testing
import Values

/// What the lag-aware policy makes of what is known.
struct LagAwareSamplerTests {
  private static let days = 40
  private static let now = Instant(startOf: LagAwareWorld.firstDay.adding(days: days))
  private static let chances = [0.05, 0.15, 0.25, 0.40]
  private static let ads = chances.indices.compactMap { AdID("ad\($0)") }

  private static func select(
    _ tallies: FunnelTallies, ads: [AdID] = ads, current: [AdID: Double] = [:], total: Int64 = 40_000,
    seed: UInt64 = 1, _ change: (inout LagAwareConfiguration) -> Void = { _ in }
  ) throws -> LagAwareSelection {
    var configuration = LagAwareConfiguration()
    change(&configuration)
    return try LagAwareSampler(configuration: configuration)
      .select(ads, tallies, currentBudgets: current, now: now, totalBudget: total, seed: seed)
  }

  @Test("Better ads get more, and the budgets sum to the total", arguments: UInt64(1)...5)
  func ranks(_ seed: UInt64) throws {
    let tallies = try LagAwareWorld.history(Self.chances, days: Self.days, seed: seed).tallies
    let selection = try Self.select(tallies, seed: seed)
    let budgets = selection.recommendations.map(\.recommendedBudget)
    #expect(budgets.reduce(0, +) == 40_000)
    #expect(budgets[3] > budgets[0])
    #expect(selection.recommendations[3].outlook.averageReturn > selection.recommendations[0].outlook.averageReturn)
    #expect(selection.shortfall == nil)
  }

  @Test("The same arguments give the same figures to the bit; another seed gives others")
  func repeats() throws {
    let tallies = try LagAwareWorld.history(Self.chances, days: Self.days, seed: 1).tallies
    let (one, two) = (try Self.select(tallies), try Self.select(tallies))
    #expect(one.recommendations.map(\.outlook) == two.recommendations.map(\.outlook))
    #expect(one.recommendations.map(\.wantedBudget) == two.recommendations.map(\.wantedBudget))
    #expect(
      try Self.select(tallies, seed: 2).recommendations.map(\.wantedBudget) != one.recommendations.map(\.wantedBudget))
  }

  @Test("Budgets stay within the change limit, and new ads are not held", arguments: UInt64(1)...10)
  func limits(_ seed: UInt64) throws {
    let tallies = try LagAwareWorld.history(Self.chances, days: Self.days, seed: seed).tallies
    var current = Self.ads.reduce(into: [AdID: Double]()) { $0[$1] = 10_000 }
    let held = try Self.select(tallies, current: current, seed: seed)
    #expect(held.recommendations.allSatisfy { (5_000...15_000).contains($0.recommendedBudget) })
    #expect(held.allocatedBudget == 40_000)
    current[Self.ads[3]] = nil
    let newAd = try Self.select(tallies, current: current, seed: seed)
    #expect(newAd.allocatedBudget == 40_000)
    #expect(newAd.recommendations[3].bounds.upper == 40_000)
    let tight = try Self.select(tallies, current: current.mapValues { $0 / 100 }, total: 400, seed: seed) {
      $0.maxDailyChange = 0.5
    }
    #expect(tight.recommendations.allSatisfy { $0.recommendedBudget >= 100 })
  }

  @Test("A deal that waits is not a lost one: young leads do not make an ad look worse")
  func waitingDeals() throws {
    var history = try LagAwareWorld.history([0.25, 0.25], days: Self.days, seed: 3)
    let (adID, other) = (Self.ads[0], Self.ads[1])
    let before = try Self.select(history.tallies, ads: [adID, other]).recommendations[0].outlook.averageReturn
    for number in 0..<60 {
      history.take(
        DealEvent(
          dealID: "fresh\(number)", adID: adID, move: .entered(0), occurredAt: Self.now.adding(seconds: -3_600),
          amount: nil))
    }
    let after = try Self.select(history.tallies, ads: [adID, other]).recommendations[0].outlook
    #expect(after.known.waitingDeals > 60)
    #expect(abs(after.averageReturn / before - 1) < 0.15)
  }

  @Test("An ad that nothing is known of is worth about what the account's ads are")
  func newAd() throws {
    let tallies = try LagAwareWorld.history([0.2, 0.25, 0.3], days: Self.days, seed: 5).tallies
    let new = try #require(AdID("new"))
    let selection = try Self.select(tallies, ads: Self.ads.prefix(3) + [new], total: 40_000)
    let returns = selection.recommendations.map { $0.outlook.averageReturn }
    #expect(returns[3] > returns[0] / 3 && returns[3] < returns[2] * 3)
    #expect(selection.recommendations[3].outlook.uncertainty > selection.recommendations[0].outlook.uncertainty)
  }

  @Test("What is learned of the stages holds the truth within its range", arguments: [true, false])
  func learns(_ marksLosses: Bool) throws {
    let history = try LagAwareWorld.history(
      Array(repeating: 0.3, count: 12), days: 60, seed: 8, marksLosses: marksLosses)
    let now = Instant(startOf: LagAwareWorld.firstDay.adding(days: 60))
    let funnel = LearnedFunnel(history.tallies, now: now)
    let success = funnel.stages.compactMap(\.success)
    #expect(success.count == 3)
    for (estimate, truth) in zip(success, [0.3, 0.6, 0.25]) {
      #expect(estimate.low < truth * 1.05 && estimate.high > truth * 0.95)
      #expect(abs(estimate.value / truth - 1) < 0.25)
    }
    let median = try #require(funnel.stages[0].medianDays)
    #expect((1.8...4.2).contains(median))
    #expect(abs(funnel.stages[3].value.value / 3_000 - 1) < 0.25)
  }

  @Test("Configured stage values win where the user says so")
  func configuredValues() throws {
    let tallies = try LagAwareWorld.history([0.5, 0.5], days: Self.days, seed: 9).tallies
    let ads = Array(Self.ads.prefix(2))
    let configured = try #require(Self.select(tallies, ads: ads) { $0.trustsStageValues = true }.funnel)
    let learned = try #require(Self.select(tallies, ads: ads).funnel)
    #expect(abs(try #require(configured.stages[0].success).value - 0.25) < 0.02)
    #expect(try #require(learned.stages[0].success).value > 0.35)
  }

  @Test("What cannot be split is refused")
  func refusals() throws {
    let tallies = try LagAwareWorld.history([0.2], days: 5, seed: 1).tallies
    #expect(throws: SelectionError.noAds) { try Self.select(tallies, ads: []) }
    #expect(throws: SelectionError.duplicateAd(Self.ads[0])) {
      try Self.select(tallies, ads: [Self.ads[0], Self.ads[0]])
    }
    #expect(throws: SelectionError.totalOutOfRange(0)) { try Self.select(tallies, total: 0) }
    #expect(throws: SelectionError.minimumBudgetsExceedTotal(required: 400, total: 399)) {
      try Self.select(tallies, total: 399)
    }
  }

  @Test("Nothing known at all gives an even split")
  func nothingKnown() throws {
    let selection = try Self.select(FunnelTallies(funnel: LagAwareWorld.funnel()))
    let budgets = selection.recommendations.map(\.recommendedBudget)
    #expect(budgets.reduce(0, +) == 40_000)
    #expect(budgets.allSatisfy { (5_000...20_000).contains($0) })
  }
}
