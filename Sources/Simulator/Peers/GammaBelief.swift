import DecisionEngine

/// A belief about a rate of events for each unit of spend: a Gamma distribution, conjugate to Poisson counts.
struct GammaBelief {
  /// Events counted, and those that the prior stands for; 1 or more.
  let shape: Double
  /// Spend they took, over 0.
  let spend: Double

  /// The rate to expect.
  var mean: Double { shape / spend }

  /// A rate drawn from the belief.
  func draw(_ stream: inout RandomStream) -> Double {
    stream.nextGamma(shape: shape) / spend
  }
}
