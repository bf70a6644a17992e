import DecisionEngine
import Testing

@Suite struct BudgetAllocationTests {
  private static func free(_ count: Int, total: Int64) -> [BudgetBounds] {
    Array(repeating: BudgetBounds(current: 0, minimum: 1, total: total, maximumChange: nil), count: count)
  }

  @Test(
    arguments: [
      ([1], 7, [7]), ([1, 1], 100, [50, 50]), ([1, 1], 101, [51, 50]), ([1, 1, 1], 100, [34, 33, 33]),
      ([1, 1, 1], 101, [34, 34, 33]), ([1, 3], 100, [25, 75]), ([0.7, 0.2, 0.1], 10, [7, 2, 1]),
      ([1, 2, 4], 100, [14, 29, 57]), ([1, 1, 1], 3, [1, 1, 1]), ([1_000, 1, 1], 12, [10, 1, 1]),
      ([1e-9, 2e-9], 30, [10, 20]), ([1e9, 2e9], 30, [10, 20]),
    ] as [([Double], Int64, [Int64])])
  func splitsByShare(shares: [Double], total: Int64, amounts: [Int64]) {
    let allocation = BudgetAllocation(total: total, shares: shares, bounds: Self.free(shares.count, total: total))
    #expect(allocation.amounts == amounts)
    #expect(allocation.shortfall == nil)
  }

  /// Two ads at 100 each with a limit of ±50 %, by total; a third of the share is the first's.
  @Test(
    arguments: [
      (2, [1, 1], nil), (50, [17, 33], nil), (99, [49, 50], nil), (100, [50, 50], nil), (101, [50, 51], nil),
      (150, [50, 100], nil),
      (165, [55, 110], nil), (225, [75, 150], nil), (226, [76, 150], nil), (299, [149, 150], nil),
      (300, [150, 150], nil),
      (301, [150, 150], .maximumDailyIncrease),
    ] as [(Int64, [Int64], BindingConstraint?)])
  func boundsHoldTheSplit(total: Int64, amounts: [Int64], shortfall: BindingConstraint?) {
    let bounds = BudgetBounds(current: 100, minimum: 1, total: total, maximumChange: 0.5)
    let allocation = BudgetAllocation(total: total, shares: [1, 2], bounds: [bounds, bounds])
    #expect(allocation.amounts == amounts)
    #expect(allocation.shortfall == shortfall)
  }

  /// The reference caps after the split and loses the rest; here the others take it.
  @Test func whatACapCutsOffGoesToTheOthers() {
    let capped = BudgetBounds(current: 100, minimum: 1, total: 1_000, maximumChange: 0.5)
    let free = BudgetBounds(current: 0, minimum: 1, total: 1_000, maximumChange: nil)
    let allocation = BudgetAllocation(total: 1_000, shares: [2, 1, 1], bounds: [capped, free, free])
    #expect(allocation.amounts == [150, 425, 425])
    #expect(allocation.shortfall == nil)
  }

  @Test func manyHugeLowerBoundsDoNotOverflow() {
    let bounds = BudgetBounds(current: 1e300, minimum: 1, total: 100, maximumChange: 0.5)
    let allocation = BudgetAllocation(total: 100, shares: [1, 1, 1], bounds: [bounds, bounds, bounds])
    #expect(allocation.amounts == [34, 33, 33])
    #expect(allocation.shortfall == nil)
    let old = BudgetAllocation(total: 100, shares: [1, 1, 1], bounds: [bounds, bounds, bounds], version: .one)
    #expect(old.shortfall == .maximumDailyDecrease)
    #expect(old.amounts == Array(repeating: bounds.lower, count: 3))
  }

  /// Three ads at 400, 200 and 100 with a limit of ±50 %, so at least 200, 100 and 50, and a minimum of 10: who gives
  /// way as the total shrinks, where the first one is judged `kill` and the shares are 2, 1 and 1.
  @Test(
    arguments: [
      (350, [200, 100, 50], []), (340, [190, 100, 50], [0]), (161, [11, 100, 50], [0]), (160, [10, 100, 50], [0]),
      // The second one's share of 150 is 37.5: it shrinks anyway. The third one's is 37.5 too.
      (150, [10, 92, 48], [0, 1, 2]), (85, [10, 45, 30], [0, 1, 2]), (30, [10, 10, 10], [0, 1, 2]),
    ] as [(Int64, [Int64], [Int])])
  func lowerBoundsGiveWayToTheTotal(total: Int64, amounts: [Int64], pressed: [Int]) {
    let bounds = [400, 200, 100].map { BudgetBounds(current: $0, minimum: 10, total: total, maximumChange: 0.5) }
    let allocation = BudgetAllocation(
      total: total, shares: [2, 1, 1], bounds: bounds, giveWayFirst: [true, false, false])
    #expect(allocation.amounts == amounts)
    #expect(allocation.shortfall == nil)
    #expect(allocation.holds.indices.filter { allocation.holds[$0] == .totalBudget } == pressed)
  }

