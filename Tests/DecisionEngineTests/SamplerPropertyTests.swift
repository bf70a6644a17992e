import DecisionEngine
import Foundation
import TestKit
import Testing
import Values

/// Laws that hold for every selection, tried on 2,400 seeded ones.
@Suite struct SamplerPropertyTests {
  private static let blocks = Array(0..<8)

  private static func forEachCase(_ block: Int, of count: Int = 300, _ body: (SelectionCase) throws -> Void) throws {
    for number in block * count..<(block + 1) * count { try body(try SelectionCase(number: number)) }
  }

  /// The laws below would say little if the cases never came near a limit.
  @Test func theCasesReachEveryConstraint() throws {
    var shortfalls: [BindingConstraint?: Int] = [:]
    var bindings: [BindingConstraint?: Int] = [:]
    var (single, full) = (0, 0)
    for block in Self.blocks {
      try Self.forEachCase(block) { sample in
        let selection = try sample.select()
        shortfalls[selection.shortfall, default: 0] += 1
        for item in selection.recommendations { bindings[item.bindingConstraint, default: 0] += 1 }
        if sample.ads.count == 1 { single += 1 }
        if sample.ads.count > 150 { full += 1 }
      }
    }
    #expect(shortfalls.count == 2)
    #expect(shortfalls.values.allSatisfy { $0 >= 100 }, "\(shortfalls)")
    #expect(bindings.count == 5)
    #expect(bindings.values.allSatisfy { $0 >= 1_000 }, "\(bindings)")
    #expect(single >= 100 && full >= 50, "\(single) of one ad, \(full) of more than 150")
  }

  @Test(arguments: blocks)
  func theSumIsTheTotalOrTheConstraintIsNamed(block: Int) throws {
    try Self.forEachCase(block) { sample in
      let selection = try sample.select()
      let recommendations = selection.recommendations
      let least = recommendations.reduce(0.0) { $0 + Double($1.bounds.lower) }
      let most = recommendations.reduce(0.0) { $0 + Double($1.bounds.upper) }
      let total = Double(sample.total)
      #expect(recommendations.map(\.ad.adID) == sample.ads.map(\.adID))
      #expect(selection.totalBudget == sample.total)
      if least <= total, total <= most {
        #expect(selection.shortfall == nil)
        #expect(selection.allocatedBudget == sample.total)
      } else if total < least {
        #expect(selection.shortfall == nil)
        #expect(selection.allocatedBudget == sample.total)
        #expect(recommendations.allSatisfy { ($0.bounds.minimum...$0.bounds.lower).contains($0.recommendedBudget) })
        let kept = recommendations.contains {
          $0.judgement.decision != .kill && $0.recommendedBudget < $0.bounds.lower
        }
        let spared = recommendations.contains {
          $0.judgement.decision == .kill && $0.recommendedBudget > $0.bounds.minimum
        }
        #expect(!(kept && spared), "an ad judged kill keeps what another one has to give")
      } else {
        #expect(selection.shortfall == .maximumDailyIncrease)
        #expect(recommendations.allSatisfy { $0.recommendedBudget == $0.bounds.upper })
        #expect(selection.allocatedBudget < sample.total)
      }
    }
  }

  /// Checked against the limits themselves, not against the bounds that the code made of them.
  @Test(arguments: blocks)
  func everyAmountIsWithinTheLimits(block: Int) throws {
    try Self.forEachCase(block) { sample in
      let minimum = Double(sample.configuration.minimumBudget)
      for item in try sample.select().recommendations where item.bindingConstraint != .totalBudget {
        let amount = Double(item.recommendedBudget)
        var (low, high) = (minimum, Double(sample.total))
        if let limit = sample.configuration.maxDailyChange, item.currentBudget > 0 {
          let noise = max(1e-6, item.currentBudget * 1e-14)
          low = max((item.currentBudget * (1 - limit) - noise).rounded(.up), minimum)
          // A range without a whole unit in it leaves only the unit above.
          high = max((item.currentBudget * (1 + limit) + noise).rounded(.down), low)
        }
        // Figures beyond what a currency can count are held at 2 to the power of 62.
        guard amount >= min(low, 0x1p62), amount <= min(high, 0x1p62) else {
          Issue.record("\(amount) of \(item.ad.adID) is not in \(low)...\(high), now \(item.currentBudget)")
          return
        }
      }
    }
  }

  /// All amounts follow from one scale: free ads are their share of it, bound ones are held from it.
  @Test(arguments: blocks)
  func freeAmountsAreInTheRatioOfTheirShares(block: Int) throws {
    try Self.forEachCase(block) { sample in
      let selection = try sample.select()
      guard selection.shortfall == nil, selection.recommendations.allSatisfy({ $0.bindingConstraint != .totalBudget })
      else { return }
      var (low, high) = (0.0, Double.infinity)
      for item in selection.recommendations {
        let amount = Double(item.recommendedBudget)
        if item.recommendedBudget < item.bounds.upper { high = min(high, (amount + 1) / item.share) }
        if item.recommendedBudget > item.bounds.lower { low = max(low, (amount - 1) / item.share) }
      }
      #expect(low <= high * (1 + 1e-12), "no scale fits all of \(sample.ads.count) ads")
    }
  }

