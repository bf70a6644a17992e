import Values

/// The position of a checked string's content, without the quotes.
struct JSONStringSpan {
  let start: Int
  let end: Int
  let hasEscapes: Bool
}

extension JSONReader {
  /// Scans the string whose opening quote is at the position; checks escapes and UTF-8.
  @inline(__always)
  mutating func scanString() throws(JSONError) -> JSONStringSpan {
    let start = position + 1
    var index = start
    while index + 8 <= bytes.count, Self.isPlain(bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)) {
      index += 8
    }
    while index < bytes.count {
      let byte = bytes[index]
      if byte == ASCII.quote {
        position = index + 1
        return JSONStringSpan(start: start, end: index, hasEscapes: false)
      }
      guard byte >= 0x20, byte < 0x80, byte != ASCII.backslash else { break }
      index += 1
    }
    position = index
    return try scanStringTail(from: start)
  }

  /// Whether none of eight bytes ends a string, begins an escape, is a control character, or is not ASCII.
  ///
  /// Subtracting `n` from each byte sets the high bit of every byte below `n`, as in Anderson's "Bit Twiddling Hacks"
  /// (Determine if a word has a byte less than n); after XOR with a mark, a byte equal to it is zero, and so less than
  /// 1.
  @inline(__always)
  private static func isPlain(_ word: UInt64) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quotes = word ^ ones &* UInt64(ASCII.quote)
    let backslashes = word ^ ones &* UInt64(ASCII.backslash)
    let marks = (word &- ones &* 0x20) | (quotes &- ones) | (backslashes &- ones) | word
    return marks & (ones &* 0x80) == 0
  }

  /// Continues a string from its first byte that is not plain.
  private mutating func scanStringTail(from start: Int) throws(JSONError) -> JSONStringSpan {
    var hasEscapes = false
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case ASCII.quote:
        position += 1
        return JSONStringSpan(start: start, end: position - 1, hasEscapes: hasEscapes)
      case ASCII.backslash:
        hasEscapes = true
        try scanEscape()
      case ..<0x20:
        throw error(.invalidString)
      case ..<0x80:
        position += 1
      default:
        position += try sequenceLength(lead: byte)
      }
    }
    throw error(.unexpectedEnd)
  }

  private mutating func scanEscape() throws(JSONError) {
    let start = position
    guard start + 1 < bytes.count else { throw JSONError(offset: bytes.count, rule: .unexpectedEnd) }
    guard bytes[start + 1] == UInt8(ascii: "u") else {
      guard Self.unescaped(bytes[start + 1]) != nil else { throw error(.invalidEscape) }
      position += 2
      return
    }
    let unit = try hexUnit(at: start + 2)
    position += 6
    guard unit & 0xF800 == 0xD800 else { return }
    let lone = JSONError(offset: start, rule: .invalidEscape)
    guard unit < 0xDC00, position + 1 < bytes.count, bytes[position] == ASCII.backslash,
      bytes[position + 1] == UInt8(ascii: "u")
    else { throw lone }
    guard try hexUnit(at: position + 2) & 0xFC00 == 0xDC00 else { throw lone }
    position += 6
  }

  private func hexUnit(at index: Int) throws(JSONError) -> UInt32 {
    var unit: UInt32 = 0
    for digit in index..<index + 4 {
      guard digit < bytes.count else { throw JSONError(offset: bytes.count, rule: .unexpectedEnd) }
      guard let value = Self.hexValue(bytes[digit]) else { throw error(.invalidEscape) }
      unit = unit << 4 | value
    }
    return unit
  }

  private static func hexValue(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 0x30...0x39: UInt32(byte) - 0x30
    case 0x41...0x46: UInt32(byte) - 0x41 + 10
    case 0x61...0x66: UInt32(byte) - 0x61 + 10
    default: nil
    }
  }

  private static func unescaped(_ byte: UInt8) -> UInt8? {
    switch byte {
    case ASCII.quote, ASCII.backslash, ASCII.slash: byte
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): ASCII.lineFeed
    case UInt8(ascii: "r"): ASCII.carriageReturn
    case UInt8(ascii: "t"): ASCII.tab
    default: nil
    }
  }

  /// The length of the UTF-8 sequence at the position, which starts with `lead` (not ASCII).
  private func sequenceLength(lead: UInt8) throws(JSONError) -> Int {
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch lead {
    case 0xC2...0xDF: length = 2
    case 0xE0...0xEF: length = 3
    case 0xF0...0xF4: length = 4
    default: throw error(.invalidUTF8)
    }
    // Without these four cases, overlong forms, surrogates and values past U+10FFFF would be accepted.
    switch lead {
    case 0xE0: second = 0xA0...0xBF
    case 0xED: second = 0x80...0x9F
    case 0xF0: second = 0x90...0xBF
    case 0xF4: second = 0x80...0x8F
    default: break
    }
    guard position + length <= bytes.count, second.contains(bytes[position + 1]) else {
      throw error(.invalidUTF8)
    }
    for index in position + 2..<position + length where bytes[index] & 0xC0 != 0x80 {
      throw error(.invalidUTF8)
    }
    return length
  }

  @inline(__always)
  func text(of span: JSONStringSpan) -> String {
    if span.hasEscapes { return String(decoding: resolved(span), as: UTF8.self) }
    return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[span.start..<span.end]), as: UTF8.self)
  }

  /// The UTF-8 bytes that a checked string represents.
  func resolved(_ span: JSONStringSpan) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(span.end - span.start)
    var index = span.start
    while index < span.end {
      guard bytes[index] == ASCII.backslash else {
        result.append(bytes[index])
        index += 1
        continue
      }
      if let byte = Self.unescaped(bytes[index + 1]) {
        result.append(byte)
        index += 2
      } else {
        index += appendUnicodeEscape(at: index, to: &result)
      }
    }
    return result
  }

  /// Appends the character of a checked `\u` escape, or pair of them; returns the number of bytes it occupies.
  private func appendUnicodeEscape(at index: Int, to result: inout [UInt8]) -> Int {
    let unit = checkedUnit(at: index + 2)
    let isPair = unit & 0xF800 == 0xD800
    let value = isPair ? 0x10000 + (unit & 0x3FF) << 10 + checkedUnit(at: index + 8) & 0x3FF : unit
    if let scalar = UnicodeScalar(value), let encoded = UTF8.encode(scalar) {
      result.append(contentsOf: encoded)
    }
    return isPair ? 12 : 6
  }

  private func checkedUnit(at index: Int) -> UInt32 {
    bytes[index..<index + 4].reduce(0) { $0 << 4 | (Self.hexValue($1) ?? 0) }
  }
}
