/// A statement with its values: what is interpolated with `\( )` is bound, never spliced into the text.
///
/// One text serves every database; ``text(_:)`` writes placeholders and types as a ``Dialect`` has them.
///
///     let statement: SQL = "SELECT spend FROM ad_states WHERE account_id = \(accountID)"
public struct SQL: Sendable, ExpressibleByStringInterpolation {
  private enum Part: Sendable {
    case text(String)
    case binding(Int)
    case type(ColumnType)
    case vectorColumn(name: String, dimensions: Int)
  }

  private var parts: [Part]

  /// The bound values, in their order.
  public private(set) var bindings: [SQLValue]

  /// Makes a statement without values.
  public init(stringLiteral text: String) {
    parts = [.text(text)]
    bindings = []
  }

  /// Makes a statement from an interpolated literal.
  public init(stringInterpolation: Interpolation) {
    self = stringInterpolation.sql
  }

  private init() {
    parts = []
    bindings = []
  }

  /// The statement's text in `dialect`.
  public func text(_ dialect: Dialect) -> String {
    var text = ""
    text.reserveCapacity(
      parts.reduce(0) { if case .text(let literal) = $1 { $0 + literal.utf8.count } else { $0 + 8 } })
    for part in parts {
      switch part {
      case .text(let literal): text += literal
      case .binding(let index): dialect.writePlaceholder(index + 1, to: &text)
      case .type(let type): text += dialect.name(of: type)
      case .vectorColumn(let name, let dimensions): text += dialect.vectorColumn(name, dimensions: dimensions)
      }
    }
    return text
  }

  /// Comma-separated values, as `IN ( )` takes them; `NULL` where there are none, because nothing equals it.
  public static func list(_ values: some Sequence<some SQLEncodable>) -> SQL {
    var sql = SQL()
    for value in values {
      if !sql.parts.isEmpty { sql.parts.append(.text(", ")) }
      sql.bind(value.sqlValue)
    }
    return sql.parts.isEmpty ? "NULL" : sql
  }

  /// Rows as `VALUES` takes them, at least one: the values of each in parentheses, preceded by `shared` values that are
  /// the same in every row and are bound once.
  public static func rows(_ rows: [[SQLValue]], after shared: [SQLValue] = []) -> SQL {
    var sql = SQL()
    sql.bindings = shared
    for row in rows {
      sql.parts.append(.text(sql.parts.isEmpty ? "(" : "), ("))
      for index in shared.indices {
        if index > 0 { sql.parts.append(.text(", ")) }
        sql.parts.append(.binding(index))
      }
      for (index, value) in row.enumerated() {
        if index > 0 || !shared.isEmpty { sql.parts.append(.text(", ")) }
        sql.bind(value)
      }
    }
    sql.parts.append(.text(")"))
    return sql
  }

  private mutating func bind(_ value: SQLValue) {
    parts.append(.binding(bindings.count))
    bindings.append(value)
  }

  /// Builds a statement from a literal's pieces.
  public struct Interpolation: StringInterpolationProtocol {
    fileprivate var sql = SQL()

    /// Starts an empty statement.
    public init(literalCapacity: Int, interpolationCount: Int) {
      sql.parts.reserveCapacity(2 * interpolationCount + 1)
      sql.bindings.reserveCapacity(interpolationCount)
    }

    /// Appends SQL text unchanged.
    public mutating func appendLiteral(_ literal: String) {
      sql.parts.append(.text(literal))
    }

    /// Binds a value.
    public mutating func appendInterpolation(_ value: some SQLEncodable) {
      sql.bind(value.sqlValue)
    }

    /// Writes a column type as the dialect names it.
    public mutating func appendInterpolation(type: ColumnType) {
      sql.parts.append(.type(type))
    }

    /// Defines a column of vectors with `dimensions` numbers each: its name, its type, and the constraint that rejects
    /// other lengths. On PostgreSQL the migration ``Migration/vectors(_:)`` must come before it.
    public mutating func appendInterpolation(vectorColumn name: StaticString, dimensions: Int) {
      sql.parts.append(.vectorColumn(name: "\(name)", dimensions: dimensions))
    }

    /// Inserts another statement, with its values.
    public mutating func appendInterpolation(_ other: SQL) {
      for part in other.parts {
        switch part {
        case .binding(let index): sql.parts.append(.binding(sql.bindings.count + index))
        case .text, .type, .vectorColumn: sql.parts.append(part)
        }
      }
      sql.bindings += other.bindings
    }
  }
}
