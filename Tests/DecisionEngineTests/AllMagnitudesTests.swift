import Testing
import Values

@testable import DecisionEngine

/// Figures of every magnitude that a number can have: nothing stops the program, and sums and bounds hold.
@Suite struct AllMagnitudesTests {
  @Test(arguments: UInt64(0)..<40)
  func splitsSumToTheTotalWithinTheirBounds(seed: UInt64) {
    var random = RandomStream(seed: seed, name: "splits")
    for _ in 0..<60 {
      let count = Int.random(in: 1...30, using: &random)
      let total = Int64.random(in: Int64(count)...random.pick([1_000, 1_000_000, 100_000_000_000]), using: &random)
      let limit = random.pick([nil, 0, .leastNonzeroMagnitude, 0.5, 1, 10, 1e300])
      let bounds = (0..<count).map { _ in
        BudgetBounds(current: random.anyAmount(), minimum: 1, total: total, maximumChange: limit)
      }
      let shares = (0..<count).map { _ in random.pick([random.anyAmount(), .infinity, .nan, -1]) }
      let first = (0..<count).map { _ in random.pick([true, false]) }
      let allocation = BudgetAllocation(total: total, shares: shares, bounds: bounds, giveWayFirst: first)
      let old = BudgetAllocation(total: total, shares: shares, bounds: bounds, version: .one)
      let least = bounds.reduce(into: Int128(0)) { $0 += Int128($1.lower) }
      let most = bounds.reduce(into: Int128(0)) { $0 += Int128($1.upper) }
      let sum = allocation.amounts.reduce(into: Int128(0)) { $0 += Int128($1) }
      #expect(bounds.allSatisfy { $0.lower >= 1 && $0.upper >= $0.lower })
      #expect(zip(allocation.amounts, bounds).allSatisfy { $0 >= $1.minimum && $0 <= $1.upper })
      #expect(least > total || zip(allocation.amounts, bounds).allSatisfy { $0 >= $1.lower })
      #expect(sum == min(Int128(total), most))
      #expect((allocation.shortfall == nil) == (sum == Int128(total)))
      #expect(zip(old.amounts, bounds).allSatisfy { $0 >= $1.lower && $0 <= $1.upper })
      #expect(old.amounts.reduce(into: Int128(0)) { $0 += Int128($1) } == min(max(Int128(total), least), most))
      #expect(least > total || old == allocation)
    }
  }

  @Test(arguments: UInt64(0)..<20)
  func fillingsKeepToTheirBounds(seed: UInt64) {
    var random = RandomStream(seed: seed, name: "fillings")
    for _ in 0..<100 {
      let count = Int.random(in: 1...20, using: &random)
      func amounts() -> [Double] { (0..<count).map { _ in random.anyAmount() } }
      let (values, scales, lower) = (amounts(), amounts(), amounts())
      let upper = zip(lower, amounts()).map { max($0, $1) }
      let filling = WaterFilling(
        total: random.anyAmount(), values: values + [.nan, .infinity], scales: scales + [.infinity, .nan],
        lower: lower + [0, 1], upper: upper + [1, 2])
      for (index, budget) in filling.budgets.dropLast(2).enumerated() {
        #expect(budget >= lower[index] && budget <= upper[index])
      }
      #expect(filling.budgets.allSatisfy { $0.isFinite })
    }
  }

  private static func ads(_ random: inout RandomStream) throws -> [AdState] {
    try (0..<Int.random(in: 1...12, using: &random)).map { index in
      let impressions = random.pick([0, 1, 1_000, 1_000_000_000_000, .max])
      return try makeAd(
        "ad\(index)", impressions: impressions, clicks: random.pick([0, impressions / 3, impressions]),
        spend: random.anyAmount(), pipeline: random.anyAmount(), cash: random.anyAmount(), hours: random.anyAmount(),
        budget: random.pick([nil, random.anyAmount()]))
    }
  }

