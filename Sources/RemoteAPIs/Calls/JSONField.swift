import Formats
import Values

/// A value in a JSON text, with its path, so that an error can name the place.
package struct JSONField: Sendable {
  /// A value that is not what it should be.
  package struct Problem: Error, Equatable {
    package let path: String
    package let value: String
    package let rule: String
  }

  let path: String
  let value: JSONValue

  init(_ value: JSONValue, at path: String) {
    self.value = value
    self.path = path
  }

  /// Whether the value is missing or null.
  var isAbsent: Bool { value == .null }

  /// A member of an object; null where it is missing.
  func member(_ name: String) throws(Problem) -> JSONField {
    guard case .object(let object) = value else { throw problem("must be an object") }
    return JSONField(object[name] ?? .null, at: path.isEmpty ? name : "\(path).\(name)")
  }

  /// The members of an object, in order.
  func members() throws(Problem) -> [(key: String, field: JSONField)] {
    guard case .object(let object) = value else { throw problem("must be an object") }
    return object.members.map { ($0.key, JSONField($0.value, at: "\(path).\($0.key)")) }
  }

  /// The elements of an array; none where it is missing.
  func elements() throws(Problem) -> [JSONField] {
    if isAbsent { return [] }
    guard case .array(let elements) = value else { throw problem("must be an array") }
    return elements.enumerated().map { JSONField($0.element, at: "\(path)[\($0.offset)]") }
  }

  func text() throws(Problem) -> String {
    guard case .string(let text) = value else { throw problem("must be a string") }
    return text
  }

  func optionalText() throws(Problem) -> String? {
    isAbsent ? nil : try text()
  }

  func bool() throws(Problem) -> Bool {
    guard case .bool(let bool) = value else { throw problem("must be true or false") }
    return bool
  }

  /// An integer. HubSpot writes the ids of records as numbers in some places and as strings in others.
  func integer() throws(Problem) -> Int64 {
    let number: Int64? =
      switch value {
      case .number(let text): try? JSONReader.read(text) { try $0.readInteger() }
      case .string(let text) where text.utf8.count <= 20: Int64(text)
      default: nil
      }
    guard let number else { throw problem("must be a whole number of 64 bits") }
    return number
  }

  func optionalInteger() throws(Problem) -> Int64? {
    isAbsent ? nil : try integer()
  }

  /// The text of a string or a number, for values that a vendor writes sometimes as one and sometimes as the other.
  func scalarText() throws(Problem) -> String {
    switch value {
    case .string(let text), .number(let text): return text
    case .null, .bool, .array, .object: throw problem("must be a string or a number")
    }
  }

  func optionalScalarText() throws(Problem) -> String? {
    isAbsent ? nil : try scalarText()
  }

  func optionalBool() throws(Problem) -> Bool? {
    isAbsent ? nil : try bool()
  }

  /// An RFC 3339 timestamp; nil where it is missing.
  func optionalInstant() throws(Problem) -> Instant? {
    isAbsent ? nil : try instant()
  }

  /// An RFC 3339 timestamp.
  func instant() throws(Problem) -> Instant {
    guard let instant = Instant(try text()) else { throw problem("must be a time such as 2026-11-01T10:00:00.000Z") }
    return instant
  }

  func problem(_ rule: String) -> Problem {
    Problem(path: path, value: shortened, rule: rule)
  }

  private var shortened: String {
    var writer = JSONWriter()
    value.write(to: &writer)
    let text = writer.string
    return text.count > 80 ? text.prefix(79) + "…" : text
  }
}
