import Values

/// Rounds amounts to integers without changing their sum.
enum WholeUnits {
  /// Rounds `wanted` down and distributes the remainder of `total` by largest fraction, within `ranges`.
  ///
  /// The amounts sum to `total` wherever the ranges allow it, whatever `wanted` sums to.
  static func rounded(_ wanted: [Double], total: Int64, within ranges: [ClosedRange<Int64>]) -> [Int64] {
    var amounts = zip(wanted, ranges).map { min(max(Int64(clamping: $0.rounded(.down)), $1.lowerBound), $1.upperBound) }
    var left = amounts.reduce(into: Int128(total)) { $0 -= Int128($1) }
    guard left != 0 else { return amounts }
    let remainders = wanted.map { $0 - $0.rounded(.down) }
    // A few passes of one unit for each ad distribute what rounding leaves. A larger remainder is not explained by
    // rounding and is spread evenly first.
    if left.magnitude > 64 * UInt128(amounts.count) { level(&left, over: &amounts, within: ranges) }
    let order = remainders.indices.sorted {
      remainders[$0] != remainders[$1] ? remainders[$0] > remainders[$1] : $0 < $1
    }
    var moved = true
    while left != 0, moved {
      let step: Int64 = left > 0 ? 1 : -1
      moved = false
      for index in left > 0 ? order : order.reversed() where left != 0 {
        guard step > 0 ? amounts[index] < ranges[index].upperBound : amounts[index] > ranges[index].lowerBound
        else { continue }
        amounts[index] += step
        left -= Int128(step)
        moved = true
      }
    }
    return amounts
  }

  /// Adds the same part of `left` to every amount, or subtracts it, as far as its range allows.
  private static func level(_ left: inout Int128, over amounts: inout [Int64], within ranges: [ClosedRange<Int64>]) {
    let grows = left > 0
    let rooms = amounts.indices.map { index in
      grows
        ? Int128(ranges[index].upperBound) - Int128(amounts[index])
        : Int128(ranges[index].lowerBound) - Int128(amounts[index])
    }
    let order = rooms.indices.sorted {
      rooms[$0] != rooms[$1] ? rooms[$0].magnitude < rooms[$1].magnitude : $0 < $1
    }
    for (position, index) in order.enumerated() {
      let part = left / Int128(order.count - position)
      let given = grows ? min(rooms[index], part) : max(rooms[index], part)
      amounts[index] = Int64(clamping: Int128(amounts[index]) + given)
      left -= given
    }
  }
}
