import Values

/// A table and the columns of its key, used to name a row that cannot be read.
public struct StoredTable: Sendable {
  /// The table's name.
  public let name: String
  private let key: [String]

  /// Takes the table's name and the columns of its key.
  public init(_ name: String, key: String...) {
    self.name = name
    self.key = key
  }

  /// Reads a row with `body`, which must not query the database. `account` is the row's account, where the row itself
  /// does not name it. Throws an ``UnreadableRow`` for whatever `body` throws.
  public func read<Value>(
    _ row: Row, of account: AccountID? = nil, _ body: (Row) throws -> Value
  ) throws(UnreadableRow) -> Value {
    do {
      return try body(row)
    } catch {
      throw unreadable(key.map { text(of: $0, in: row, of: account) }, error)
    }
  }

  private func text(of column: String, in row: Row, of account: AccountID?) -> String {
    if column == "account_id", let account { return account.value }
    return (try? row.getOptional(column, as: SQLValue.self))?.text ?? "?"
  }

  /// Reads with `body` what a row holds, such as its JSON; `values` are those of its key. Throws an ``UnreadableRow``
  /// for whatever that throws.
  public func read<Value>(
    key values: @autoclosure () -> [String], _ body: () throws -> Value
  ) throws(UnreadableRow) -> Value {
    do {
      return try body()
    } catch {
      throw unreadable(values(), error)
    }
  }

  private func unreadable(_ values: [String], _ error: any Error) -> UnreadableRow {
    UnreadableRow(
      table: name, key: zip(key, values).map { "\($0)=\($1)" }.joined(separator: " "), problem: "\(error)")
  }
}

/// A stored row that does not hold what this release expects: another release wrote it, or it was damaged. No caller
/// can fix that.
public struct UnreadableRow: Error, Hashable, Sendable, CustomStringConvertible {
  /// The row's table.
  public let table: String
  /// The columns of the row's key with their values, such as `account_id=acme deal_id=7`.
  public let key: String
  /// What is wrong with it.
  public let problem: String

  /// What is wrong with which row, and what to do.
  public var description: String {
    "the row \(key) of \(table) cannot be read: \(problem); run the release that wrote it, or restore it from a backup"
  }
}

extension Row {
  /// Reads a column that holds one of the raw values of `type`. Throws ``DatabaseError/unreadableColumn(_:)``.
  public func word<Word: RawRepresentable<String>>(_ column: String, as type: Word.Type = Word.self) throws -> Word {
    guard let word = Word(rawValue: try get(column)) else { throw DatabaseError.unreadableColumn(column) }
    return word
  }
}

extension SQLValue {
  /// The value as text for people; nil for null.
  fileprivate var text: String? {
    switch self {
    case .null: nil
    case .integer(let number): "\(number)"
    case .double(let number): "\(number)"
    case .text(let text): text
    case .bool(let truth): "\(truth)"
    case .money(let amount): "\(amount)"
    case .instant(let moment): "\(moment)"
    case .day(let day): "\(day)"
    case .bytes(let bytes): "\(bytes.count) bytes"
    case .vector(let numbers): "\(numbers.count) numbers"
    }
  }
}
