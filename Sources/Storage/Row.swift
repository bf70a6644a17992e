/// A row of a result.
public struct Row: Sendable {
  /// The names of a result's columns with their positions, shared by all of its rows.
  public struct Columns: Sendable {
    private let positions: [String: Int]

    /// Takes the columns' names in their order.
    public init(names: [String]) {
      positions = Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first })
    }

    fileprivate subscript(name: String) -> Int? { positions[name] }
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
