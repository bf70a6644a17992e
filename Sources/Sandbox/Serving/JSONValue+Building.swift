import Formats
import Values

extension JSONValue {
  /// A whole number; also from a string, as APIs take the ids of records.
  package var integer: Int64? {
    switch self {
    case .number(let text), .string(let text): Int64(text)
    default: nil
    }
  }

  /// The texts of an array of strings.
  package var texts: [String] { (arrayValue ?? []).compactMap(\.stringValue) }

  /// The members of an object; none for every other kind.
  package var members: [JSONObject.Member] {
    guard case .object(let object) = self else { return [] }
    return object.members
  }

  /// The value as compact JSON.
  package var bytes: [UInt8] {
    var writer = JSONWriter()
    write(to: &writer)
    return writer.bytes
  }

  /// Reads JSON; nil where `text` is none.
  package static func parsed(_ text: String) -> JSONValue? {
    parsed(Array(text.utf8))
  }

  /// Reads JSON; nil where `bytes` are none.
  package static func parsed(_ bytes: [UInt8]) -> JSONValue? {
    try? JSONReader.read(bytes) { try $0.readValue() }
  }

  /// A whole number.
  package static func integer(_ value: some BinaryInteger) -> JSONValue { .number("\(value)") }

  /// A number.
  package static func decimal(_ value: Double) -> JSONValue { JSONValue(floatLiteral: value) }

  /// A string.
  package static func text(_ value: some CustomStringConvertible) -> JSONValue {
    .string("\(value)")
  }

  /// An object of members, without those that have no value.
  package static func present(_ members: [(key: String, value: JSONValue?)]) -> JSONValue {
    .object(JSONObject(members.compactMap { member in member.value.map { (member.key, $0) } }))
  }
}
