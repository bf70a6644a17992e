/// JSON text that violates RFC 8259, or that does not hold what its reader asked for.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong at the offset.
  public enum Rule: Equatable, Sendable {
    /// The text ended inside a value.
    case unexpectedEnd
    /// A byte that is not allowed here.
    case unexpectedByte(UInt8)
    /// A number in a form that RFC 8259 does not allow, such as `01`, `1.` or `+1`.
    case invalidNumber
    /// A number that the requested type cannot hold.
    case numberOutOfRange
    /// A string with an unescaped control character.
    case invalidString
    /// An unknown escape, or a `\u` escape that is half of a surrogate pair.
    case invalidEscape
    /// Bytes that are not UTF-8.
    case invalidUTF8
    /// Arrays and objects nested more deeply than `limit`.
    case tooDeep(limit: Int)
    /// Something other than white space after the value.
    case trailingBytes
    /// A value of another kind than requested.
    case typeMismatch(expected: String, found: String)
    /// The same key twice in one object.
    case duplicateKey(String)
    /// A value of more than `limit` bytes.
    case tooLarge(limit: Int)
  }

  /// Where the error is: bytes from the start of the text, counted from 0.
  public let offset: Int
  /// What is wrong.
  public let rule: Rule

  /// Makes an error for the byte at `offset`, counted from 0.
  public init(offset: Int, rule: Rule) {
    self.offset = offset
    self.rule = rule
  }

  /// One line for people, such as `byte 12: unexpected byte 0x7D`.
  public var description: String { "byte \(offset): \(rule)" }
}

extension JSONError.Rule: CustomStringConvertible {
  /// The rule in a few words, without a position.
  public var description: String {
    switch self {
    case .unexpectedEnd: "the text ends too early"
    case .unexpectedByte(let byte): "unexpected byte \(Self.name(of: byte))"
    case .invalidNumber: "not a JSON number"
    case .numberOutOfRange: "number out of range"
    case .invalidString: "control character inside a string"
    case .invalidEscape: "invalid escape inside a string"
    case .invalidUTF8: "invalid UTF-8"
    case .tooDeep(let limit): "nested more than \(limit) levels deep"
    case .trailingBytes: "unexpected text after the value"
    case .typeMismatch(let expected, let found): "expected \(expected), found \(found)"
    case .duplicateKey(let key): "duplicate key \"\(key.utf8.count > 100 ? key.prefix(60) + "…" : key)\""
    case .tooLarge(let limit): "value larger than \(limit) bytes"
    }
  }

  private static func name(of byte: UInt8) -> String {
    guard (0x21...0x7E).contains(byte) else {
      let digits = String(byte, radix: 16, uppercase: true)
      return "0x" + (digits.count < 2 ? "0" : "") + digits
    }
    return "'\(Character(UnicodeScalar(byte)))'"
  }
}
