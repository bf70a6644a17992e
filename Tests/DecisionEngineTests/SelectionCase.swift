import DecisionEngine
import Testing
import Values

/// A seeded call of the sampler: ads of every kind under every limit.
struct SelectionCase {
  let ads: [AdState]
  let total: Int64
  let configuration: SamplerConfiguration
  let dnaScores: [AdID: Double]
  let seed: UInt64

  /// The limits a case may have.
  static let limits: [Double?] = [nil, 0.5, 0.1, 2]

  init(number: Int) throws {
    var random = RandomStream(seed: UInt64(number), name: "selection case")
    let yen = try #require(Currency("JPY"))
    let configuration = SamplerConfiguration(
      curve: random.pick([.standard, .fast, .slow, try BlendingCurve("0:1,24:0.2")]),
      maxDailyChange: random.pick(Self.limits), currency: random.pick([.usd, yen]))
    let largest = random.pick([2, 8, 8, 30, 200])
    let hugeBudgets = random.nextUniform() < 0.03
    let plainBudgets = random.nextUniform() < 0.5
    let ads = try (0..<Int.random(in: 1...largest, using: &random)).map { index in
      try Self.ad("\(number)-\(index)", plain: plainBudgets, huge: hugeBudgets, &random)
    }
    let least = configuration.minimumBudget * Int64(ads.count)
    let current = ads.reduce(0) { $0 + $1.currentDailyBudget } * Double(configuration.currency.minorUnitsPerMajor)
    let near = min(max(current * random.logUniform(0.3, 3), Double(least)), 1e11)
    let wide = random.logUniform(Double(least), 1e11)
    total = max(least, Int64(clamping: random.nextUniform() < 0.7 ? near : wide))
    dnaScores = ads.reduce(into: [:]) { scores, ad in
      if random.nextUniform() < 0.3 { scores[ad.adID] = random.pick([0, 1, random.nextUniform()]) }
    }
    self.ads = ads
    self.configuration = configuration
    seed = random.next()
  }

  init(
    ads: [AdState], total: Int64, configuration: SamplerConfiguration = SamplerConfiguration(),
    dnaScores: [AdID: Double] = [:], seed: UInt64 = 1
  ) {
    self.ads = ads
    self.total = total
    self.configuration = configuration
    self.dnaScores = dnaScores
    self.seed = seed
  }

  func select(ads other: [AdState]? = nil, total otherTotal: Int64? = nil, seed otherSeed: UInt64? = nil) throws
    -> Selection
  {
    try BattleHardenedSampler(configuration: configuration).select(
      from: other ?? ads, totalBudget: otherTotal ?? total, dnaScores: dnaScores, seed: otherSeed ?? seed)
  }

  private static func ad(_ id: String, plain: Bool, huge: Bool, _ random: inout RandomStream) throws -> AdState {
    // Shapes from no evidence at all to certainty on either side.
    let impressions = random.pick([0, 1, 99, 100, Int(clamping: random.logUniform(1, 1e5)), 1_000_000_000, .max])
    let clicks = random.pick([0, impressions, impressions / 50, impressions / 20])
    let spend = random.pick([0, random.logUniform(1e-6, 1), random.logUniform(1, 1e5), huge ? 1e300 : 77])
    let stated = random.pick([nil, 0, 20, random.logUniform(1e-4, 0.5), huge ? 1e18 : 8.2])
    return try makeAd(
      id, impressions: impressions, clicks: clicks, spend: plain ? random.logUniform(1, 1e4) : spend,
      pipeline: random.pick([0, spend * random.logUniform(0.1, 20)]),
      hours: random.pick([0, 5, random.logUniform(1, 2_000), 1e6]),
      budget: plain ? (random.logUniform(1, 1e4) * 100).rounded() / 100 : stated)
  }
}
