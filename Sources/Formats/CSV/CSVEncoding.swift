import Values

/// Detects the encoding of a CSV file from its first bytes, and converts its text to UTF-8.
struct EncodingSniffer {
  private enum Form {
    case unknown, utf8
    case utf16(isLittleEndian: Bool)
  }

  private var form = Form.unknown
  /// Bytes that cannot be decoded yet: a possible byte order mark, or half a UTF-16 unit.
  private var waiting: [UInt8] = []
  private var highSurrogate: UInt16?
  /// Whether the first bytes prove that the text is Unicode.
  private(set) var isMarked = false

  var isUTF16: Bool {
    if case .utf16 = form { return true }
    return false
  }

  /// Whether the following bytes need no decoding.
  var isPlain: Bool {
    if case .utf8 = form { return waiting.isEmpty }
    return false
  }

  /// The next bytes as UTF-8; nil when they are not valid UTF-16.
  mutating func decode(_ chunk: UnsafeRawBufferPointer) -> [UInt8]? {
    waiting.append(contentsOf: chunk)
    if case .unknown = form {
      guard waiting.count >= ASCII.byteOrderMark.count else { return [] }
      sniff()
    }
    return decodeWaiting()
  }

  /// The remaining bytes at the end as UTF-8; nil when a character is cut off.
  mutating func finish() -> [UInt8]? {
    if case .unknown = form { sniff() }
    let text = decodeWaiting()
    guard waiting.isEmpty, highSurrogate == nil else { return nil }
    return text
  }

  private mutating func sniff() {
    if waiting.starts(with: [0xFF, 0xFE]) || waiting.starts(with: [0xFE, 0xFF]) {
      form = .utf16(isLittleEndian: waiting[0] == 0xFF)
      waiting.removeFirst(2)
      isMarked = true
    } else if let isLittleEndian = unmarkedUTF16 {
      form = .utf16(isLittleEndian: isLittleEndian)
      isMarked = true
    } else {
      form = .utf8
      guard waiting.starts(with: ASCII.byteOrderMark) else { return }
      waiting.removeFirst(3)
      isMarked = true
    }
  }

  /// The byte order of UTF-16 without a mark: every other byte of a header's first letters is 0. Nil for other text.
  private var unmarkedUTF16: Bool? {
    guard waiting.count >= 3 else { return nil }
    switch (waiting[0] == 0, waiting[1] == 0, waiting[2] == 0) {
    case (false, true, false): return true
    case (true, false, true): return false
    default: return nil
    }
  }

  private mutating func decodeWaiting() -> [UInt8]? {
    guard case .utf16(let isLittleEndian) = form else {
      defer { waiting = [] }
      return waiting
    }
    var text: [UInt8] = []
    text.reserveCapacity(waiting.count)
    let whole = waiting.count & ~1
    for index in stride(from: 0, to: whole, by: 2) {
      let first = UInt16(waiting[index])
      let second = UInt16(waiting[index + 1])
      let unit = isLittleEndian ? second << 8 | first : first << 8 | second
      guard append(unit, to: &text) else { return nil }
    }
    waiting.removeFirst(whole)
    return text
  }

  /// Appends a character once its units are complete; false for half a surrogate pair.
  private mutating func append(_ unit: UInt16, to text: inout [UInt8]) -> Bool {
    var value = UInt32(unit)
    if let high = highSurrogate {
      guard UTF16.isTrailSurrogate(unit) else { return false }
      value = 0x10000 + (UInt32(high) & 0x3FF) << 10 + UInt32(unit) & 0x3FF
      highSurrogate = nil
    } else if UTF16.isLeadSurrogate(unit) {
      highSurrogate = unit
      return true
    }
    guard let scalar = UnicodeScalar(value), let encoded = UTF8.encode(scalar) else { return false }
    text.append(contentsOf: encoded)
    return true
  }
}

/// Holds back a CSV file's text until its first line shows which delimiter separates the fields.
struct DelimiterDetector {
  /// If two are equally frequent, the first one in this list is used.
  private static let candidates = [ASCII.comma, ASCII.semicolon, ASCII.tab]

  /// The delimiter, once it is known; a comma until then.
  private(set) var delimiter: UInt8
  private var isDecided: Bool
  private var held: [UInt8] = []
  private var counts = [0, 0, 0]
  private var isQuoted = false
  private var isBlank = true

  init(fixed: UInt8?) {
    delimiter = fixed ?? ASCII.comma
    isDecided = fixed != nil
  }

  /// Adds text; returns everything held back once the delimiter is known, nil before that.
  mutating func take(_ text: UnsafeRawBufferPointer, limit: Int) -> [UInt8]? {
    held.append(contentsOf: text)
    for byte in text where !isDecided { look(at: byte) }
    guard isDecided || held.count > limit else { return nil }
    return finish()
  }

  /// Decides the delimiter from the text seen so far; returns the text still held back.
  mutating func finish() -> [UInt8] {
    decide()
    defer { held = [] }
    return held
  }

  /// The delimiter declared by a first line such as `sep=;`, which spreadsheets write for each other.
  private var declaredDelimiter: UInt8? {
    let start = Self.declaration.count
    guard held.count > start + 1,
      held[..<start].elementsEqual(Self.declaration) || held[..<start].elementsEqual("SEP=".utf8),
      held[start + 1] == ASCII.lineFeed || held[start + 1] == ASCII.carriageReturn
    else { return nil }
    return held[start]
  }

  private static let declaration = Array("sep=".utf8)

  private mutating func look(at byte: UInt8) {
    let isLineEnd = byte == ASCII.lineFeed || byte == ASCII.carriageReturn
    if byte == ASCII.quote { isQuoted.toggle() }
    if isLineEnd, !isQuoted, !isBlank { return decide() }
    if !isLineEnd { isBlank = false }
    guard !isQuoted, let index = Self.candidates.firstIndex(of: byte) else { return }
    counts[index] += 1
  }

  private mutating func decide() {
    guard !isDecided else { return }
    isDecided = true
    if let declared = declaredDelimiter {
      delimiter = declared
      // The line end stays, so that lines are counted correctly; a blank line is not a record.
      held.removeFirst(Self.declaration.count + 1)
      return
    }
    for index in counts.indices.reversed() where counts[index] > 0 && counts[index] == counts.max() {
      delimiter = Self.candidates[index]
    }
  }
}
