import Values

/// The `battle_hardened` policy: scores ads by CTR early and by pipeline ROAS later, draws from each score's posterior
/// and splits the budget by softmax of the draws, within minimum budgets and limits on daily changes.
///
/// The formulas are those of the reference system that this product replaces; the split never exceeds the total, and
/// sums to it where the limits on daily increases allow it.
public struct BattleHardenedSampler: Sendable {
  /// The name of the policy in requests and commands.
  public static let policyName = "battle_hardened"
  /// The largest total, in minor units, that can be split.
  public static let largestTotal: Int64 = 100_000_000_000

  /// The settings of the account.
  public let configuration: SamplerConfiguration
  public let version: PolicyVersion

  /// Makes a sampler with the account's settings; an older `version` replays old decisions.
  public init(configuration: SamplerConfiguration, version: PolicyVersion = .current) {
    self.configuration = configuration
    self.version = version
  }

  /// Splits `totalBudget` (minor units) over `ads`.
  ///
  /// The same arguments give the same result, bit for bit, on every machine. An ad's draw depends on the seed and
  /// its id only. `dnaScores` are Creative DNA scores in 0...1 of some of the ads.
  public func select(
    from ads: [AdState], totalBudget: Int64, dnaScores: [AdID: Double] = [:], seed: UInt64
  ) throws(SelectionError) -> Selection {
    try check(ads, totalBudget: totalBudget)
    let dna = try scores(of: ads, in: dnaScores)
    let weighed = ads.indices.map { weigh(ads[$0], dnaScore: dna[$0], totalBudget: totalBudget, seed: seed) }
    let shares = Self.softmax(weighed.map(\.draw.sample))
    let allocation = BudgetAllocation(
      total: totalBudget, shares: shares, bounds: weighed.map(\.bounds),
      giveWayFirst: weighed.map { $0.judgement.decision == .kill }, version: version)
    let recommendations = ads.indices.map { index in
      Recommendation(
        ad: ads[index], dnaScore: dna[index], score: weighed[index].score,
        judgement: weighed[index].judgement,
        draw: weighed[index].draw, share: shares[index], wantedBudget: shares[index] * Double(totalBudget),
        bounds: weighed[index].bounds, currentBudget: weighed[index].currentBudget,
        recommendedBudget: allocation.amounts[index], bindingConstraint: allocation.holds[index])
    }
    return Selection(
      version: version, totalBudget: totalBudget, seed: seed, recommendations: recommendations,
      shortfall: allocation.shortfall)
  }

  private func check(_ ads: [AdState], totalBudget: Int64) throws(SelectionError) {
    guard !ads.isEmpty else { throw .noAds }
    guard (1...Self.largestTotal).contains(totalBudget) else { throw .totalOutOfRange(totalBudget) }
    var ids = Set<AdID>(minimumCapacity: ads.count)
    for ad in ads where !ids.insert(ad.adID).inserted { throw .duplicateAd(ad.adID) }
    let required = configuration.minimumBudget * Int64(ads.count)
    guard required <= totalBudget else {
      throw .minimumBudgetsExceedTotal(required: required, total: totalBudget)
    }
  }

  /// The Creative DNA score of each ad, in the order of the ads. Each score must be 0 to 1 and belong to an ad.
  private func scores(of ads: [AdState], in dnaScores: [AdID: Double]) throws(SelectionError) -> [Double?] {
    if let (adID, score) = dnaScores.filter({ !(0...1).contains($0.value) }).min(by: { $0.key < $1.key }) {
      throw .dnaScoreOutOfRange(adID, score)
    }
    guard !dnaScores.isEmpty else { return Array(repeating: nil, count: ads.count) }
    let scores = ads.map { dnaScores[$0.adID] }
    guard scores.count(where: { $0 != nil }) == dnaScores.count else {
      let known = Set(ads.map(\.adID))
      throw .dnaScoreWithoutAd(dnaScores.keys.filter { !known.contains($0) }.min() ?? ads[0].adID)
    }
    return scores
  }

  /// The values of one ad that do not depend on its share of the total.
  private struct Weighed {
    let score: AdScore
    let judgement: Judgement
    let draw: ThompsonDraw
    let bounds: BudgetBounds
    let currentBudget: Double
  }

  private func weigh(_ ad: AdState, dnaScore: Double?, totalBudget: Int64, seed: UInt64) -> Weighed {
    let score = AdScore(of: ad, curve: configuration.curve, dnaScore: dnaScore)
    let currentBudget = ad.currentDailyBudget * Double(configuration.currency.minorUnitsPerMajor)
    return Weighed(
      score: score, judgement: configuration.thresholds.judgement(on: ad),
      draw: ThompsonDraw(for: ad, score: score, seed: seed),
      bounds: BudgetBounds(
        current: currentBudget, minimum: configuration.minimumBudget, total: totalBudget,
        maximumChange: configuration.maxDailyChange),
      currentBudget: currentBudget)
  }

  /// Softmax at temperature 1; the largest sample is subtracted first so that no exponential overflows.
  private static func softmax(_ samples: [Double]) -> [Double] {
    let largest = samples.max() ?? 0
    let powers = samples.map { PortableMath.exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}
