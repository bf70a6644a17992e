/// A normal belief about a logarithm.
struct Belief: Hashable, Sendable {
  var mean: Double
  var variance: Double

  /// The mean of the lognormal number itself.
  var expectation: Double { PortableMath.exp(mean + variance / 2) }
}

/// The rates of all ads of an account, level by level from impression to revenue: each ad's are normal around common
/// means, with spreads and correlations that are learned from all ads together.
///
/// Each level is fitted by expectation maximisation with Laplace's approximation for single ads; then the correlations
/// are weighted by their marginal likelihood; finally each ad's levels are fitted together.
///
/// Sources: L. Tierney, J. Kadane, "Accurate Approximations for Posterior Moments", JASA 81 (1986); for pooled funnels
/// under live Thompson sampling, E. Schwartz, E. Bradlow, P. Fader, "Customer Acquisition via Display Advertising Using
/// Multi-Armed Bandit Experiments", Marketing Science 36 (2017).
struct PooledFunnels {
  /// The prior of a level: its common mean, and how far ads lie from it.
  struct Level {
    let mean: FieldPrior.Normal
    let spread: FieldPrior.Spread
  }

  /// The common mean of each level.
  private(set) var means: [Belief]
  /// The covariance of ads around the common means.
  private(set) var covariance: SymmetricMatrix
  /// For each ad: ln of the product of all its rates.
  private(set) var products: [Belief] = []

  private let levels: [Level]
  /// Each ad's modes, level by level, ad after ad.
  private var modes: [Double] = []

  /// `ads` holds each ad's evidence, one element for each level.
  init(_ ads: [[RateEvidence]], levels: [Level], prior: FieldPrior) {
    self.levels = levels
    means = levels.map { Belief(mean: $0.mean.mean, variance: 0) }
    covariance = SymmetricMatrix(diagonal: levels.map { $0.spread.deviation * $0.spread.deviation })
    for level in levels.indices { startMean(level, ads) }
    let start = means.map(\.mean)
    modes.reserveCapacity(ads.count * levels.count)
    for _ in ads { modes += start }
    for level in levels.indices { pool(level, ads) }
    covariance =
      RateCorrelation(
        ads, modes: ads.indices.prefix(RateCorrelation.adLimit).map(modes(of:)), means: means.map(\.mean),
        spreads: covariance.diagonal, prior: prior
      ).covariance
    let precision = covariance.inverse
    products.reserveCapacity(ads.count)
    for (index, ad) in ads.enumerated() {
      let settled = settled(ad, from: modes(of: index), precision)
      products.append(product(of: ad, settled.covariance, settled.modes))
    }
  }

  private func modes(of ad: Int) -> [Double] {
    Array(modes[ad * levels.count..<(ad + 1) * levels.count])
  }

  /// The value that fits all ads' evidence as if they were one ad.
  private mutating func startMean(_ level: Int, _ ads: [[RateEvidence]]) {
    let prior = levels[level].mean
    let precision = 1 / (prior.deviation * prior.deviation)
    for _ in 0..<12 {
      var (gradient, curvature) = (precision * (prior.mean - means[level].mean), precision)
      for ad in ads {
        let slope = ad[level].slope(at: means[level].mean)
        gradient += slope.gradient
        curvature += slope.curvature
      }
      means[level].mean += Self.bounded(gradient / curvature)
    }
  }

  /// Learns a level's common mean and spread. An ad's weight grows with its evidence.
  private mutating func pool(_ level: Int, _ ads: [[RateEvidence]]) {
    let (prior, spread) = (levels[level].mean, levels[level].spread)
    let typical = spread.deviation * spread.deviation
    let precision = 1 / (prior.deviation * prior.deviation)
    var variance = typical
    for _ in 0..<8 {
      var (weight, sum) = (precision, precision * prior.mean)
      var curvatures: [Double] = []
      curvatures.reserveCapacity(ads.count)
      for (index, ad) in ads.enumerated() {
        let curvature = settle(index, level, ad[level], variance)
        curvatures.append(curvature)
        let informed = max(1 - 1 / (curvature * variance), 0) / variance
        weight += informed
        sum += informed * modes[index * levels.count + level]
      }
      means[level] = Belief(mean: sum / weight, variance: 1 / weight)
      var squares = spread.weight * typical
      for index in ads.indices {
        let distance = modes[index * levels.count + level] - means[level].mean
        squares += distance * distance + 1 / curvatures[index]
      }
      variance = squares / (spread.weight + Double(ads.count))
    }
    covariance[level, level] = variance
  }

