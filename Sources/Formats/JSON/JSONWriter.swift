/// Appends compact JSON to a byte array, placing the commas.
///
/// The caller decides the order of calls: a writer does not notice a key without a value.
public struct JSONWriter: Sendable {
  /// What has been written so far.
  public private(set) var bytes: [UInt8]
  private var needsComma = false

  /// Makes a writer with room for `reservingCapacity` bytes before its array has to grow.
  public init(reservingCapacity: Int = 256) {
    bytes = []
    bytes.reserveCapacity(max(0, reservingCapacity))
  }

  /// What has been written so far, as text.
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

  /// Writes a member's key; its value must be written next.
  public mutating func key(_ key: StaticString) {
    separate()
    key.withUTF8Buffer { appendQuoted($0) }
    bytes.append(ASCII.colon)
    needsComma = false
  }

  /// Writes a member's key; its value must be written next.
  public mutating func key(_ key: String) {
    value(key)
    bytes.append(ASCII.colon)
    needsComma = false
  }

  /// Writes a number with the fewest digits that read back to the same bits; null when not finite.
  ///
  /// Whole numbers below 2^53 have no fraction (`12`), negative zero is `-0.0`.
  public mutating func value(_ value: Double) {
    separate()
    appendNumber(value)
  }

  /// Writes a whole number.
  public mutating func value(_ value: Int) {
    self.value(Int64(value))
  }

  /// Writes a whole number.
  public mutating func value(_ value: Int64) {
    separate()
    appendDecimal(value.magnitude, decimals: 0, isNegative: value < 0)
  }

  /// Writes a whole number.
  public mutating func value(_ value: UInt64) {
    separate()
    appendDecimal(value, decimals: 0, isNegative: false)
  }

  /// Writes `true` or `false`.
  public mutating func value(_ value: Bool) {
    separate()
    append(value ? "true" : "false")
  }

  /// Writes a string with the escapes JSON requires, everything else as it is.
  public mutating func value(_ value: String) {
    separate()
    var value = value
    value.withUTF8 { appendQuoted($0) }
  }

  /// Writes a string with the escapes JSON requires, everything else as it is.
  public mutating func value(_ value: StaticString) {
    separate()
    value.withUTF8Buffer { appendQuoted($0) }
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
    bytes.append(contentsOf: text.utf8)
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
    if needsComma { bytes.append(ASCII.comma) }
    needsComma = true
  }

  private mutating func open(_ bracket: UInt8) {
    separate()
    bytes.append(bracket)
    needsComma = false
  }

  private mutating func close(_ bracket: UInt8) {
    bytes.append(bracket)
    needsComma = true
  }

  private mutating func append(_ literal: StaticString) {
    literal.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }

  private mutating func appendQuoted(_ text: UnsafeBufferPointer<UInt8>) {
    bytes.append(ASCII.quote)
    var copied = 0
    for index in text.indices {
      let byte = text[index]
      if byte >= 0x20, byte != ASCII.quote, byte != ASCII.backslash { continue }
      bytes.append(contentsOf: text[copied..<index])
      appendEscape(byte)
      copied = index + 1
    }
    bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[copied...]))
    bytes.append(ASCII.quote)
  }

  private mutating func appendEscape(_ byte: UInt8) {
    switch byte {
    case ASCII.quote: append("\\\"")
    case ASCII.backslash: append("\\\\")
    case ASCII.lineFeed: append("\\n")
    case ASCII.carriageReturn: append("\\r")
    case ASCII.tab: append("\\t")
    default:
      append("\\u00")
      for digit in [byte >> 4, byte & 0xF] {
        bytes.append(digit < 10 ? ASCII.zero + digit : UInt8(ascii: "a") + digit - 10)
      }
    }
  }
}

extension JSONWriter {
  /// Up to this many decimals are tried before falling back to the general algorithm.
  private static let shortDecimals = 6

  private mutating func appendNumber(_ value: Double) {
    let magnitude = value.magnitude
    let scaled = (magnitude * 1e6).rounded(.toNearestOrEven)
    // Below 2^50 the product is off by less than a half, so a decimal with up to six decimals is found
    // if there is one, and the quotient, rounded once from exact operands, is what a reader gets.
    guard scaled < 0x1p50, scaled / 1e6 == magnitude, magnitude != 0 else {
      return appendGeneralNumber(value)
    }
    appendShortDecimal(UInt64(scaled), isNegative: value < 0)
  }

  private mutating func appendGeneralNumber(_ value: Double) {
    if value == 0 { return append(value.sign == .minus ? "-0.0" : "0") }
    guard value.isFinite else { return append("null") }
    if value.magnitude < 0x1p53, value == value.rounded(.towardZero) {
      return appendDecimal(UInt64(value.magnitude), decimals: 0, isNegative: value < 0)
    }
    var text = value.description
    text.withUTF8 { bytes.append(contentsOf: $0) }
  }

  /// Writes `scaled / 10^6` without trailing zeros.
  private mutating func appendShortDecimal(_ scaled: UInt64, isNegative: Bool) {
    var digits = scaled
    var decimals = Self.shortDecimals
    while decimals > 0 {
      let (quotient, remainder) = digits.quotientAndRemainder(dividingBy: 10)
      guard remainder == 0 else { break }
      digits = quotient
      decimals -= 1
    }
    appendDecimal(digits, decimals: decimals, isNegative: isNegative)
  }

  /// Writes `digits / 10^decimals`, with at least one digit before the dot.
  private mutating func appendDecimal(_ digits: UInt64, decimals: Int, isNegative: Bool) {
    // 20 digits of the largest integer, a sign and a dot.
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { buffer in
      var index = buffer.count
      var rest = digits
      var written = 0
      repeat {
        if written == decimals, decimals > 0 {
          index -= 1
          buffer[index] = ASCII.dot
        }
        let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
        index -= 1
        buffer[index] = ASCII.zero + UInt8(truncatingIfNeeded: remainder)
        rest = quotient
        written += 1
      } while rest > 0 || written <= decimals
      if isNegative {
        index -= 1
        buffer[index] = ASCII.minus
      }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[index...]))
    }
  }
}
