import Values

/// Reduces lower bounds that need more than a total until they sum to it.
///
/// The ads marked to give way first are reduced down to their minimum budget. If that is not enough, ads whose share of
/// the total lies below their lower bound, and whose budget therefore shrinks anyway, are reduced down to that share.
/// What is still missing is taken from all ads, in proportion to what each has above its minimum budget. No ad gets
/// less than that minimum.
struct PressedBounds {
  /// The budgets, in the order of the bounds, in minor units.
  private(set) var amounts: [Int64]

  private let total: Int64

  /// `shares` are finite, 0 or more; `giveWayFirst` marks the ads that do.
  init(total: Int64, shares: [Double], bounds: [BudgetBounds], giveWayFirst: [Bool]) {
    self.total = total
    amounts = bounds.map(\.lower)
    press(to: zip(bounds, giveWayFirst).map { $1 ? $0.minimum : $0.lower })
    let sum = shares.reduce(0, +)
    press(
      to: amounts.indices.map { index in
        let share = Int64(clamping: sum > 0 ? shares[index] / sum * Double(total) : 0)
        return min(max(share, bounds[index].minimum), amounts[index])
      })
    press(to: bounds.map(\.minimum))
  }

  /// Takes the excess from all ads in proportion to what they have above their targets.
  private mutating func press(to targets: [Int64]) {
    let excess = amounts.reduce(into: Int128(0)) { $0 += Int128($1) } - Int128(total)
    guard excess > 0 else { return }
    let rooms = zip(amounts, targets).map { Int128($0) - Int128($1) }
    let room = rooms.reduce(0, +)
    guard room > excess else {
      amounts = targets
      return
    }
    let part = Double(excess) / Double(room)
    amounts = WholeUnits.rounded(
      zip(amounts, rooms).map { Double($0) - part * Double($1) }, total: total,
      within: zip(targets, amounts).map { $0...$1 })
  }
}