  /// Without an ad that is to give way first, the one that shrinks anyway does so as far as its share.
  @Test func whoShrinksAnywayGivesWayBeforeOthers() {
    let bounds = [400, 200].map { BudgetBounds(current: $0, minimum: 10, total: 290, maximumChange: 0.5) }
    #expect(BudgetAllocation(total: 290, shares: [1, 1], bounds: bounds).amounts == [190, 100])
    #expect(BudgetAllocation(total: 290, shares: [1, 9], bounds: bounds).amounts == [190, 100])
    #expect(BudgetAllocation(total: 290, shares: [9, 1], bounds: bounds).amounts == [200, 90])
  }

  /// Where minimum budgets keep shares from being met, all give way in proportion to what they hold over the minimum.
  @Test func minimumBudgetsOutrankTheTotalAndNothingElseDoes() {
    let bounds = [400, 200, 20].map { BudgetBounds(current: $0, minimum: 50, total: 200, maximumChange: 0.5) }
    let allocation = BudgetAllocation(total: 200, shares: [6, 3, 0], bounds: bounds)
    #expect(allocation.amounts.reduce(0, +) == 200)
    #expect(allocation.amounts.allSatisfy { $0 >= 50 })
    #expect(allocation.holds == [.totalBudget, .totalBudget, .minimumBudget])
    let impossible = BudgetAllocation(total: 140, shares: [6, 3, 1], bounds: bounds)
    #expect(impossible.amounts == [50, 50, 50])
    #expect(impossible.shortfall == .minimumBudget)
  }

  @Test func namesTheBoundThatHolds() throws {
    let held = BudgetBounds(current: 100, minimum: 100, total: 1_000, maximumChange: 1)
    let free = BudgetBounds(current: 0, minimum: 1, total: 1_000, maximumChange: nil)
    try #require(held.lower == 100 && held.upper == 200)
    let split = { (shares: [Double]) in BudgetAllocation(total: 1_000, shares: shares, bounds: [held, free]) }
    #expect(split([1, 99]).holds == [.minimumBudget, nil])
    #expect(split([15, 85]).holds == [nil, nil])
    #expect(split([99, 1]).holds == [.maximumDailyIncrease, nil])
    // Its share alone asks for less than the bound, but what the other may not have falls to it.
    #expect(BudgetAllocation(total: 900, shares: [1, 9], bounds: [free, held]).holds == [nil, .maximumDailyIncrease])
  }

  /// Two thousand splits with shares that differ by up to a million times, checked for one common scale.
  @Test func everySplitHasOneScale() {
    var random = RandomStream(seed: 52)
    for _ in 0..<2_000 {
      let count = Int.random(in: 1...40, using: &random)
      let shares = (0..<count).map { _ in random.logUniform(1e-3, 1e3) }
      let currents = (0..<count).map { _ in random.pick([0, random.logUniform(1, 1e6)]) }
      let limit = random.pick(SelectionCase.limits)
      let total = max(Int64(count), Int64(currents.reduce(1_000, +) * random.logUniform(0.2, 4)))
      let bounds = currents.map { BudgetBounds(current: $0, minimum: 1, total: total, maximumChange: limit) }
      let allocation = BudgetAllocation(total: total, shares: shares, bounds: bounds)
      let least = bounds.reduce(0) { $0 + $1.lower }
      let most = bounds.reduce(0) { $0 + $1.upper }
      #expect(allocation.amounts.reduce(0, +) == min(total, most))
      #expect((allocation.shortfall == nil) == (total <= most))
      #expect(zip(allocation.amounts, bounds).allSatisfy { $0 >= $1.minimum && $0 <= $1.upper })
      guard (least...most).contains(total) else { continue }
      #expect(zip(allocation.amounts, bounds).allSatisfy { $0 >= $1.lower })
      var (low, high) = (0.0, Double.infinity)
      for (index, amount) in allocation.amounts.enumerated() {
        if amount < bounds[index].upper { high = min(high, Double(amount + 1) / shares[index]) }
        if amount > bounds[index].lower { low = max(low, Double(amount - 1) / shares[index]) }
      }
      #expect(low <= high * (1 + 1e-12), "no scale fits \(shares), \(bounds): \(allocation.amounts)")
    }
  }
}
