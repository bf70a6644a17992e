import DecisionEngine
import TestKit
import Testing
import Values

@Suite struct AdScoreTests {
  @Test func thereAreFortyCasesAndEveryRuleInThem() {
    #expect(ScoreCase.all.count >= 40)
    #expect(Set(ScoreCase.all.map(\.pipelineRule)).count == 5)
    #expect(Set(ScoreCase.all.map(\.directRule)).count == 4)
  }

  @Test(arguments: ScoreCase.all)
  func followsTheReference(sample: ScoreCase) throws {
    let ad = try makeAd(
      impressions: sample.impressions, clicks: sample.clicks, spend: sample.spend, pipeline: sample.pipeline,
      cash: sample.cash, hours: sample.hours)
    let score = AdScore(of: ad, curve: .standard, dnaScore: sample.dna)
    let draw = ThompsonDraw(for: ad, score: score, seed: 1)
    let figures = [
      score.ctr, score.pipelineROAS, score.ctrWeight, score.normalizedCTR, score.normalizedROAS, score.blendedScore,
      score.decayFactor, score.dnaBoost, score.finalScore, score.confidence, draw.alpha, draw.beta,
    ]
    for (index, (figure, expected)) in zip(figures, sample.figures).enumerated() {
      #expect(agrees(figure, expected), "figure \(index)")
    }
    #expect(figures.count == sample.figures.count)
    #expect(agrees(score.roasWeight, 1 - sample.figures[2]))
    #expect(DecisionThresholds().judgement(on: ad).rule == sample.pipelineRule)
    #expect(DecisionThresholds(mode: .direct).judgement(on: ad).rule == sample.directRule)
  }

  /// The draw is the beta number of the stream that has the seed and the ad's id.
  @Test(arguments: ScoreCase.all.prefix(12))
  func drawsFromTheStreamOfTheAd(sample: ScoreCase) throws {
    let ad = try makeAd(
      "ad \(sample.impressions)", impressions: sample.impressions, clicks: sample.clicks, spend: sample.spend,
      pipeline: sample.pipeline, cash: sample.cash, hours: sample.hours)
    let draw = ThompsonDraw(for: ad, score: AdScore(of: ad, curve: .standard, dnaScore: sample.dna), seed: 77)
    var stream = RandomStream(seed: 77, name: ad.adID.value)
    #expect(draw.sample == stream.nextBeta(alpha: draw.alpha, beta: draw.beta))
  }

  @Test func usesTheCurveItIsGiven() throws {
    let ad = try makeAd(impressions: 1_000, clicks: 50, hours: 24)
    #expect(agrees(AdScore(of: ad, curve: .standard, dnaScore: nil).ctrWeight, 0.7))
    #expect(agrees(AdScore(of: ad, curve: .fast, dnaScore: nil).ctrWeight, 0.5))
    #expect(agrees(AdScore(of: ad, curve: try BlendingCurve("0:0,48:1"), dnaScore: nil).ctrWeight, 0.5))
  }

  @Test func aScoreMayPassOneButAProbabilityMayNot() throws {
    let ad = try makeAd(impressions: 100, clicks: 5, hours: 1)
    let score = AdScore(of: ad, curve: .standard, dnaScore: 1)
    #expect(agrees(score.finalScore, 1.188_059_800_499_002))
    #expect(score.probability == 1)
    #expect(agrees(score.confidence, (0.1 + 1.0 / 72 + 1) / 3))
    let draw = ThompsonDraw(for: ad, score: score, seed: 1)
    #expect(draw.alpha == 101)
    #expect(draw.beta == 1)
  }

  @Test func extremeTotalsStayFinite() throws {
    let ad = try makeAd(
      impressions: .max, clicks: .max, spend: 0, pipeline: .greatestFiniteMagnitude, hours: .greatestFiniteMagnitude)
    for curve in [BlendingCurve.standard, .fast, .slow, try BlendingCurve("0:1,24:0.5")] {
      let score = AdScore(of: ad, curve: curve, dnaScore: 1)
      #expect(score.normalizedROAS == 1)
      #expect(score.decayFactor == 0)
      #expect(score.finalScore == 0)
      #expect(agrees(score.confidence, 2.0 / 3))
      let draw = ThompsonDraw(for: ad, score: score, seed: 3)
      #expect(draw.alpha == 1)
      #expect((0...1e-12).contains(draw.sample))
    }
  }
}
