/// How long a deal stays in a stage: ln(days) is normal.
struct DelayModel {
  var mean: Double
  var deviation: Double

  /// The probability that a deal that goes on does so within `days`.
  func share(within days: Double) -> Double {
    guard days > 0 else { return 0 }
    return PortableMath.normalCDF((PortableMath.log(days) - mean) / deviation)
  }

  /// Mean and mean square of ln(days) of stays longer than `days`.
  func beyond(_ days: Double) -> (log: Double, square: Double) {
    guard days > 0 else { return (mean, mean * mean + deviation * deviation) }
    let z = (PortableMath.log(days) - mean) / deviation
    let tail = 1 - PortableMath.normalCDF(z)
    // Beyond six standard deviations the tail is too thin to divide by; the first terms of the asymptotic series are
    // accurate there.
    let hazard =
      tail > 1e-9 ? PortableMath.exp(-0.5 * z * z) / 2.5066282746310002 / tail : z + 1 / z - 2 / (z * z * z)
    let log = mean + deviation * hazard
    return (log, mean * mean + 2 * mean * deviation * hazard + deviation * deviation * (1 + z * hazard))
  }
}
