/// The evidence on one rate of one ad, as a likelihood over the rate's logarithm or, for a step, its log odds.
enum RateEvidence: Sendable {
  /// Events counted over an exposure, at exp(value) for each unit of it.
  case counts(count: Double, exposure: Double)
  /// Trials that have ended or are waiting, with log odds of value.
  case trials(StepTrials)
  /// Sum of normal numbers around value with a known variance.
  case normals(count: Double, sum: Double, variance: Double)

  /// First derivative of the log likelihood, and the negative second one, zero or more.
  func slope(at value: Double) -> (gradient: Double, curvature: Double) {
    switch self {
    case .counts(let count, let exposure):
      let expected = exposure * PortableMath.exp(value)
      return (count - expected, expected)
    case .trials(let trials): return trials.slope(at: value)
    case .normals(let count, let sum, let variance): return ((sum - count * value) / variance, count / variance)
    }
  }

  /// The log likelihood, up to a constant.
  func logLikelihood(at value: Double) -> Double {
    switch self {
    case .counts(let count, let exposure): count * value - exposure * PortableMath.exp(value)
    case .trials(let trials): trials.logLikelihood(at: value)
    case .normals(let count, let sum, let variance): -(count * value - 2 * sum) * value / (2 * variance)
    }
  }

  /// The rate that the value stands for.
  func rate(at value: Double) -> Double {
    if case .trials = self { return PortableMath.sigmoid(value) }
    return PortableMath.exp(value)
  }

  /// By how much ln of the rate grows with the value.
  func elasticity(at value: Double) -> Double {
    if case .trials = self { return 1 - PortableMath.sigmoid(value) }
    return 1
  }
}

/// Deals that entered a stage: gone on, lost, or still waiting.
struct StepTrials: Sendable {
  /// Deals of one age that are still waiting. The probability of that is `rest - p * gone`, see ``StepDynamics``.
  struct Waiting: Sendable {
    let count: Double
    let rest: Double
    let gone: Double
  }

  var successes = 0.0
  var failures = 0.0
  var waiting: [Waiting] = []

  func slope(at value: Double) -> (gradient: Double, curvature: Double) {
    let p = PortableMath.sigmoid(value)
    let q = p * (1 - p)
    var gradient = successes * (1 - p) - failures * p
    var curvature = (successes + failures) * q
    for cohort in waiting {
      let pull = cohort.gone * q / max(cohort.rest - p * cohort.gone, 1e-12)
      gradient -= cohort.count * pull
      // Where the exact second derivative is negative, using 0 instead takes more steps but reaches the same end.
      curvature += cohort.count * max(pull * (1 - 2 * p) + pull * pull, 0)
    }
    return (gradient, curvature)
  }

  func logLikelihood(at value: Double) -> Double {
    let p = PortableMath.sigmoid(value)
    var sum = successes * PortableMath.log(max(p, 1e-300)) + failures * PortableMath.log(max(1 - p, 1e-300))
    for cohort in waiting {
      sum += cohort.count * PortableMath.log(max(cohort.rest - p * cohort.gone, 1e-12))
    }
    return sum
  }
}

extension PortableMath {
  /// 1 / (1 + exp(-x)).
  static func sigmoid(_ x: Double) -> Double {
    1 / (1 + exp(-x))
  }
}
