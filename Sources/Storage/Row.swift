/// A row of a result.
public struct Row: Sendable {
  /// The names of a result's columns in their order, shared by all of its rows.
  public struct Columns: Sendable {
    private let names: [String]

    /// Takes the columns' names in their order.
    public init(names: [String]) {
      self.names = names
    }

    /// Results have few columns, mostly with names short enough to compare like numbers. Most results have one row, so
    /// building a lookup table would cost more than it saves.
    fileprivate subscript(name: String) -> Int? { names.firstIndex(of: name) }
  }

  private let columns: Columns
  private let values: [SQLValue]

  /// Makes a row; `values` are in the order of `columns`.
  public init(columns: Columns, values: [SQLValue]) {
    self.columns = columns
    self.values = values
  }

  /// Reads a column that is never null. Throws ``DatabaseError/unreadableColumn(_:)``.
  public func get<Value: SQLDecodable>(_ column: String, as type: Value.Type = Value.self) throws -> Value {
    guard let value = Value(sqlValue: try rawValue(column)) else {
      throw DatabaseError.unreadableColumn(column)
    }
    return value
  }

  /// Reads a column that may be null. Throws ``DatabaseError/unreadableColumn(_:)``.
  public func getOptional<Value: SQLDecodable>(
    _ column: String, as type: Value.Type = Value.self
  ) throws -> Value? {
    if case .null = try rawValue(column) { return nil }
    return try get(column, as: type)
  }

  private func rawValue(_ column: String) throws -> SQLValue {
    guard let position = columns[column] else { throw DatabaseError.unreadableColumn(column) }
    return values[position]
  }
}
