/// Splits UTF-8 text into records, however it is divided into chunks.
struct CSVParser {
  private enum State {
    case recordStart, fieldStart, plain, quoted
    /// A quote inside a quoted field: the field's end, or the first of a pair.
    case quoteSeen
  }

  /// The byte between fields; must be set before text is fed.
  var delimiter: UInt8?
  /// Whether the text is known to be Unicode; set at the first non-ASCII text that is valid UTF-8.
  var isUnicode = false
  /// Whether the text turned out to be Windows-1252.
  private(set) var isWindows1252 = false
  private let acceptsWindows1252: Bool
  private let maxRecordBytes: Int
  private let maxFields: Int

  private var state = State.recordStart
  private var fields: [String] = []
  /// The content of the current field, unless all of it lies in the current chunk unchanged.
  private var partial: [UInt8] = []

  private var line = 1
  /// The number of bytes before the current chunk.
  private var chunkStart = 0
  private var lineStart = 0
  private var endedWithCR = false

  private var recordLine = 1
  private var recordStart = 0
  private var fieldLine = 1
  private var fieldColumn = 1

  init(options: CSVReader.Options) {
    delimiter = options.delimiter
    maxRecordBytes = options.maxRecordBytes
    maxFields = options.maxFields
    acceptsWindows1252 = options.acceptsWindows1252
  }

  /// An error at the end of the last chunk.
  func error(_ rule: CSVError.Rule) -> CSVError { error(rule, at: 0) }

  private func error(_ rule: CSVError.Rule, at index: Int) -> CSVError {
    CSVError(line: line, column: chunkStart + index - lineStart + 1, rule: rule)
  }

  private func fieldError(_ rule: CSVError.Rule) -> CSVError {
    CSVError(line: fieldLine, column: fieldColumn, rule: rule)
  }

  mutating func feed(_ text: UnsafeRawBufferPointer, _ record: (CSVRecord) throws -> Void) throws {
    let separator = delimiter ?? ASCII.comma
    var index = 0
    while index < text.count {
      switch state {
      case .recordStart: startRecord(text, &index)
      case .fieldStart: startField(text, &index)
      case .plain: try readPlain(text, &index, separator, record)
      case .quoted: readQuoted(text, &index)
      case .quoteSeen: try readAfterQuote(text, &index, separator, record)
      }
    }
    chunkStart += text.count
    if state != .recordStart { try checkSize(end: 0) }
  }

  mutating func finish(_ record: (CSVRecord) throws -> Void) throws {
    switch state {
    case .recordStart: return
    case .quoted: throw fieldError(.unclosedQuote)
    case .fieldStart: markField(at: 0)
    case .plain, .quoteSeen: break
    }
    try endField(UnsafeRawBufferPointer(start: nil, count: 0))
    try endRecord(record)
  }

  private mutating func startRecord(_ text: UnsafeRawBufferPointer, _ index: inout Int) {
    let byte = text[index]
    if byte == ASCII.lineFeed || byte == ASCII.carriageReturn {
      takeLineEnd(byte, at: index)
      index += 1
      return
    }
    recordLine = line
    recordStart = chunkStart + index
    startField(text, &index)
  }

  @inline(__always)
  private mutating func startField(_ text: UnsafeRawBufferPointer, _ index: inout Int) {
    markField(at: index)
    endedWithCR = false
    if text[index] == ASCII.quote {
      state = .quoted
      index += 1
    } else {
      state = .plain
    }
  }

  @inline(__always)
  private mutating func markField(at index: Int) {
    fieldLine = line
    fieldColumn = chunkStart + index - lineStart + 1
  }

  @inline(__always)
  private mutating func readPlain(
    _ text: UnsafeRawBufferPointer, _ index: inout Int, _ separator: UInt8,
    _ record: (CSVRecord) throws -> Void
  ) throws {
    let start = index
    var end = index
    while end < text.count, !Self.endsPlain(text[end], separator) { end += 1 }
    index = end
    let stretch = UnsafeRawBufferPointer(rebasing: text[start..<end])
    guard end < text.count else {
      partial.append(contentsOf: stretch)
      return
    }
    guard text[end] != ASCII.quote else { throw error(.quoteInsideField, at: end) }
    try endField(stretch)
    try takeFieldEnd(text[end], at: end, separator, record)
    index += 1
  }

