import DecisionEngine

/// A belief about a rate of events for each unit of spend: a Gamma distribution, conjugate to Poisson counts.
struct GammaBelief {
  /// Events counted, plus those of the prior; 1 or more.
  let shape: Double
  /// The spend in which they occurred, above 0.
  let spend: Double

  /// The expected rate.
  var mean: Double { shape / spend }

  /// A rate drawn from the belief.
  func draw(_ stream: inout RandomStream) -> Double {
    stream.nextGamma(shape: shape) / spend
  }
}
