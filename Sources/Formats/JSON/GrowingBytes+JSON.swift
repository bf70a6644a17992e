import Values

extension GrowingBytes {
  /// Appends a string's text with the escapes that JSON requires.
  mutating func appendEscaped(_ text: UnsafeBufferPointer<UInt8>) {
    var copied = 0
    for index in text.indices {
      let byte = text[index]
      if byte >= 0x20, byte != ASCII.quote, byte != ASCII.backslash { continue }
      append(UnsafeBufferPointer(rebasing: text[copied..<index]))
      appendEscape(byte)
      copied = index + 1
    }
    append(UnsafeBufferPointer(rebasing: text[copied...]))
  }

  private mutating func append(_ literal: StaticString) {
    literal.withUTF8Buffer { append($0) }
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
        append(digit < 10 ? ASCII.zero + digit : UInt8(ascii: "a") + digit - 10)
      }
    }
  }
}

extension GrowingBytes {
  /// Up to this many decimals are tried before falling back to the general algorithm.
  private static let shortPlaces = 6

  /// Appends the shortest text that reads back to the same bits; `null` for numbers that are not finite.
  mutating func append(_ value: Double) {
    let magnitude = value.magnitude
    let product = magnitude * 1e6
    // Below 2^50 the product's error is less than a half, so a decimal with up to six places is found if there is one.
    // The quotient, rounded once from exact operands, is the number that a reader gets.
    guard product < 0x1p50, magnitude != 0 else { return appendGeneral(value) }
    let scaled = (product + 0x1p52) - 0x1p52
    guard scaled / 1e6 == magnitude else { return appendShortest(value) }
    var digits = UInt64(clamping: scaled)
    var places = Self.shortPlaces
    let (hundreds, rest) = digits.quotientAndRemainder(dividingBy: 10_000)
    if rest == 0 { (digits, places) = (hundreds, places - 4) }
    while places > 0 {
      let (quotient, remainder) = digits.quotientAndRemainder(dividingBy: 10)
      guard remainder == 0 else { break }
      digits = quotient
      places -= 1
    }
    append(decimal: digits, places: places, isNegative: value < 0)
  }

  private mutating func appendGeneral(_ value: Double) {
    if value == 0 { return append(value.sign == .minus ? "-0.0" : "0") }
    guard value.isFinite else { return append("null") }
    guard value.magnitude < 0x1p53, value == value.rounded(.towardZero) else { return appendShortest(value) }
    append(decimal: UInt64(clamping: value.magnitude), places: 0, isNegative: value < 0)
  }

  private mutating func appendShortest(_ value: Double) {
    append(room: NumberSink.room) { place in
      var sink = NumberSink(place: place)
      value.write(to: &sink)
      return sink.count
    }
  }

  /// Appends `digits / 10^places`, with at least one digit before the dot.
  mutating func append(decimal digits: UInt64, places: Int, isNegative: Bool) {
    append(room: 24) { place in
      var next = place
      if isNegative {
        next[0] = ASCII.minus
        next += 1
      }
      guard places > 0 else { return DecimalDigits.write(digits, count: DecimalDigits.count(digits), at: next) - place }
      let (whole, fraction) = digits.quotientAndRemainder(dividingBy: DecimalDigits.power(places))
      next = DecimalDigits.write(whole, count: DecimalDigits.count(whole), at: next)
      next[0] = ASCII.dot
      return DecimalDigits.write(fraction, count: places, at: next + 1) - place
    }
  }
}

/// Receives a number's characters without creating a String.
///
/// The standard library passes ASCII to `_writeASCII` where a stream has that method, and otherwise to `write`.
private struct NumberSink: TextOutputStream {
  /// The longest text of a Double has 24 characters.
  static let room = 32

  let place: UnsafeMutablePointer<UInt8>
  var count = 0

  mutating func write(_ text: String) {
    var text = text
    text.withUTF8 { _writeASCII($0) }
  }

  // swift-format-ignore: NoLeadingUnderscores
  // The name is the protocol's.
  mutating func _writeASCII(_ text: UnsafeBufferPointer<UInt8>) {
    guard let source = text.baseAddress, count + text.count <= Self.room else { return }
    (place + count).update(from: source, count: text.count)
    count += text.count
  }
}
