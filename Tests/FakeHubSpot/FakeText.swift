import Formats
import Values

/// How HubSpot writes moments: RFC 3339 with three decimals, always.
func written(_ instant: Instant) -> JSONValue { .string(writtenText(instant)) }

/// A moment as the text of a property.
func writtenText(_ instant: Instant) -> String {
  let whole = Instant(seconds: instant.seconds)
  let milliseconds = (instant.microseconds - whole.microseconds) / 1_000
  let digits = String(milliseconds + 1_000).dropFirst()
  return "\(whole)".dropLast() + ".\(digits)Z"
}

extension JSONValue {
  /// A whole number; also from a string, as HubSpot takes the ids of records.
  var integer: Int64? {
    switch self {
    case .number(let text), .string(let text): Int64(text)
    default: nil
    }
  }

  /// The texts of an array of strings.
  var texts: [String] { (arrayValue ?? []).compactMap(\.stringValue) }

  /// The members of an object; none for every other kind.
  var members: [JSONObject.Member] {
    guard case .object(let object) = self else { return [] }
    return object.members
  }

  /// The value as compact JSON.
  var bytes: [UInt8] {
    var writer = JSONWriter()
    write(to: &writer)
    return writer.bytes
  }

  /// A whole number.
  static func integer(_ value: some BinaryInteger) -> JSONValue { .number("\(value)") }

  /// An object of members, without those that have no value.
  static func present(_ members: [(key: String, value: JSONValue?)]) -> JSONValue {
    .object(JSONObject(members.compactMap { member in member.value.map { (member.key, $0) } }))
  }
}

/// A repeatable sequence of random numbers, by the SplitMix64 algorithm.
struct SeededNumbers: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
