import Values

/// A part of a whole, exact to the millionth, so that limits computed from it are the same everywhere.
package struct Share: Hashable, Comparable, Sendable {
  /// Nothing.
  package static let zero = Share(millionths: 0)
  package static let whole = Share(millionths: 1_000_000)

  /// Millionths, 0 or more.
  package let millionths: Int64

  /// Negative numbers count as 0.
  package init(millionths: Int64) {
    self.millionths = max(0, millionths)
  }

  /// Rounds to the nearest millionth; NaN counts as 0.
  package init(rounding value: Double) {
    self.init(millionths: Int64(clamping: (value * 1_000_000).rounded()))
  }

  /// `part` as a share of `whole`, rounded up so that no share looks smaller than it is; the whole where `whole` is 0.
  package init(_ part: Int64, of whole: Int64) {
    guard whole > 0 else {
      self.init(millionths: part > 0 ? 1_000_000 : 0)
      return
    }
    let scaled = Int128(max(0, part)) * 1_000_000
    self.init(millionths: Int64(clamping: (scaled + Int128(whole) - 1) / Int128(whole)))
  }

  /// The share as a number: 0.5 for a half.
  package var value: Double { Double(millionths) / 1_000_000 }

  /// This share of `amount`, rounded down; 0 for a negative amount.
  package func of(_ amount: Int64) -> Int64 {
    Int64(clamping: Int128(max(0, amount)) * Int128(millionths) / 1_000_000)
  }

  package static func < (left: Share, right: Share) -> Bool { left.millionths < right.millionths }

  /// The sum of both.
  package static func + (left: Share, right: Share) -> Share {
    Share(millionths: Int64(clamping: Int128(left.millionths) + Int128(right.millionths)))
  }
}

extension Share: CustomStringConvertible {
  /// In percent, with as many decimals as needed: `12.5 %`.
  package var description: String {
    let (whole, fraction) = millionths.quotientAndRemainder(dividingBy: 10_000)
    guard fraction > 0 else { return "\(whole) %" }
    var digits = String(fraction + 10_000).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "\(whole).\(digits) %"
  }
}
