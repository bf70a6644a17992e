/// How the rates of an account's ads are correlated: click rates with all later rates, and the later rates with each
/// other. There are only two numbers, because a dozen ads cannot determine more.
///
/// Each pair of correlations on a grid is weighted by the marginal likelihood of the evidence (Laplace's approximation)
/// and by the prior; the result is their weighted mean.
struct RateCorrelation {
  /// Click rate with each later rate, in -1...1.
  private(set) var click = 0.0
  /// Later rates with each other, in 0...1.
  private(set) var quality = 0.0

  private let deviations: [Double]

  private static let clickGrid = [-0.7, -0.55, -0.4, -0.25, -0.1, 0, 0.15, 0.3]
  private static let qualityGrid = [0, 0.2, 0.4, 0.6]
  /// More ads than this add nothing to what two numbers can learn.
  static let adLimit = 200

  /// One ad's evidence near its modes: curvatures, and curvature times distance from the common mean.
  private struct Pull {
    let curvatures: [Double]
    let moments: [Double]
  }

  /// `modes` are those of the first ads, at most ``adLimit`` of them.
  init(_ ads: [[RateEvidence]], modes: [[Double]], means: [Double], spreads: [Double], prior: FieldPrior) {
    deviations = spreads.map { $0.squareRoot() }
    let pulls = modes.indices.map { index in
      let slopes = means.indices.map { ads[index][$0].slope(at: modes[index][$0]) }
      return Pull(
        curvatures: slopes.map(\.curvature),
        moments: means.indices.map { level in
          slopes[level].curvature * (modes[index][level] - means[level]) + slopes[level].gradient
        })
    }
    var candidates: [(click: Double, quality: Double, score: Double)] = []
    for quality in Self.qualityGrid {
      for click in Self.clickGrid where isPossible(click, quality) {
        let score = prior.logDensity(click: click, quality: quality) + logLikelihood(pulls, click, quality)
        candidates.append((click, quality, score))
      }
    }
    let top = candidates.reduce(-Double.infinity) { max($0, $1.score) }
    let weights = candidates.map { PortableMath.exp($0.score - top) }
    let whole = weights.reduce(0, +)
    click = zip(weights, candidates).reduce(0) { $0 + $1.0 * $1.1.click } / whole
    quality = zip(weights, candidates).reduce(0) { $0 + $1.0 * $1.1.quality } / whole
  }

  /// The covariance of an ad's rates.
  var covariance: SymmetricMatrix { covariance(click, quality) }

  /// Whether these correlations are possible at all: the matrix must be positive definite.
  private func isPossible(_ click: Double, _ quality: Double) -> Bool {
    let count = Double(deviations.count - 1)
    return click * click < 0.95 * (1 + (count - 1) * quality) / count
  }

  private func logLikelihood(_ pulls: [Pull], _ click: Double, _ quality: Double) -> Double {
    let (precision, logDeterminant) = covariance(click, quality).inverted
    return pulls.reduce(0) { sum, pull in
      var system = precision
      for level in deviations.indices { system[level, level] += pull.curvatures[level] }
      let (inverse, determinant) = system.inverted
      let explained = zip(pull.moments, inverse * pull.moments).reduce(0) { $0 + $1.0 * $1.1 }
      return sum + (explained - determinant - logDeterminant) / 2
    }
  }

  private func covariance(_ click: Double, _ quality: Double) -> SymmetricMatrix {
    var matrix = SymmetricMatrix(diagonal: deviations.map { $0 * $0 })
    for row in deviations.indices.dropFirst() {
      matrix[row, 0] = click * deviations[row] * deviations[0]
      for column in 1..<row { matrix[row, column] = quality * deviations[row] * deviations[column] }
    }
    return matrix
  }
}

extension FieldPrior {
  /// ln of the posterior density of a pair of correlations, up to a constant.
  fileprivate func logDensity(click: Double, quality: Double) -> Double {
    let distance = (click - clickCorrelation.mean) / clickCorrelation.deviation
    let bonus = click == 0 && quality == 0 ? independenceBonus : 0
    return bonus - distance * distance / 2 - quality * qualityCorrelationPenalty
  }
}