  @inline(__always)
  private static func endsPlain(_ byte: UInt8, _ separator: UInt8) -> Bool {
    byte == separator || byte == ASCII.lineFeed || byte == ASCII.carriageReturn || byte == ASCII.quote
  }

  private mutating func readQuoted(_ text: UnsafeRawBufferPointer, _ index: inout Int) {
    let start = index
    while index < text.count, text[index] != ASCII.quote {
      let byte = text[index]
      if byte == ASCII.lineFeed || byte == ASCII.carriageReturn {
        takeLineEnd(byte, at: index)
      } else {
        endedWithCR = false
      }
      index += 1
    }
    partial.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[start..<index]))
    guard index < text.count else { return }
    endedWithCR = false
    state = .quoteSeen
    index += 1
  }

  private mutating func readAfterQuote(
    _ text: UnsafeRawBufferPointer, _ index: inout Int, _ separator: UInt8,
    _ record: (CSVRecord) throws -> Void
  ) throws {
    let byte = text[index]
    if byte == ASCII.quote {
      partial.append(byte)
      state = .quoted
    } else {
      guard Self.endsPlain(byte, separator) else { throw error(.quoteInsideField, at: index) }
      try endField(UnsafeRawBufferPointer(start: nil, count: 0))
      try takeFieldEnd(byte, at: index, separator, record)
    }
    index += 1
  }

  @inline(__always)
  private mutating func takeFieldEnd(
    _ byte: UInt8, at index: Int, _ separator: UInt8, _ record: (CSVRecord) throws -> Void
  ) throws {
    if byte == separator {
      state = .fieldStart
    } else {
      try checkSize(end: index)
      takeLineEnd(byte, at: index)
      try endRecord(record)
    }
  }

  /// Counts a line end; CR LF counts once, even where the two bytes come in different chunks.
  private mutating func takeLineEnd(_ byte: UInt8, at index: Int) {
    if byte == ASCII.carriageReturn || !endedWithCR { line += 1 }
    endedWithCR = byte == ASCII.carriageReturn
    lineStart = chunkStart + index + 1
  }

  /// Ends the current field, whose last bytes are `tail`.
  @inline(__always)
  private mutating func endField(_ tail: UnsafeRawBufferPointer) throws {
    guard fields.count < maxFields else { throw fieldError(.tooManyFields) }
    guard let field = partial.isEmpty ? text(tail) : textWithPartial(tail) else {
      throw fieldError(.invalidUTF8)
    }
    fields.append(field)
  }

  private mutating func textWithPartial(_ tail: UnsafeRawBufferPointer) -> String? {
    partial.append(contentsOf: tail)
    let field = partial
    partial.removeAll(keepingCapacity: true)
    return field.withUnsafeBytes { text($0) }
  }

  /// The text of a field; nil when it is not valid.
  @inline(__always)
  private mutating func text(_ field: UnsafeRawBufferPointer) -> String? {
    // ASCII needs no validation, and most fields are ASCII: this more than doubles the reader's speed.
    if field.reduce(0, |) < 0x80 { return String(decoding: field, as: UTF8.self) }
    return textBeyondASCII(field)
  }

  private mutating func textBeyondASCII(_ field: UnsafeRawBufferPointer) -> String? {
    if isWindows1252 { return Windows1252.text(field) }
    if let text = field.withMemoryRebound(to: UInt8.self, { String(validating: $0, as: UTF8.self) }) {
      isUnicode = true
      return text
    }
    guard acceptsWindows1252, !isUnicode else { return nil }
    isWindows1252 = true
    return Windows1252.text(field)
  }

  private mutating func endRecord(_ record: (CSVRecord) throws -> Void) throws {
    state = .recordStart
    try record(CSVRecord(line: recordLine, fields: fields))
    fields.removeAll(keepingCapacity: true)
  }

  private func checkSize(end index: Int) throws {
    guard chunkStart + index - recordStart > maxRecordBytes else { return }
    throw CSVError(line: recordLine, column: 1, rule: .recordTooLarge)
  }
}
