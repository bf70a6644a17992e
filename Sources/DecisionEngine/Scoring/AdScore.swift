/// Every value on the way from an ad's totals to its score, by the `battle_hardened` reference formulas.
public struct AdScore: Hashable, Sendable {
  /// Clicks for each impression.
  public let ctr: Double
  /// Pipeline value for each unit spent.
  public let pipelineROAS: Double
  /// The weight of CTR at the ad's age, in 0...1.
  public let ctrWeight: Double
  /// The weight of pipeline ROAS: `1 - ctrWeight`.
  public let roasWeight: Double
  /// `min(ctr / 0.05, 1)`.
  public let normalizedCTR: Double
  /// `min(pipelineROAS / 3, 1)`.
  public let normalizedROAS: Double
  /// `ctrWeight * normalizedCTR + roasWeight * normalizedROAS`.
  public let blendedScore: Double
  /// What remains after wear: `exp(-0.0001 * impressions)`.
  public let decayFactor: Double
  /// `1 + 0.2 * dnaScore`, or 1 without a Creative DNA score.
  public let dnaBoost: Double
  /// `blendedScore * decayFactor * dnaBoost`; may exceed 1.
  public let finalScore: Double
  /// `mean(min(impressions / 1000, 1), min(age / 72 h, 1), finalScore clamped to 0...1)`.
  public let confidence: Double

  /// Scores `ad`; `dnaScore` is its Creative DNA score in 0...1, where there is one.
  public init(of ad: AdState, curve: BlendingCurve, dnaScore: Double?) {
    ctr = ad.ctr
    pipelineROAS = ad.pipelineROAS
    ctrWeight = curve.ctrWeight(ageHours: ad.ageHours)
    roasWeight = 1 - ctrWeight
    normalizedCTR = min(ctr / 0.05, 1)
    normalizedROAS = min(pipelineROAS / 3, 1)
    blendedScore = ctrWeight * normalizedCTR + roasWeight * normalizedROAS
    decayFactor = PortableMath.exp(-0.0001 * Double(ad.impressions))
    dnaBoost = dnaScore.map { 1 + 0.2 * $0 } ?? 1
    finalScore = blendedScore * decayFactor * dnaBoost
    confidence = (min(Double(ad.impressions) / 1000, 1) + min(ad.ageHours / 72, 1) + min(finalScore, 1)) / 3
  }

  /// The score as a probability: ``finalScore`` clamped to 0...1.
  public var probability: Double { min(max(finalScore, 0), 1) }
}