  @Test(arguments: UInt64(0)..<40)
  func battleHardenedDecidesOnAnyFigures(seed: UInt64) throws {
    var random = RandomStream(seed: seed, name: "battle_hardened")
    for _ in 0..<25 {
      let ads = try Self.ads(&random)
      let total = Int64.random(in: 1_200...100_000_000_000, using: &random)
      let limit = random.pick([nil, 0.5, 10])
      let selection = try BattleHardenedSampler(configuration: SamplerConfiguration(maxDailyChange: limit))
        .select(from: ads, totalBudget: total, seed: random.next())
      for item in selection.recommendations {
        let figures = [
          item.score.ctr, item.score.pipelineROAS, item.score.finalScore, item.score.confidence, item.share,
          item.wantedBudget, item.judgement.roas, item.ad.cashROAS, (item.change ?? 0) * 100,
        ]
        #expect(figures.allSatisfy { $0.isFinite })
        #expect(item.recommendedBudget >= 100)
      }
      #expect(selection.allocatedBudget <= total)
    }
  }

  @Test(arguments: UInt64(0)..<40)
  func lagAwareDecidesOnAnyTotals(seed: UInt64) throws {
    var random = RandomStream(seed: seed, name: "lag_aware")
    for _ in 0..<10 {
      let ads = try Self.ads(&random)
      let total = Int64.random(in: 1_200...100_000_000_000, using: &random)
      let selection = try LagAwareSampler(
        configuration: LagAwareConfiguration(maxDailyChange: random.pick([nil, 0.5, 10]))
      ).select(
        fromTotals: ads, saleValue: random.pick([1e-6, 3_000, 1e9]), totalBudget: total, seed: random.next())
      Self.expectSound(selection)
    }
  }

  @Test(arguments: UInt64(0)..<30)
  func lagAwareDecidesOnAnyHistory(seed: UInt64) throws {
    var random = RandomStream(seed: seed, name: "history")
    let names = ["lead", "show", "won"].map { name in
      SalesFunnel.Stage(name: name, value: random.anyAmount())
    }
    var history = FunnelHistory(funnel: try #require(SalesFunnel(names)))
    let ads = try (0..<5).map { try #require(AdID("ad\($0)")) }
    for day in 0..<8 {
      for adID in ads {
        let impressions = random.pick([0, 30, 1_000, 1_000_000_000_000])
        history.take(
          AdDay(
            adID: adID, day: CalendarDay(daysSinceEpoch: 20_000 + day), spend: random.anyAmount(),
            impressions: impressions, clicks: random.pick([0, impressions / 2, impressions]),
            leads: random.pick([nil, 0, 1_000_000_000_000])))
        history.take(
          DealEvent(
            dealID: "deal\(day)\(adID)", adID: random.pick([nil, adID]),
            move: random.pick([.lost, .entered(0), .entered(1), .entered(2)]),
            occurredAt: Instant(microseconds: Int64.random(in: 0...1_800_000_000_000_000, using: &random)),
            amount: random.pick([nil, random.anyAmount()])))
      }
    }
    let selection = try LagAwareSampler(configuration: LagAwareConfiguration()).select(
      ads, history.tallies, currentBudgets: [ads[0]: random.anyAmount(), ads[1]: random.anyAmount()],
      now: Instant(startOf: CalendarDay(daysSinceEpoch: 20_010)), totalBudget: 50_000, seed: seed)
    Self.expectSound(selection)
  }

  private static func expectSound(_ selection: LagAwareSelection) {
    #expect(selection.allocatedBudget <= selection.totalBudget)
    for item in selection.recommendations {
      let outlook = item.outlook
      let figures = [
        outlook.marginalReturn, outlook.marginalLow, outlook.marginalHigh, outlook.averageReturn, outlook.averageHigh,
        outlook.saturation, outlook.uncertainty, item.wantedBudget, item.worthyChance, (item.change ?? 0) * 100,
      ]
      #expect(figures.allSatisfy { $0.isFinite }, "\(item)")
      #expect(item.recommendedBudget >= 100)
      #expect(item.bounds.upper >= item.bounds.lower)
    }
  }
}

extension RandomStream {
  /// A finite number of 0 or more, of any magnitude.
  fileprivate mutating func anyAmount() -> Double {
    pick([
      0, .leastNonzeroMagnitude, .leastNormalMagnitude, .leastNormalMagnitude / 3, 1e-300, 1e-6, 0.01, 100, 1e9, 1e12,
      1e300, .greatestFiniteMagnitude,
      logUniform(1e-300, 1e300), logUniform(1e-3, 1e6), logUniform(1e-3, 1e6),
    ])
  }
}
