import Values

/// Exponential and logarithm computed with additions, multiplications and divisions only.
///
/// The C library's versions differ in the last bit between processors and releases. A decision must replay to the bit
/// anywhere, so these use only operations that IEEE 754 rounds exactly. Error: below 1.2 ulp.
package enum PortableMath {
  private static let ln2High = 0x1.62e42fee00000p-1
  private static let ln2Low = 0x1.a39ef35793c76p-33

  /// e to the power of `x`; 0 below -745.2 and infinity above 709.8.
  ///
  /// Reduces to |r| <= ln 2 / 2 by `x = k ln 2 + r` and sums the Taylor series of degree 13 there.
  package static func exp(_ x: Double) -> Double {
    guard !x.isNaN else { return x }
    if x > 709.8 { return .infinity }
    if x < -745.2 { return 0 }
    let k = (x / 0x1.62e42fefa39efp-1).rounded()
    let r = (x - k * ln2High) - k * ln2Low
    var sum = 1.0 / 6_227_020_800
    sum = sum * r + 1.0 / 479_001_600
    sum = sum * r + 1.0 / 39_916_800
    sum = sum * r + 1.0 / 3_628_800
    sum = sum * r + 1.0 / 362_880
    sum = sum * r + 1.0 / 40_320
    sum = sum * r + 1.0 / 5_040
    sum = sum * r + 1.0 / 720
    sum = sum * r + 1.0 / 120
    sum = sum * r + 1.0 / 24
    sum = sum * r + 1.0 / 6
    sum = sum * r + 1.0 / 2
    sum = sum * r + 1
    sum = sum * r + 1
    // `k` is an integer between -1075 and 1024.
    let exponent = Int(exactly: k) ?? 0
    let half = exponent / 2
    return sum * powerOfTwo(half) * powerOfTwo(exponent - half)
  }

  /// The natural logarithm of `x`; minus infinity at 0, NaN below it.
  ///
  /// Splits `x` into `2^k (1 + f)` with 1 + f in [sqrt(1/2), sqrt(2)). With s = f / (2 + f), log(1 + f) is 2 atanh(s),
  /// rearranged so that its large part, f - f^2 / 2, is nearly exact.
  package static func log(_ x: Double) -> Double {
    guard x > 0 else { return x == 0 ? -.infinity : .nan }
    guard x.isFinite else { return x }
    var k = Double(x.exponent)
    var m = x.significand
    if m >= 0x1.6a09e667f3bcdp0 {
      m /= 2
      k += 1
    }
    let f = m - 1
    let s = f / (2 + f)
    let z = s * s
    var series = 2.0 / 23
    series = series * z + 2.0 / 21
    series = series * z + 2.0 / 19
    series = series * z + 2.0 / 17
    series = series * z + 2.0 / 15
    series = series * z + 2.0 / 13
    series = series * z + 2.0 / 11
    series = series * z + 2.0 / 9
    series = series * z + 2.0 / 7
    series = series * z + 2.0 / 5
    series = series * z + 2.0 / 3
    let half = 0.5 * f * f
    return k * ln2High - ((half - (s * (half + series * z) + k * ln2Low)) - f)
  }

  /// The probability that a standard normal number is at most `x`; absolute error below 1e-14.
  ///
  /// Source: J. F. Hart et al., "Computer Approximations" (1968), as arranged by G. West, "Better Approximations to
  /// Cumulative Normal Functions", Wilmott Magazine (2005).
  static func normalCDF(_ x: Double) -> Double {
    let a = x.magnitude
    guard a < 38 else { return x > 0 ? 1 : 0 }
    let power = exp(-0.5 * a * a)
    let tail: Double
    if a < 7.07106781186547 {
      var top = 3.52624965998911e-02 * a + 0.700383064443688
      top = top * a + 6.37396220353165
      top = top * a + 33.912866078383
      top = top * a + 112.079291497871
      top = top * a + 221.213596169931
      top = top * a + 220.206867912376
      var bottom = 8.83883476483184e-02 * a + 1.75566716318264
      bottom = bottom * a + 16.064177579207
      bottom = bottom * a + 86.7807322029461
      bottom = bottom * a + 296.564248779674
      bottom = bottom * a + 637.333633378831
      bottom = bottom * a + 793.826512519948
      bottom = bottom * a + 440.413735824752
      tail = power * top / bottom
    } else {
      let fraction = a + 1 / (a + 2 / (a + 3 / (a + 4 / (a + 0.65))))
      tail = power / fraction / 2.506628274631
    }
    return x > 0 ? 1 - tail : tail
  }

  /// The probability that a number of Student's t distribution with one degree of freedom or more is at most `x`.
  /// Absolute error: below 0.015 with one degree, 3e-4 with two, 2e-5 with three, 4e-8 from six and 1e-9 from ten
  /// degrees on.
  ///
  /// Source: G. W. Hill, "Algorithm 395: Student's t-Distribution", Communications of the ACM 13 (1970).
  static func studentCDF(_ x: Double, freedom: Double) -> Double {
    let a = freedom - 0.5
    let b = 48 * a * a
    let square = a * log(1 + x * x / freedom)
    guard square.isFinite else { return x > 0 ? 1 : 0 }
    var z =
      (((-0.4 * square - 3.3) * square - 24) * square - 85.5) / (0.8 * square * square + 100 + b)
    z = ((z + square + 3) / b + 1) * square.squareRoot()
    return normalCDF(x > 0 ? z : -z)
  }

  private static func powerOfTwo(_ exponent: Int) -> Double {
    Double(bitPattern: UInt64(1023 + exponent) << 52)
  }
}
