import Storage
import Values

/// Converts between minor units, which changes use, and the exact amounts that are stored.
struct ChangeAmounts: Sendable {
  let currency: Currency

  /// The amount for these minor units, clamped to what can be stored.
  func money(_ minorUnits: Int64) -> Money {
    let step = Int128(1_000_000 / currency.minorUnitsPerMajor)
    let micros = Int64(clamping: Int128(minorUnits) * step)
    return Money(micros: micros - micros % Int64(step))
  }

  func money(_ minorUnits: Int64?) -> Money? { minorUnits.map { money($0) } }

  /// Reads an amount, which must be whole minor units.
  func minorUnits(_ column: String, _ row: Row) throws -> Int64 {
    guard let amount = try minorUnitsIfAny(column, row) else { throw DatabaseError.unreadableColumn(column) }
    return amount
  }

  func minorUnitsIfAny(_ column: String, _ row: Row) throws -> Int64? {
    guard let money = try row.getOptional(column, as: Money.self) else { return nil }
    guard let amount = money.wholeMinorUnits(of: currency) else { throw DatabaseError.unreadableColumn(column) }
    return amount
  }
}
