import Formats
import Values

/// The path of a field in a request.
package struct FieldPath {
  package static let root = FieldPath(list: nil, index: 0)

  private let list: StaticString?
  private let index: Int

  private init(list: StaticString?, index: Int) {
    self.list = list
    self.index = index
  }

  package static func element(of list: StaticString, _ index: Int) -> FieldPath {
    FieldPath(list: list, index: index)
  }

  package static func member(of object: StaticString) -> FieldPath {
    FieldPath(list: object, index: -1)
  }

  /// The path of the field `key`; with no key, the path of the element or object itself.
  package func appending(_ key: String) -> String {
    guard let list else { return key }
    let place = index < 0 ? "\(list)" : "\(list)[\(index)]"
    return key.isEmpty ? place : "\(place).\(key)"
  }
}

/// Reads a request's fields and collects all problems, so that one answer names them all.
///
/// Each method consumes the value. It returns nil and records the problem where the value violates the rule.
package struct FieldReader {
  /// How many problems an answer names at most.
  static let problemLimit = 20

  package private(set) var problems: [FieldProblem] = []
  /// Stored data was accepted by the rules of its time, and is read even where it violates ``PlainText`` or current
  /// bounds.
  private let isStored: Bool

  private init(stored: Bool) {
    isStored = stored
  }

  /// Reads a whole body. Throws an ``InvalidInput`` for malformed JSON, a body that is not an object, and invalid
  /// fields.
  package static func read<Body>(
    _ bytes: [UInt8], _ body: (inout JSONReader, inout FieldReader) throws -> Body?
  ) throws -> Body {
    var fields = FieldReader(stored: false)
    do {
      let result = try JSONReader.read(bytes) { json in
        guard try json.peekKind() == .object else {
          fields.note("body", "\(try json.readKindName())", "must be a JSON object")
          return nil as Body?
        }
        return try body(&json, &fields)
      }
      guard fields.problems.isEmpty, let result else { throw InvalidInput.fields(fields.problems) }
      return result
    } catch let error as JSONError {
      throw fields.problems.isEmpty ? InvalidInput(error) : .fields(fields.problems)
    }
  }

  /// Reads stored JSON. Throws an ``UnreadableJSON`` or a `JSONError` where this release would not have written it; the
  /// caller adds which row it is.
  package static func readStored<Value>(
    _ text: String, _ body: (inout JSONReader, inout FieldReader) throws -> Value?
  ) throws -> Value {
    var fields = FieldReader(stored: true)
    let value = try JSONReader.read(text) { try body(&$0, &fields) }
    guard fields.problems.isEmpty, let value else { throw UnreadableJSON(problem: fields.problems.first) }
    return value
  }

  package mutating func note(_ field: String, _ value: String, _ rule: String) {
    guard problems.count < Self.problemLimit else { return }
    problems.append(FieldProblem(field: field, value: value, rule: rule))
  }

  /// Records that a required field is missing.
  package mutating func missing(_ key: String, at path: FieldPath) {
    note(path.appending(key), "missing", "is required")
  }

  /// Records a field that this request does not have.
  package mutating func unknown(
    _ key: String, _ json: inout JSONReader, at path: FieldPath, known: String
  ) throws {
    note(path.appending(key), try json.readText(), "is not a field here; the fields are \(known)")
  }

  package mutating func string(
    _ key: String, _ json: inout JSONReader, at path: FieldPath, maxBytes: Int = 256
  ) throws -> String? {
    guard try json.peekKind() == .string else {
      return try refuse(key, &json, at: path, "must be a string")
    }
    let text = try json.readString()
    guard text.utf8.count <= maxBytes else {
      note(path.appending(key), text, "must have at most \(maxBytes) bytes")
      return nil
    }
    guard isPlain(text) else {
      note(path.appending(key), text, PlainText.rule)
      return nil
    }
    return text
  }

  /// Whether text is allowed: keys of objects that are names are checked by this, like all strings.
  package func isPlain(_ text: String) -> Bool {
    isStored || PlainText.holds(text)
  }

  /// A name in its canonical form.
  package mutating func canonicalString(
    _ key: String, _ json: inout JSONReader, at path: FieldPath, maxBytes: Int = 256
  ) throws -> String? {
    guard let text = try string(key, &json, at: path, maxBytes: maxBytes)?.canonical else { return nil }
    // A few characters have a canonical form that is longer.
    guard text.utf8.count <= maxBytes else {
      note(path.appending(key), text, "must have at most \(maxBytes) bytes in Unicode's normalisation form C")
      return nil
    }
    return text
  }

  package mutating func adID(_ key: String, _ json: inout JSONReader, at path: FieldPath) throws -> AdID? {
    guard let text = try string(key, &json, at: path) else { return nil }
    guard let id = AdID(text) else {
      note(path.appending(key), text, "must be \(AdID.rule)")
      return nil
    }
    return id
  }

  package mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, _ json: inout JSONReader, at path: FieldPath, as type: Choice.Type = Choice.self
  ) throws -> Choice? where Choice.RawValue == String {
    guard let text = try string(key, &json, at: path) else { return nil }
    guard let choice = Choice(rawValue: text) else {
      let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      note(path.appending(key), text, "must be one of \(words)")
      return nil
    }
    return choice
  }

  package mutating func day(_ key: String, _ json: inout JSONReader, at path: FieldPath) throws -> CalendarDay? {
    guard let text = try string(key, &json, at: path) else { return nil }
    guard let day = CalendarDay(text) else {
      note(path.appending(key), text, "must be a date as YYYY-MM-DD")
      return nil
    }
    return day
  }

  package mutating func number(
    _ key: String, _ json: inout JSONReader, at path: FieldPath, in range: ClosedRange<Double>
  ) throws -> Double? {
    guard let value = try json.readDoubleIfNumber() else { return try refuse(key, &json, at: path, "must be a number") }
    return within(range, value, key, path)
  }

  /// An integer; `range` must lie within ±2^53.
  package mutating func integer(
    _ key: String, _ json: inout JSONReader, at path: FieldPath, in range: ClosedRange<Double>
  ) throws -> Int? {
    guard let number = try json.readDoubleIfNumber() else {
      return try refuse(key, &json, at: path, "must be a whole number")
    }
    guard let value = within(range, number, key, path) else { return nil }
    guard value == value.rounded() else {
      note(path.appending(key), "\(value)", "must be a whole number")
      return nil
    }
    return Int(exactly: value)
  }

  /// A count of things: 0 to 10^12.
  package mutating func count(_ key: String, _ json: inout JSONReader, at path: FieldPath) throws -> Int? {
    try integer(key, &json, at: path, in: 0...1e12)
  }

  /// How an amount in a request is read, in words.
  static let amountRule = "A number is rounded to the nearest millionth; a decimal string is exact to the millionth."

  /// An amount, 0 to 10^9 major units: a number, which is rounded to the nearest millionth, or a decimal string.
  package mutating func amount(_ key: String, _ json: inout JSONReader, at path: FieldPath) throws -> Money? {
    let range = 0...Double(Money.largestInput)
    if let number = try json.readDoubleIfNumber() {
      return within(range, number, key, path).flatMap(Money.init(rounding:))
    }
    guard try json.peekKind() == .string else { return try refuse(key, &json, at: path, "must be a number") }
    let text = try json.readString()
    guard let amount = Money(decimal: text) else {
      note(path.appending(key), text, "must be a number, or a decimal such as \"12.34\"")
      return nil
    }
    return within(range, amount.majorUnits, key, path).map { _ in amount }
  }

  private mutating func within(
    _ range: ClosedRange<Double>, _ value: Double, _ key: String, _ path: FieldPath
  ) -> Double? {
    guard isStored || range.contains(value) else {
      note(
        path.appending(key), Self.text(value),
        "must be \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))")
      return nil
    }
    return value
  }

  /// A number for people: integers without a fraction.
  private static func text(_ value: Double) -> String {
    value == value.rounded() ? FixedDecimal.text(value, decimals: 0) : "\(value)"
  }

  private mutating func refuse<Value>(
    _ key: String, _ json: inout JSONReader, at path: FieldPath, _ rule: String
  ) throws -> Value? {
    note(path.appending(key), try json.readText(), rule)
    return nil
  }
}

extension JSONReader {
  /// Consumes any value and returns a text that shows it.
  fileprivate mutating func readText() throws -> String {
    let kind = try peekKind()
    switch kind {
    case .string: return try readString()
    case .number: return try readNumberText()
    case .bool: return try readBool() ? "true" : "false"
    case .null, .object, .array:
      try skipValue()
      return kind.rawValue
    }
  }

  fileprivate mutating func readKindName() throws -> String {
    let kind = try peekKind()
    try skipValue()
    return kind.rawValue
  }
}

/// Stored JSON with a field that this release cannot read.
package struct UnreadableJSON: Error, CustomStringConvertible {
  let problem: FieldProblem?

  /// What is wrong.
  package var description: String { problem?.description ?? "its JSON is not what was expected" }
}
