/// Reads JSON text piece by piece, directly from its bytes and strictly by RFC 8259.
///
/// A reader is valid only inside the closure it is passed to, and not after it has thrown.
public struct JSONReader {
  /// The kinds of JSON value.
  public enum Kind: String, Sendable {
    /// `{...}`
    case object
    /// `[...]`
    case array
    /// `"..."`
    case string
    /// `-12.5e3`
    case number
    /// `true` or `false`
    case bool
    /// `null`
    case null
  }

  /// The deepest nesting of arrays and objects.
  static let depthLimit = 32

  let bytes: UnsafeRawBufferPointer
  var position = 0
  var depth = 0
  /// The keys found so far in all open objects, those of the innermost object last.
  var keys: [KeyMark] = []

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// Reads one JSON text with `body`, then checks that only white space remains.
  ///
  /// Throws `JSONError`, and whatever `body` throws.
  public static func read<T>(
    _ bytes: UnsafeRawBufferPointer, _ body: (inout JSONReader) throws -> T
  ) throws -> T {
    var reader = JSONReader(bytes)
    let result = try body(&reader)
    try reader.expectEnd()
    return result
  }

  /// Reads one JSON text with `body`, then checks that only white space remains.
  ///
  /// Throws `JSONError`, and whatever `body` throws.
  public static func read<T>(_ bytes: [UInt8], _ body: (inout JSONReader) throws -> T) throws -> T {
    try bytes.withUnsafeBytes { try read($0, body) }
  }

  /// Reads one JSON text with `body`, then checks that only white space remains.
  ///
  /// Throws `JSONError`, and whatever `body` throws.
  public static func read<T>(_ text: String, _ body: (inout JSONReader) throws -> T) throws -> T {
    var text = text
    return try text.withUTF8 { try read(UnsafeRawBufferPointer($0), body) }
  }

  /// The reader's position: bytes from the start of the text.
  public var offset: Int { position }

  /// The kind of the next value, determined by its first byte; consumes only white space.
  ///
  /// Throws when no value can start here.
  public mutating func peekKind() throws(JSONError) -> Kind {
    skipSpace()
    guard position < bytes.count else { throw error(.unexpectedEnd) }
    switch bytes[position] {
    case ASCII.openBrace: return .object
    case ASCII.openBracket: return .array
    case ASCII.quote: return .string
    case ASCII.minus, 0x30...0x39: return .number
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
    case UInt8(ascii: "n"): return .null
    case let byte: throw error(.unexpectedByte(byte))
    }
  }

  /// Reads a string and resolves its escapes.
  ///
  /// Throws for another kind of value, control characters, unknown escapes, lone surrogates and bytes that are not
  /// UTF-8.
  public mutating func readString() throws(JSONError) -> String {
    try expect(.string)
    return text(of: try scanString())
  }

  /// Reads a number as the nearest double, which is always finite.
  ///
  /// Throws for another kind of value, and `numberOutOfRange` for numbers beyond the finite doubles.
  public mutating func readDouble() throws(JSONError) -> Double {
    try expect(.number)
    return try readDoubleHere()
  }

  /// Reads a number as ``readDouble()`` does; consumes nothing and returns nil for any other value.
  ///
  /// Throws when no value can start here, and `numberOutOfRange` for numbers beyond the finite doubles.
  public mutating func readDoubleIfNumber() throws(JSONError) -> Double? {
    guard try peekKind() == .number else { return nil }
    return try readDoubleHere()
  }

  @inline(__always)
  private mutating func readDoubleHere() throws(JSONError) -> Double {
    let number = try scanNumber()
    if let value = number.exactDouble { return value }
    guard let value = Double(text(of: number)), value.isFinite else {
      throw JSONError(offset: number.start, rule: .numberOutOfRange)
    }
    return value
  }

  /// Reads an integer in any notation: `12`, `12.0` and `1.2e1` are the same.
  ///
  /// Throws `typeMismatch` for a number with a fraction, `numberOutOfRange` beyond 64 bits.
  public mutating func readInteger() throws(JSONError) -> Int64 {
    try expect(.number, as: "integer")
    let number = try scanNumber()
    if let value = number.exactInteger { return value }
    return try wholeValue(of: number)
  }

  /// Reads `true` or `false`. Throws for anything else.
  public mutating func readBool() throws(JSONError) -> Bool {
    try expect(.bool)
    let value = bytes[position] == UInt8(ascii: "t")
    try readLiteral(value ? "true" : "false")
    return value
  }

  /// Consumes `null` and returns true; consumes nothing and returns false for any other value.
  ///
  /// Throws when no value can start here.
  public mutating func readNull() throws(JSONError) -> Bool {
    guard try peekKind() == .null else { return false }
    try readLiteral("null")
    return true
  }

  /// Reads a number as the characters of its text, for decimals that must stay exact.
  ///
  /// Throws for another kind of value.
  public mutating func readNumberText() throws(JSONError) -> String {
    try expect(.number)
    return text(of: try scanNumber())
  }
}

extension JSONReader {
  /// Like `read`, for a `body` that throws only `JSONError`; offsets count from the start of the slice.
  static func readSlice<T>(
    _ bytes: ArraySlice<UInt8>, _ body: (inout JSONReader) throws(JSONError) -> T
  ) throws(JSONError) -> T {
    try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
      var reader = JSONReader(UnsafeRawBufferPointer(buffer))
      let result = try body(&reader)
      try reader.expectEnd()
      return result
    }
  }

  private mutating func expectEnd() throws(JSONError) {
    skipSpace()
    guard position == bytes.count else { throw error(.trailingBytes) }
  }

  func error(_ rule: JSONError.Rule) -> JSONError { JSONError(offset: position, rule: rule) }

  @inline(__always)
  mutating func skipSpace() {
    while position < bytes.count, ASCII.isJSONSpace(bytes[position]) { position += 1 }
  }

  /// Moves to the next value and checks its kind; `name` is what the error reports as expected.
  @inline(__always)
  mutating func expect(_ kind: Kind, as name: String? = nil) throws(JSONError) {
    let found = try peekKind()
    guard found == kind else {
      throw error(.typeMismatch(expected: name ?? kind.rawValue, found: found.rawValue))
    }
  }

  mutating func readLiteral(_ literal: StaticString) throws(JSONError) {
    for index in 0..<literal.utf8CodeUnitCount {
      guard position < bytes.count else { throw error(.unexpectedEnd) }
      let byte = bytes[position]
      guard byte == literal.utf8Start[index] else { throw error(.unexpectedByte(byte)) }
      position += 1
    }
  }

  func text(of number: JSONNumber) -> String {
    String(decoding: bytes[number.start..<number.end], as: UTF8.self)
  }
}
