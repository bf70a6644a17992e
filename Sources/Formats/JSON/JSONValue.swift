/// Any JSON value, held in memory.
///
/// Numbers keep the text they were written with, so `1` and `1.0` are different values.
public enum JSONValue: Equatable, Sendable {
  /// `null`
  case null
  /// `true` or `false`
  case bool(Bool)
  /// The characters of a number. Text that is not a JSON number is written as a string.
  case number(String)
  /// A string, with escapes resolved.
  case string(String)
  /// Values in order.
  case array([JSONValue])
  /// Members in order.
  case object(JSONObject)

  /// The value of the first member called `key`; nil without one, and for everything but objects.
  public subscript(key: String) -> JSONValue? {
    guard case .object(let object) = self else { return nil }
    return object[key]
  }

  /// The text of a string; nil for every other kind.
  public var stringValue: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// The nearest double to a number; nil for every other kind and beyond the finite doubles.
  public var doubleValue: Double? {
    guard case .number(let text) = self else { return nil }
    return try? JSONReader.read(text) { try $0.readDouble() }
  }

  /// The elements of an array; nil for every other kind.
  public var arrayValue: [JSONValue]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

  public var kind: JSONReader.Kind {
    switch self {
    case .null: .null
    case .bool: .bool
    case .number: .number
    case .string: .string
    case .array: .array
    case .object: .object
    }
  }

  /// Appends this value to `writer`, which must be where a value is allowed.
  public func write(to writer: inout JSONWriter) {
    switch self {
    case .null: writer.null()
    case .bool(let value): writer.value(value)
    case .number(let text): writer.number(text: text)
    case .string(let text): writer.value(text)
    case .array(let elements):
      writer.array { writer in
        for element in elements { element.write(to: &writer) }
      }
    case .object(let object):
      writer.object { writer in
        for member in object.members {
          writer.key(member.key)
          member.value.write(to: &writer)
        }
      }
    }
  }
}

/// The members of a JSON object in the order in which they are written; equality depends on the order.
public struct JSONObject: Equatable, Sendable, ExpressibleByDictionaryLiteral {
  /// One key with its value.
  public struct Member: Equatable, Sendable {
    /// The key, with escapes resolved.
    public var key: String
    public var value: JSONValue

    /// Pairs a key with a value.
    public init(key: String, value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  /// The members in order. Keys are expected to differ, which is not checked.
  public var members: [Member]

  /// Takes members in order, from pairs.
  public init(_ pairs: [(key: String, value: JSONValue)]) {
    members = pairs.map(Member.init(key:value:))
  }

  /// Makes an object of members in order.
  public init(_ members: [Member] = []) {
    self.members = members
  }

  /// Makes an object of the literal's members, in its order.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    members = elements.map { Member(key: $0.0, value: $0.1) }
  }

  /// The value of the first member called `key`.
  public subscript(key: String) -> JSONValue? {
    members.first { $0.key == key }?.value
  }
}

extension JSONValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// Makes a string.
  public init(stringLiteral value: String) { self = .string(value) }

  /// Makes a number.
  public init(integerLiteral value: Int64) { self = .number(String(value)) }

  /// Makes a number, written as `JSONWriter` writes it; null where it is not finite.
  public init(floatLiteral value: Double) {
    var writer = JSONWriter(reservingCapacity: 32)
    writer.value(value)
    self = value.isFinite ? .number(writer.string) : .null
  }

  /// Makes `true` or `false`.
  public init(booleanLiteral value: Bool) { self = .bool(value) }

  /// Makes `null`.
  public init(nilLiteral: ()) { self = .null }

  /// Makes an array.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

  /// Makes an object, its members in the literal's order.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(elements.map { JSONObject.Member(key: $0.0, value: $0.1) }))
  }
}
