/// A failure of the database, sorted by what the caller can do about it.
public enum DatabaseError: Error, Equatable, Sendable {
  /// The key exists already.
  case uniqueViolation(String)
  /// A row that this one refers to does not exist.
  case foreignKeyViolation(String)
  /// A value violates a constraint of its column or table.
  case checkViolation(String)
  /// The lock is held by others for longer than the waiting time; trying again is safe.
  case busy(String)
  /// The database cannot be opened or reached; the text says where and why, and whether the failure was during a
  /// commit, whose outcome is then unknown.
  case unavailable(String)
  /// The database can be read but not written: its disk is full or read-only. Trying again is safe.
  case unwritable(String)
  /// The column is not in the result, or does not hold what the reader expects.
  case unreadableColumn(String)
  /// The schema was made by a newer or altered release of this program.
  case schemaMismatch(String)
  /// Any other failure, in the database's own words.
  case failed(String)
}

extension DatabaseError: CustomStringConvertible {
  /// What happened and, where there is something to do, what to do.
  public var description: String {
    switch self {
    case .uniqueViolation(let detail): "the same key is there already: \(detail)"
    case .foreignKeyViolation(let detail): "a row that is referred to is missing: \(detail)"
    case .checkViolation(let detail): "a value breaks a rule of the database: \(detail)"
    case .busy(let detail): "the database is busy: \(detail); try again"
    case .unavailable(let detail): "the database cannot be opened or reached: \(detail)"
    case .unwritable(let detail): "the database cannot be written: \(detail)"
    case .unreadableColumn(let column): "column \(column) does not hold what was expected"
    case .schemaMismatch(let detail): "the database belongs to another release: \(detail)"
    case .failed(let detail): "the database failed: \(detail)"
    }
  }
}
