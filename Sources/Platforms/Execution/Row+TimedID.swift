import Storage
import Values

extension Row {
  /// An id of a change or batch. Throws ``DatabaseError/unreadableColumn(_:)``.
  func timedID(_ column: String) throws -> TimedID {
    guard let id = TimedID(try get(column)) else { throw DatabaseError.unreadableColumn(column) }
    return id
  }

  /// The same; nil for null.
  func timedIDIfAny(_ column: String) throws -> TimedID? {
    try getOptional(column, as: String.self) == nil ? nil : timedID(column)
  }
}
