import DecisionEngine
import TestKit
import Testing
import Values

@Suite struct SamplerTests {
  private static let sampler = BattleHardenedSampler(configuration: SamplerConfiguration())

  private static func error(
    _ ads: [AdState], total: Int64 = 10_000, dna: [AdID: Double] = [:],
    sampler: BattleHardenedSampler = sampler
  ) throws -> SelectionError {
    try #require(throws: SelectionError.self) {
      try sampler.select(from: ads, totalBudget: total, dnaScores: dna, seed: 1)
    }
  }

  @Test func needsAnAd() throws {
    #expect(try Self.error([]) == .noAds)
  }

  @Test func needsEachAdOnce() throws {
    let ads = try [makeAd("a"), makeAd("b", clicks: 1), makeAd("b", clicks: 2), makeAd("a")]
    #expect(try Self.error(ads) == .duplicateAd(try #require(AdID("b"))))
  }

  @Test(arguments: [0, -1, Int64.min, 100_000_000_001, .max])
  func needsATotalInRange(total: Int64) throws {
    #expect(try Self.error([makeAd()], total: total) == .totalOutOfRange(total))
  }

  @Test func takesTheLargestTotal() throws {
    let total = BattleHardenedSampler.largestTotal
    #expect(total == 100_000_000_000)
    let ads = try [makeAd("a", spend: 0), makeAd("b", spend: 0)]
    #expect(try Self.sampler.select(from: ads, totalBudget: total, seed: 1).allocatedBudget == total)
  }

  @Test func needsTheLeastBudgetOfEveryAd() throws {
    let ads = try ["a", "b", "c"].map { try makeAd($0, spend: 0) }
    #expect(try Self.error(ads, total: 299) == .minimumBudgetsExceedTotal(required: 300, total: 299))
    let selection = try Self.sampler.select(from: ads, totalBudget: 300, seed: 1)
    #expect(selection.recommendations.map(\.recommendedBudget) == [100, 100, 100])
    let yen = BattleHardenedSampler(configuration: SamplerConfiguration(currency: try #require(Currency("JPY"))))
    #expect(try Self.error(ads, total: 2, sampler: yen) == .minimumBudgetsExceedTotal(required: 3, total: 2))
    #expect(try yen.select(from: ads, totalBudget: 3, seed: 1).recommendations.map(\.recommendedBudget) == [1, 1, 1])
  }

  @Test(arguments: [-0.001, 1.001, .infinity, -.infinity] as [Double])
  func needsDNAScoresInRange(score: Double) throws {
    let id = try #require(AdID("ad"))
    #expect(try Self.error([makeAd()], dna: [id: score]) == .dnaScoreOutOfRange(id, score))
  }

  @Test func rejectsADNAScoreThatIsNoNumber() throws {
    let id = try #require(AdID("ad"))
    guard case .dnaScoreOutOfRange(id, let score) = try Self.error([makeAd()], dna: [id: .nan]) else {
      Issue.record("another error")
      return
    }
    #expect(score.isNaN)
  }

  @Test func needsTheAdOfADNAScore() throws {
    let (known, unknown) = (try #require(AdID("ad")), try #require(AdID("other")))
    #expect(try Self.error([makeAd()], dna: [known: 0.5, unknown: 0.5]) == .dnaScoreWithoutAd(unknown))
  }

  @Test func aDNAScoreRaisesTheScoreOfItsAdOnly() throws {
    let ads = try [makeAd("a"), makeAd("b")]
    let id = try #require(AdID("a"))
    let plain = try Self.sampler.select(from: ads, totalBudget: 10_000, seed: 1).recommendations
    let boosted = try Self.sampler.select(from: ads, totalBudget: 10_000, dnaScores: [id: 1], seed: 1).recommendations
    #expect(agrees(boosted[0].score.finalScore, plain[0].score.finalScore * 1.2))
    #expect(boosted[0].dnaScore == 1)
    #expect(boosted[1].score == plain[1].score)
    #expect(boosted[1].dnaScore == nil)
    #expect(boosted[1].draw == plain[1].draw)
  }

  @Test func theSelectionSaysHowItWasMade() throws {
    let ad = try makeAd(spend: 300, pipeline: 1_000, hours: 72, budget: 80)
    let selection = try Self.sampler.select(from: [ad], totalBudget: 10_000, seed: 42)
    #expect(selection.policyVersion == "battle_hardened/2")
    #expect(BattleHardenedSampler.policyName == "battle_hardened")
    #expect(selection.seed == 42)
    let item = try #require(selection.recommendations.first)
    #expect(item.judgement == DecisionThresholds().judgement(on: ad))
    #expect(item.score == AdScore(of: ad, curve: .standard, dnaScore: nil))
    #expect(item.draw == ThompsonDraw(for: ad, score: item.score, seed: 42))
    #expect(item.share == 1)
    #expect(item.wantedBudget == 10_000)
    #expect(item.currentBudget == 8_000)
    #expect(item.recommendedBudget == 10_000)
    #expect(item.change == 0.25)
    #expect(item.bindingConstraint == nil)
  }

  @Test func theDefaultsAreTheReference() {
    let configuration = SamplerConfiguration()
    #expect(configuration.curve == .standard)
    #expect(configuration.thresholds == DecisionThresholds())
    #expect(configuration.maxDailyChange == 0.5)
    #expect(configuration.currency == .usd)
    #expect(configuration.minimumBudget == 100)
  }

  /// Current budgets and totals in cents at which a limit of 50 % just allows the total, what is then allocated, and the
  /// constraint that holds the ad.
  @Test(
    arguments: [
      (8.20, 1_230, 1_230, nil), (8.20, 1_231, 1_230, .maximumDailyIncrease), (8.20, 410, 410, nil),
      (8.20, 409, 409, .totalBudget), (2.20, 110, 110, nil), (2.20, 330, 330, nil), (0.58, 100, 100, nil),
      (0.5, 100, 100, nil), (1.15, 172, 172, nil), (1.15, 173, 172, .maximumDailyIncrease),
      (0, 99_999, 99_999, nil), (4.35, 217, 217, .totalBudget),
    ] as [(Double, Int64, Int64, BindingConstraint?)])
  func theLimitHoldsToTheCent(current: Double, total: Int64, amount: Int64, constraint: BindingConstraint?) throws {
    let selection = try Self.sampler.select(from: [makeAd(spend: 0, budget: current)], totalBudget: total, seed: 1)
    #expect(selection.allocatedBudget == amount)
    #expect(selection.shortfall == (amount < total ? constraint : nil))
    #expect(selection.recommendations.first?.bindingConstraint == constraint)
  }

  /// An ad whose budget is under the minimum is raised to it, past the limit, and no further.
  @Test func theMinimumOutranksTheLimit() throws {
    let selection = try Self.sampler.select(from: [makeAd(spend: 0, budget: 0.2)], totalBudget: 101, seed: 1)
    #expect(selection.allocatedBudget == 100)
    #expect(selection.shortfall == .maximumDailyIncrease)
    #expect(selection.recommendations.first?.bindingConstraint == .minimumBudget)
  }

  @Test func anAdWithoutABudgetHasNoChange() throws {
    let selection = try Self.sampler.select(from: [makeAd(spend: 0)], totalBudget: 500, seed: 1)
    #expect(selection.recommendations.first?.change == nil)
    #expect(selection.recommendations.first?.currentBudget == 0)
  }

  @Test func splitsOverAHundredThousandAds() throws {
    let ads = try (0..<100_000).map {
      try makeAd("\($0)", impressions: 100 + $0, clicks: $0 / 50, spend: Double($0 % 997) + 50, hours: 48)
    }
    let current = ads.reduce(0) { $0 + $1.currentDailyBudget }
    let total = Int64(clamping: current * 110) + 1
    let selection = try Self.sampler.select(from: ads, totalBudget: total, seed: 1)
    #expect(selection.shortfall == nil)
    #expect(selection.allocatedBudget == total)
    #expect(
      selection.recommendations.allSatisfy {
        $0.recommendedBudget >= $0.bounds.lower && $0.recommendedBudget <= $0.bounds.upper
      })
  }

  /// Better evidence must pay: over many seeds the ad with the better figures gets more.
  @Test func theBetterAdGetsMoreOnTheWhole() throws {
    let ads = try [
      makeAd("weak", impressions: 500, clicks: 2, spend: 0, hours: 24),
      makeAd("strong", impressions: 500, clicks: 25, spend: 0, hours: 24),
    ]
    var (weak, strong): (Int64, Int64) = (0, 0)
    for seed in UInt64(0)..<200 {
      let items = try Self.sampler.select(from: ads, totalBudget: 10_000, seed: seed).recommendations
      weak += items[0].recommendedBudget
      strong += items[1].recommendedBudget
    }
    #expect(Double(strong) > 1.5 * Double(weak))
  }
}
