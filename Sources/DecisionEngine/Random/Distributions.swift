extension RandomStream {
  /// A standard normal number, by Marsaglia's polar method.
  ///
  /// Source: G. Marsaglia, T. A. Bray, "A Convenient Method for Generating Normal Variables", SIAM Review 6 (1964).
  public mutating func nextNormal() -> Double {
    while true {
      let u = 2 * nextUniform() - 1
      let v = 2 * nextUniform() - 1
      let square = u * u + v * v
      if square < 1, square > 0 {
        return u * (-2 * PortableMath.log(square) / square).squareRoot()
      }
    }
  }

  /// A Gamma number of the given shape (1 or more) and scale 1, by squeeze and rejection.
  ///
  /// Source: G. Marsaglia, W. W. Tsang, "A Simple Method for Generating Gamma Variables", ACM TOMS 26 (2000).
  public mutating func nextGamma(shape: Double) -> Double {
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = nextNormal()
      let root = 1 + c * x
      guard root > 0 else { continue }
      let v = root * root * root
      let u = nextUniform()
      if u < 1 - 0.0331 * x * x * x * x { return d * v }
      if PortableMath.log(u) < 0.5 * x * x + d * (1 - v + PortableMath.log(v)) { return d * v }
    }
  }

  /// A Beta number in 0...1 for shapes of 1 or more: `X / (X + Y)` of two Gamma numbers.
  public mutating func nextBeta(alpha: Double, beta: Double) -> Double {
    let x = nextGamma(shape: alpha)
    let y = nextGamma(shape: beta)
    return x / (x + y)
  }
}