  /// Moves one rate of an ad towards its mode and returns the curvature there.
  private mutating func settle(_ index: Int, _ level: Int, _ evidence: RateEvidence, _ variance: Double) -> Double {
    var curvature = 1 / variance
    let place = index * levels.count + level
    for _ in 0..<2 {
      let value = modes[place]
      let slope = evidence.slope(at: value)
      curvature = slope.curvature + 1 / variance
      modes[place] += Self.bounded(
        (slope.gradient + (means[level].mean - value) / variance) / curvature)
    }
    return curvature
  }

  /// Moves all rates of an ad together towards their mode, and returns them with their covariance there.
  private func settled(
    _ ad: [RateEvidence], from start: [Double], _ precision: SymmetricMatrix
  ) -> (modes: [Double], covariance: SymmetricMatrix) {
    var modes = start
    var inverse = precision
    for _ in 0..<2 {
      var system = precision
      var gradient = precision * levels.indices.map { means[$0].mean - modes[$0] }
      for level in levels.indices {
        let slope = ad[level].slope(at: modes[level])
        gradient[level] += slope.gradient
        system[level, level] += slope.curvature
      }
      inverse = system.inverse
      let step = inverse * gradient
      for level in levels.indices { modes[level] += Self.bounded(step[level]) }
    }
    return (modes, inverse)
  }

  private func product(of ad: [RateEvidence], _ posterior: SymmetricMatrix, _ modes: [Double]) -> Belief {
    var product = Belief(mean: 0, variance: 0)
    for level in levels.indices {
      let rate = Self.rate(ad[level], mode: modes[level], variance: posterior[level, level])
      product.mean += rate.mean
      product.variance += rate.variance
      let slope = 2 * ad[level].elasticity(at: modes[level])
      for other in 0..<level {
        product.variance += slope * ad[other].elasticity(at: modes[other]) * posterior[level, other]
      }
    }
    product.variance = max(product.variance, 1e-9)
    return product
  }

  /// The lognormal with the rate's own mean and mean square, integrated over the exact likelihood: with few events the
  /// belief is skewed, which the curvature at its mode does not show.
  private static func rate(_ evidence: RateEvidence, mode: Double, variance: Double) -> Belief {
    let slope = evidence.slope(at: mode)
    let precision = max(1 / variance - slope.curvature, 1e-3)
    let middle = mode - slope.gradient / precision
    let width = variance.squareRoot()
    let scores = (-7...7).map { step in
      let value = mode + width * Double(step) * 0.6
      let distance = value - middle
      return (value: value, score: evidence.logLikelihood(at: value) - distance * distance * precision / 2)
    }
    let top = scores.reduce(-Double.infinity) { max($0, $1.score) }
    var (whole, first, second) = (0.0, 0.0, 0.0)
    for item in scores {
      let weight = PortableMath.exp(item.score - top)
      let rate = evidence.rate(at: item.value)
      whole += weight
      first += weight * rate
      second += weight * rate * rate
    }
    let mean = first / whole
    let spread = PortableMath.log(max(second / whole / (mean * mean), 1 + 1e-12))
    return Belief(mean: PortableMath.log(mean) - spread / 2, variance: spread)
  }

  /// A Newton step, bounded so that it does not diverge where the likelihood is nearly flat.
  private static func bounded(_ step: Double) -> Double { min(max(step, -1), 1) }
}
