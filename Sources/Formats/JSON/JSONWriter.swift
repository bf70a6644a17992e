import Values

/// Writes compact JSON and inserts the commas.
///
/// The caller is responsible for the order of calls: a writer does not detect a key without a value.
public struct JSONWriter: ~Copyable {
  private var output: GrowingBytes
  private var needsComma = false

  /// Makes a writer with room for `reservingCapacity` bytes before it has to grow.
  public init(reservingCapacity: Int = 256) {
    output = GrowingBytes(capacity: reservingCapacity)
  }

  /// The output so far.
  public var bytes: [UInt8] { output.array }

  /// The number of bytes written so far.
  public var count: Int { output.count }

  /// The output so far, as text.
  public var string: String { String(decoding: bytes, as: UTF8.self) }

  /// Writes an object whose members `body` writes.
  public mutating func object(_ body: (inout JSONWriter) throws -> Void) rethrows {
    open(ASCII.openBrace)
    try body(&self)
    close(ASCII.closeBrace)
  }

  /// Writes an array whose elements `body` writes.
  public mutating func array(_ body: (inout JSONWriter) throws -> Void) rethrows {
    open(ASCII.openBracket)
    try body(&self)
    close(ASCII.closeBracket)
  }

  /// Writes a member's key, which must not need escaping; its value must be written next.
  public mutating func key(_ key: StaticString) {
    let length = key.utf8CodeUnitCount
    output.append(room: length + 4) { place in
      var next = place
      if needsComma {
        next[0] = ASCII.comma
        next += 1
      }
      next[0] = ASCII.quote
      (next + 1).update(from: key.utf8Start, count: length)
      next[length + 1] = ASCII.quote
      next[length + 2] = ASCII.colon
      return next + length + 3 - place
    }
    needsComma = false
  }

  /// Writes a member's key; its value must be written next.
  public mutating func key(_ key: String) {
    value(key)
    output.append(ASCII.colon)
    needsComma = false
  }

  /// Writes a number with the fewest digits that read back to the same bits; null when not finite.
  ///
  /// Integers below 2^53 have no fraction (`12`), negative zero is `-0.0`.
  public mutating func value(_ value: Double) {
    separate()
    output.append(value)
  }

  /// Writes a whole number.
  public mutating func value(_ value: Int) {
    self.value(Int64(value))
  }

  /// Writes a whole number.
  public mutating func value(_ value: Int64) {
    separate()
    output.append(decimal: value.magnitude, places: 0, isNegative: value < 0)
  }

  /// Writes a whole number.
  public mutating func value(_ value: UInt64) {
    separate()
    output.append(decimal: value, places: 0, isNegative: false)
  }

  /// Writes `true` or `false`.
  public mutating func value(_ value: Bool) {
    separate()
    append(value ? "true" : "false")
  }

  /// Writes a string with the escapes that JSON requires, and nothing else changed.
  public mutating func value(_ value: String) {
    separate()
    var value = value
    value.withUTF8 { appendQuoted($0) }
  }

  /// Writes a string with the escapes that JSON requires, and nothing else changed.
  public mutating func value(_ value: StaticString) {
    separate()
    value.withUTF8Buffer { appendQuoted($0) }
  }

  /// Writes a string that consists of `before`, a number with `places` decimals (0 to 6), and a text after it.
  public mutating func value(_ before: String, _ number: Double, places: Int, _ after: String) {
    separate()
    output.append(ASCII.quote)
    appendText(before)
    output.append(fixed: number, places: places)
    appendText(after)
    output.append(ASCII.quote)
  }

  private mutating func appendText(_ text: String) {
    var text = text
    text.withUTF8 { output.appendEscaped($0) }
  }

  /// Writes JSON text unchanged.
  public mutating func json(_ bytes: [UInt8]) {
    separate()
    bytes.withUnsafeBufferPointer { output.append($0) }
  }

  /// Writes `null`.
  public mutating func null() {
    separate()
    append("null")
  }

  /// Writes a number as exactly `text`, or `text` as a string when it is not a JSON number.
  public mutating func number(text: String) {
    var text = text
    let isNumber = text.withUTF8 { JSONNumber(UnsafeRawBufferPointer($0), at: 0)?.end == $0.count }
    guard isNumber else { return value(text) }
    separate()
    text.withUTF8 { output.append($0) }
  }
}

extension JSONWriter {
  /// Writes a key with a number, or with null.
  public mutating func member(_ key: StaticString, _ value: Double?) {
    self.key(key)
    if let value { self.value(value) } else { null() }
  }

  /// Writes a key with a whole number, or with null.
  public mutating func member(_ key: StaticString, _ value: Int?) {
    self.key(key)
    if let value { self.value(value) } else { null() }
  }

  /// Writes a key with a whole number, or with null.
  public mutating func member(_ key: StaticString, _ value: Int64?) {
    self.key(key)
    if let value { self.value(value) } else { null() }
  }

  /// Writes a key with a whole number, or with null.
  public mutating func member(_ key: StaticString, _ value: UInt64?) {
    self.key(key)
    if let value { self.value(value) } else { null() }
  }

  /// Writes a key with a string, or with null.
  public mutating func member(_ key: StaticString, _ value: String?) {
    self.key(key)
    if let value { self.value(value) } else { null() }
  }

  /// Writes a key with true or false, or with null.
  public mutating func member(_ key: StaticString, _ value: Bool?) {
    self.key(key)
    if let value { self.value(value) } else { null() }
  }
}

extension JSONWriter {
  @inline(__always)
  private mutating func separate() {
    if needsComma { output.append(ASCII.comma) }
    needsComma = true
  }

  private mutating func open(_ bracket: UInt8) {
    separate()
    output.append(bracket)
    needsComma = false
  }

  private mutating func close(_ bracket: UInt8) {
    output.append(bracket)
    needsComma = true
  }

  private mutating func append(_ literal: StaticString) {
    literal.withUTF8Buffer { output.append($0) }
  }

  private mutating func appendQuoted(_ text: UnsafeBufferPointer<UInt8>) {
    output.append(ASCII.quote)
    output.appendEscaped(text)
    output.append(ASCII.quote)
  }
}
