import Values

/// A value passed to or read from a database.
public enum SQLValue: Hashable, Sendable {
  /// No value.
  case null
  /// A whole number, or a truth value where a database has none of its own (0 or 1).
  case integer(Int64)
  /// A binary floating-point number: never an amount of money.
  case double(Double)
  /// Text in UTF-8.
  case text(String)
  /// A truth value.
  case bool(Bool)
  /// An exact amount.
  case money(Money)
  /// A moment in UTC.
  case instant(Instant)
  case day(CalendarDay)
  /// Bytes, in any format.
  case bytes([UInt8])
  /// A vector of 1 to ``mostDimensions`` finite numbers.
  case vector([Float])
}

extension SQLValue {
  /// How many numbers a vector may have: as many as pgvector stores.
  public static let mostDimensions = 16_000

  /// Throws ``DatabaseError/checkViolation(_:)`` for text with the character U+0000, which PostgreSQL cannot hold and
  /// at which SQLite's own functions would truncate it, and for vectors that pgvector cannot hold. So both databases
  /// accept the same values.
  public func checkStorable() throws(DatabaseError) {
    switch self {
    case .text(let text) where text.utf8.contains(0):
      throw .checkViolation("text may not hold the character U+0000")
    case .vector(let numbers) where !(1...Self.mostDimensions).contains(numbers.count):
      throw .checkViolation("a vector has 1 to \(Self.mostDimensions) numbers, not \(numbers.count)")
    case .vector(let numbers) where !numbers.allSatisfy(\.isFinite):
      throw .checkViolation("a vector may not hold infinity or what is no number")
    default: break
    }
  }
}

/// A Swift type that can be bound to a statement.
public protocol SQLEncodable: Sendable {
  /// The value as the database takes it.
  var sqlValue: SQLValue { get }
}

/// A Swift type that can be read from a column.
public protocol SQLDecodable {
  /// Returns nil where the column holds another kind of value.
  init?(sqlValue: SQLValue)
}

extension SQLValue: SQLEncodable, SQLDecodable {
  public var sqlValue: SQLValue { self }

  /// Takes any value as it is.
  public init?(sqlValue: SQLValue) { self = sqlValue }
}

extension Int: SQLEncodable, SQLDecodable {
  public var sqlValue: SQLValue { .integer(Int64(self)) }

  public init?(sqlValue: SQLValue) {
    guard case .integer(let number) = sqlValue else { return nil }
    self.init(exactly: number)
  }
}

extension Int64: SQLEncodable, SQLDecodable {
  public var sqlValue: SQLValue { .integer(self) }

  public init?(sqlValue: SQLValue) {
    guard case .integer(let number) = sqlValue else { return nil }
    self = number
  }
}

extension Double: SQLEncodable, SQLDecodable {
  public var sqlValue: SQLValue { .double(self) }

  /// Reads a floating-point or a whole number.
  public init?(sqlValue: SQLValue) {
    switch sqlValue {
    case .double(let number): self = number
    case .integer(let number): self = Double(number)
    default: return nil
    }
  }
}

extension String: SQLEncodable, SQLDecodable {
  public var sqlValue: SQLValue { .text(self) }

  public init?(sqlValue: SQLValue) {
    guard case .text(let text) = sqlValue else { return nil }
    self = text
  }
}

extension Bool: SQLEncodable, SQLDecodable {
  public var sqlValue: SQLValue { .bool(self) }

  /// Reads a truth value, or 0 and 1.
  public init?(sqlValue: SQLValue) {
    switch sqlValue {
    case .bool(let truth): self = truth
    case .integer(0): self = false
    case .integer(1): self = true
    default: return nil
    }
  }
}

extension Money: SQLEncodable, SQLDecodable {
  public var sqlValue: SQLValue { .money(self) }

  /// Reads an amount, or its millionths where a database stores those.
  public init?(sqlValue: SQLValue) {
    switch sqlValue {
    case .money(let amount): self = amount
    case .integer(let micros): self.init(micros: micros)
    default: return nil
    }
  }
}

extension Instant: SQLEncodable, SQLDecodable {
  public var sqlValue: SQLValue { .instant(self) }

  /// Reads a moment, or its microseconds where a database stores those.
  public init?(sqlValue: SQLValue) {
    switch sqlValue {
    case .instant(let instant): self = instant
    case .integer(let microseconds): self.init(microseconds: microseconds)
    default: return nil
    }
  }
}

extension CalendarDay: SQLEncodable, SQLDecodable {
  public var sqlValue: SQLValue { .day(self) }

  /// Reads a day, or its `YYYY-MM-DD` where a database stores that.
  public init?(sqlValue: SQLValue) {
    switch sqlValue {
    case .day(let day): self = day
    case .text(let text): self.init(text)
    default: return nil
    }
  }
}

/// An element type whose arrays are stored as a single value: bytes, or numbers of a vector.
public protocol SQLElement: Sendable {
  /// The array as the database takes it.
  static func sqlValue(of elements: [Self]) -> SQLValue

  /// The array that a column holds; nil for another kind of value.
  static func elements(of sqlValue: SQLValue) -> [Self]?
}

extension Array: SQLEncodable, SQLDecodable where Element: SQLElement {
  /// The bytes or the vector.
  public var sqlValue: SQLValue { Element.sqlValue(of: self) }

  /// Reads bytes or a vector.
  public init?(sqlValue: SQLValue) {
    guard let elements = Element.elements(of: sqlValue) else { return nil }
    self = elements
  }
}

extension UInt8: SQLElement {
  public static func sqlValue(of elements: [UInt8]) -> SQLValue { .bytes(elements) }

  public static func elements(of sqlValue: SQLValue) -> [UInt8]? {
    guard case .bytes(let bytes) = sqlValue else { return nil }
    return bytes
  }
}

extension Float: SQLElement {
  public static func sqlValue(of elements: [Float]) -> SQLValue { .vector(elements) }

  /// Reads a vector, or its bytes where a database stores those.
  public static func elements(of sqlValue: SQLValue) -> [Float]? {
    switch sqlValue {
    case .vector(let numbers): numbers
    case .bytes(let bytes): VectorBytes.numbers(of: bytes)
    default: nil
    }
  }
}

extension AccountID: SQLEncodable, SQLDecodable {
  public var sqlValue: SQLValue { .text(value) }

  public init?(sqlValue: SQLValue) {
    guard case .text(let text) = sqlValue else { return nil }
    self.init(text)
  }
}

extension AdID: SQLEncodable, SQLDecodable {
  public var sqlValue: SQLValue { .text(value) }

  /// Reads an id, byte by byte.
  public init?(sqlValue: SQLValue) {
    guard case .text(let text) = sqlValue else { return nil }
    self.init(stored: text)
  }
}

extension Optional: SQLEncodable where Wrapped: SQLEncodable {
  /// The value, or null.
  public var sqlValue: SQLValue { self?.sqlValue ?? .null }
}
