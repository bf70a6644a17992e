import Testing
import Values

@testable import DecisionEngine

/// The mathematics below the lag-aware policy, against what must hold of it.
struct LagAwareMathTests {
  @Test(
    "The normal distribution agrees with tables",
    arguments: [
      (0.0, 0.5), (1, 0.841344746068543), (-1, 0.158655253931457), (1.959963984540054, 0.975),
      (-3, 0.00134989803163009), (6, 0.999999999013412), (-8, 6.22096057427178e-16), (40, 1), (-40, 0),
    ])
  func normal(_ x: Double, _ expected: Double) {
    #expect(abs(PortableMath.normalCDF(x) - expected) <= max(1e-14, 1e-9 * min(expected, 1 - expected)))
  }

  @Test("A stay beyond an age is longer than the age, in the mean", arguments: [0.1, 1.0, 5, 40, 4_000])
  func beyond(_ days: Double) {
    let model = DelayModel(mean: 1, deviation: 0.8)
    let beyond = model.beyond(days)
    #expect(beyond.log >= max(PortableMath.log(days), model.mean))
    #expect(beyond.square >= beyond.log * beyond.log * (1 - 1e-9))
    #expect(model.share(within: days) <= model.share(within: days * 1.1))
  }

  @Test("A matrix times its inverse is the identity", arguments: UInt64(1)...20)
  func inverse(_ seed: UInt64) {
    var stream = RandomStream(seed: seed)
    let size = 2 + Int(seed % 6)
    var matrix = SymmetricMatrix(diagonal: (0..<size).map { _ in 3 + stream.nextUniform() })
    for row in 0..<size { for column in 0..<row { matrix[row, column] = stream.nextUniform() - 0.5 } }
    let (inverse, logDeterminant) = matrix.inverted
    for column in 0..<size {
      let unit = (0..<size).map { $0 == column ? 1.0 : 0 }
      let product = matrix * (inverse * unit)
      for row in 0..<size { #expect(abs(product[row] - unit[row]) < 1e-12) }
    }
    #expect(abs(logDeterminant + inverse.inverted.logDeterminant) < 1e-10)
  }

  @Test(
    "Filled budgets sum to the total, keep their bounds, and earn the same at the margin", arguments: UInt64(1)...50)
  func waterFilling(_ seed: UInt64) {
    var stream = RandomStream(seed: seed)
    let count = 1 + Int(clamping: stream.nextUniform() * 12)
    let values = (0..<count).map { _ in PortableMath.exp(2 * stream.nextNormal()) }
    let scales = (0..<count).map { _ in 10 + 500 * stream.nextUniform() }
    let lower = (0..<count).map { _ in 1 + 20 * stream.nextUniform() }
    let upper = lower.map { $0 + 5 + 300 * stream.nextUniform() }
    let (least, most) = (lower.reduce(0, +), upper.reduce(0, +))
    let total = least + (most - least) * stream.nextUniform()
    let filling = WaterFilling(total: total, values: values, scales: scales, lower: lower, upper: upper)
    #expect(abs(filling.budgets.reduce(0, +) - total) < 1e-6 * total)
    for index in 0..<count {
      let budget = filling.budgets[index]
      #expect(budget >= lower[index] && budget <= upper[index])
      let marginal = values[index] / (1 + budget / scales[index])
      if budget > lower[index] + 1e-6, budget < upper[index] - 1e-6 {
        #expect(abs(marginal / filling.marginal - 1) < 1e-6)
      }
    }
  }

  @Test("Pooling draws an ad with few events towards the others, and leaves one with many")
  func pooling() {
    let prior = FieldPrior()
    let ads: [[RateEvidence]] = [
      [.counts(count: 1_000, exposure: 100_000)], [.counts(count: 900, exposure: 100_000)],
      [.counts(count: 1_100, exposure: 100_000)], [.counts(count: 6, exposure: 200)],
    ].map { $0 + [.counts(count: 0, exposure: 0)] }
    let level = PooledFunnels.Level(mean: prior.clickRate, spread: prior.clickSpread)
    let pooled = PooledFunnels(ads, levels: [level, level], prior: prior)
    let rates = pooled.products.map { PortableMath.exp($0.mean) }
    #expect(abs(rates[2] / rates[1] - 1_100.0 / 900) < 0.03)
    #expect(rates[3] / rates[0] < 2.5)
    #expect(pooled.products[3].variance > pooled.products[0].variance)
  }

  @Test("A prior that is wrong by nothing is the prior")
  func priorFactor() {
    #expect(FieldPrior().wrong(by: 1) == FieldPrior())
    #expect(FieldPrior().wrong(by: 3).clickRate.mean > FieldPrior().clickRate.mean + 1)
  }
}
