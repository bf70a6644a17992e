/// Exponential and logarithm made of additions, multiplications and divisions only.
///
/// The C library's versions differ in the last bit between processors and releases. A decision must replay to the
/// bit anywhere, so these use nothing but operations that IEEE 754 rounds exactly. Error: `exp` under 1.2 ulp, `log` under 2 ulp.
enum PortableMath {
  private static let ln2High = 0x1.62e42fee00000p-1
  private static let ln2Low = 0x1.a39ef35793c76p-33

  /// e to the power of `x`; 0 below -745.2 and infinity above 709.8.
  ///
  /// Reduces to |r| <= ln 2 / 2 by `x = k ln 2 + r` and sums the Taylor series of degree 13 there.
  static func exp(_ x: Double) -> Double {
    guard !x.isNaN else { return x }
    if x > 709.8 { return .infinity }
    if x < -745.2 { return 0 }
    let k = (x / 0x1.62e42fefa39efp-1).rounded()
    let r = (x - k * ln2High) - k * ln2Low
    var sum = 1.0
    var degree = 13.0
    while degree > 0 {
      sum = 1 + r / degree * sum
      degree -= 1
    }
    let half = Int(k) / 2
    return sum * powerOfTwo(half) * powerOfTwo(Int(k) - half)
  }

  /// The natural logarithm of `x`; minus infinity at 0, NaN below it.
  ///
  /// Splits `x` into `m * 2^k` with m in [sqrt(1/2), sqrt(2)) and sums `2 atanh((m - 1) / (m + 1))`.
  static func log(_ x: Double) -> Double {
    guard x > 0 else { return x == 0 ? -.infinity : .nan }
    guard x.isFinite else { return x }
    var k = Double(x.exponent)
    var m = x.significand
    if m >= 0x1.6a09e667f3bcdp0 {
      m /= 2
      k += 1
    }
    let s = (m - 1) / (m + 1)
    let square = s * s
    var series = 0.0
    var odd = 23.0
    while odd > 1 {
      series = (series + 1 / odd) * square
      odd -= 2
    }
    return k * ln2High + (2 * s + (2 * s * series + k * ln2Low))
  }

  private static func powerOfTwo(_ exponent: Int) -> Double {
    Double(bitPattern: UInt64(1023 + exponent) << 52)
  }
}