  @Test(arguments: blocks)
  func aConstraintIsNamedWhereItHeldTheAmount(block: Int) throws {
    try Self.forEachCase(block) { sample in
      let selection = try sample.select()
      // Rounding moves an amount by less than a unit, so the ads that nothing holds show the common scale.
      let free = selection.recommendations.filter { $0.bindingConstraint == nil }
      let low = free.map { (Double($0.recommendedBudget) - 1) / $0.share }.max() ?? 0
      let high = free.map { (Double($0.recommendedBudget) + 1) / $0.share }.min() ?? .infinity
      for item in selection.recommendations {
        #expect(agrees(item.wantedBudget, item.share * Double(sample.total)))
        switch item.bindingConstraint {
        case nil: break
        case .totalBudget:
          #expect(item.recommendedBudget < item.bounds.lower)
          #expect(item.recommendedBudget >= item.bounds.minimum)
        case _ where item.bounds.lower == item.bounds.upper:
          #expect(item.recommendedBudget == item.bounds.lower)
        case item.bounds.lowerConstraint where item.recommendedBudget == item.bounds.lower:
          #expect(selection.shortfall != nil || low * item.share <= Double(item.bounds.lower) + 1)
        default:
          #expect(item.bindingConstraint == item.bounds.upperConstraint)
          #expect(item.recommendedBudget == item.bounds.upper)
          #expect(selection.shortfall != nil || high * item.share >= Double(item.bounds.upper) - 1)
        }
        if item.bindingConstraint == .minimumBudget {
          #expect(item.recommendedBudget == sample.configuration.minimumBudget)
        }
        if sample.configuration.maxDailyChange == nil || item.currentBudget == 0 {
          #expect(item.bindingConstraint == nil || item.bindingConstraint == .minimumBudget)
        }
      }
    }
  }

  @Test(arguments: blocks)
  func sharesAreTheSoftmaxOfTheDraws(block: Int) throws {
    try Self.forEachCase(block, of: 50) { sample in
      let items = try sample.select().recommendations
      #expect(agrees(items.reduce(0) { $0 + $1.share }, 1))
      for (left, right) in zip(items, items.dropFirst()) {
        #expect((0...1).contains(left.draw.sample))
        #expect(agrees(exp(left.draw.sample - right.draw.sample), left.share / right.share))
      }
    }
  }

  @Test(arguments: blocks)
  func theSameArgumentsGiveTheSameSelection(block: Int) throws {
    try Self.forEachCase(block) { sample in
      let (first, second) = (try sample.select(), try sample.select())
      #expect(first.recommendations.map(\.draw) == second.recommendations.map(\.draw))
      #expect(first.recommendations.map(\.share) == second.recommendations.map(\.share))
      #expect(first.recommendations.map(\.recommendedBudget) == second.recommendations.map(\.recommendedBudget))
      #expect(first.shortfall == second.shortfall)
      let other = try sample.select(seed: sample.seed ^ 1)
      #expect(zip(first.recommendations, other.recommendations).allSatisfy { $0.draw.sample != $1.draw.sample })
    }
  }

  @Test(arguments: blocks)
  func theOrderOfTheAdsMovesAtMostOneUnit(block: Int) throws {
    try Self.forEachCase(block) { sample in
      var random = RandomStream(seed: sample.seed)
      let ordered = try sample.select()
      let shuffled = try sample.select(ads: sample.ads.shuffled(using: &random))
      #expect(shuffled.shortfall == ordered.shortfall)
      #expect(shuffled.allocatedBudget == ordered.allocatedBudget)
      let before = Dictionary(uniqueKeysWithValues: ordered.recommendations.map { ($0.ad.adID, $0) })
      for item in shuffled.recommendations {
        let first = try #require(before[item.ad.adID])
        guard item.draw == first.draw, item.score == first.score, agrees(item.share, first.share),
          item.bounds == first.bounds, abs(item.recommendedBudget - first.recommendedBudget) <= 1
        else {
          Issue.record("\(item.ad.adID): \(first.recommendedBudget) became \(item.recommendedBudget)")
          return
        }
      }
    }
  }

  @Test(arguments: blocks)
  func anotherAdChangesNobodysDraw(block: Int) throws {
    try Self.forEachCase(block) { sample in
      let total = sample.total + sample.configuration.minimumBudget
      guard total <= BattleHardenedSampler.largestTotal else { return }
      let before = try sample.select(total: total)
      let after = try sample.select(ads: [try makeAd("newcomer")] + sample.ads, total: total)
      #expect(after.recommendations.dropFirst().map(\.draw) == before.recommendations.map(\.draw))
    }
  }

  /// A thousand times the money, with a thousand times the budgets now, is split in the same way.
  @Test(arguments: [nil, 0.5, 0.1, 2] as [Double?], [Currency.usd, try #require(Currency("JPY"))])
  func theSplitHasNoScale(limit: Double?, currency: Currency) throws {
    var random = RandomStream(seed: 61)
    for number in 0..<50 {
      // Budgets of whole tens keep every bound whole, and the share of the least ad stays above the minimum.
      let budgets = (0..<Int.random(in: 1...20, using: &random)).map { _ in
        Double(Int.random(in: 10...60, using: &random) * 10)
      }
      let total = budgets.reduce(0, +) * random.logUniform(0.95, 1.05)
      func amounts(scale: Double) throws -> [Double] {
        let ads = try budgets.enumerated().map { try makeAd("\(number) \($0)", budget: $1 * scale) }
        let units = Int64(clamping: total.rounded() * scale) * currency.minorUnitsPerMajor
        return try SelectionCase(
          ads: ads, total: units, configuration: SamplerConfiguration(maxDailyChange: limit, currency: currency)
        ).select().recommendations.map { Double($0.recommendedBudget) / scale }
      }
      let (small, large) = (try amounts(scale: 1), try amounts(scale: 1_000))
      #expect(zip(small, large).allSatisfy { abs($0 - $1) <= 1 }, "\(small) and \(large)")
    }
  }
}
