import DecisionEngine
import Testing

/// An ad's totals and every figure of its score.
struct ScoreCase: Sendable, CustomTestStringConvertible {
  let impressions: Int
  let clicks: Int
  let spend: Double
  let pipeline: Double
  let cash: Double
  let hours: Double
  let dna: Double?
  let pipelineRule: Judgement.Rule
  let directRule: Judgement.Rule
  /// ctr, pipeline_roas, ctr_weight, normalized_ctr, normalized_roas, blended_score, decay_factor, dna_boost,
  /// final_score, confidence, alpha, beta.
  let figures: [Double]

  init(
    _ impressions: Int, _ clicks: Int, _ spend: Double, _ pipeline: Double, _ cash: Double, _ hours: Double,
    _ dna: Double?, _ pipelineRule: Judgement.Rule, _ directRule: Judgement.Rule, _ figures: [Double]
  ) {
    self.impressions = impressions
    self.clicks = clicks
    self.spend = spend
    self.pipeline = pipeline
    self.cash = cash
    self.hours = hours
    self.dna = dna
    self.pipelineRule = pipelineRule
    self.directRule = directRule
    self.figures = figures
  }

  var testDescription: String { "\(impressions) impressions, spend \(spend), \(hours) h" }

  /// Edge cases and seeded ones with the figures of a Python program written from the design alone:
  /// ctr = clicks / max(impressions, 1); pipeline_roas = pipeline / max(spend, 0.01); ctr_weight by age h: 1 under
  /// 6, 1 - 0.3 (h - 6) / 18 under 24, 0.7 - 0.4 (h - 24) / 48 under 72, then max(0.1, 0.3 exp(-0.1 (h - 72) / 24));
  /// normalized_ctr = min(ctr / 0.05, 1); normalized_roas = min(pipeline_roas / 3, 1); blended_score their mean by
  /// ctr_weight; decay_factor = exp(-0.0001 impressions); dna_boost = 1 + 0.2 dna; final_score = the product of the
  /// three, s = that within 0...1; confidence = mean(min(impressions / 1000, 1), min(h / 72, 1), s);
  /// alpha = max(1, n s + 1), beta = max(1, n (1 - s) + 1), n = max(impressions, 100).
  static let all = edges + seeded

  private static let edges: [ScoreCase] = [
    ScoreCase(
      0, 0, 0, 0, 0, 0, nil, .ignoranceZone, .tooLittleSpend,
      [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1, 0.0, 0.0, 1, 101.0]),
    ScoreCase(
      1, 1, 0.01, 0.03, 0, 5.9999, nil, .ignoranceZone, .tooLittleSpend,
      [
        1.0, 3.0, 1.0, 1, 1.0, 1.0, 0.9999000049998333, 1, 0.9999000049998333, 0.3614106498147593,
        100.99000049998334, 1.0099995000166664,
      ]),
    ScoreCase(
      1000, 50, 100, 300, 0, 6, 1, .tooLittleSpend, .tooLittleSpend,
      [
        0.05, 3.0, 1.0, 1.0, 1.0, 1.0, 0.9048374180359595, 1.2, 1.0858049016431515, 0.6944444444444443, 1001,
        1,
      ]),
    ScoreCase(
      99, 5, 0.005, 10, 0, 24, 0, .ignoranceZone, .tooLittleSpend,
      [
        0.050505050505050504, 1000.0, 0.7, 1, 1, 1.0, 0.9901488436829572, 1.0, 0.9901488436829572,
        0.4741607256720968, 100.01488436829572, 1.9851156317042808,
      ]),
    ScoreCase(
      100, 0, 200, 100, 600, 72, 0.5, .betweenThresholds, .betweenThresholds,
      [
        0.0, 0.5, 0.3, 0.0, 0.16666666666666666, 0.11666666666666665, 0.9900498337491681, 1.1,
        0.12705639533114324, 0.4090187984437144, 13.705639533114324, 88.29436046688568,
      ]),
    ScoreCase(
      1000000, 30000, 5000, 15000, 2500, 335.75, 1, .betweenThresholds, .betweenThresholds,
      [
        0.03, 3.0, 0.1, 0.6, 1.0, 0.96, 3.720075976020836e-44, 1.2, 4.285527524376003e-44, 0.6666666666666666, 1,
        1000001.0,
      ]),
    ScoreCase(
      250, 25, 250, 5000, 1000, 4, 1, .aboveScaleThreshold, .aboveScaleThreshold,
      [0.1, 20.0, 1.0, 1, 1, 1.0, 0.9753099120283326, 1.2, 1.1703718944339991, 0.4351851851851852, 251, 1]),
  ]
}
