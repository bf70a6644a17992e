import Values

/// Lower bounds that need more than a total, pressed down until they sum to it.
///
/// Ads that are to give way first go down as far as their minimum budget. If that is not enough, ads whose share of the
/// total lies under their lower bound, and which therefore shrink anyway, go down to that share. What is missing then
/// is taken from all, in proportion to what each holds over its minimum budget. No ad gets less than that.
struct PressedBounds {
  /// The budgets, in the order of the bounds, in minor units.
  private(set) var amounts: [Int64]

  private let total: Int64

  /// `shares` are finite, 0 or more; `giveWayFirst` says of each ad whether it does.
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

  /// Takes from all in proportion to what they hold over their targets, as much as there is too much.
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
