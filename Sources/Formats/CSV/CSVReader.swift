/// One record of a CSV file.
public struct CSVRecord: Equatable, Sendable {
  /// The line on which the record starts, counted from 1; line ends within quotes count.
  public let line: Int
  /// The fields, without quotes, otherwise unchanged.
  public let fields: [String]
}

/// CSV text that violates RFC 4180 or a limit.
public struct CSVError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public enum Rule: Equatable, Sendable {
    /// The file ends inside a quoted field.
    case unclosedQuote
    /// A quote in an unquoted field, or text after a closing quote.
    case quoteInsideField
    /// A record with more bytes than allowed.
    case recordTooLarge
    /// A record with more fields than allowed.
    case tooManyFields
    /// A field that is not UTF-8, or UTF-16 with half a surrogate pair.
    case invalidUTF8
  }

  /// The line, counted from 1.
  public let line: Int
  /// The byte within the line, counted from 1 and in UTF-8, whatever the file's encoding.
  public let column: Int
  /// What is wrong.
  public let rule: Rule

  /// Line and column are counted from 1.
  public init(line: Int, column: Int, rule: Rule) {
    self.line = line
    self.column = column
    self.rule = rule
  }

  /// One line for people, such as `line 3, column 9: a quote is never closed`.
  public var description: String { "line \(line), column \(column): \(rule)" }
}

extension CSVError.Rule: CustomStringConvertible {
  /// What is wrong and what to do about it.
  public var description: String {
    switch self {
    case .unclosedQuote: "a quote opens here and is never closed; write a quote within a cell twice"
    case .quoteInsideField:
      "there is a quote within a cell that is not quoted as a whole; quote the cell and write the quote twice"
    case .recordTooLarge: "the row is too large; a quote in it may never be closed"
    case .tooManyFields: "the row has too many cells"
    case .invalidUTF8: "the text is not valid Unicode; save the file as CSV in UTF-8"
    }
  }
}

/// Reads delimited text fed in chunks of any size: RFC 4180, with any line ends and delimiter.
///
/// UTF-8 and UTF-16 are read with or without a byte order mark, Windows-1252 where it is allowed. A first line such as
/// `sep=;` declares the delimiter and is not a record. Blank lines are skipped. After an error, including one thrown by
/// the closure, the reader must not be used any more.
public struct CSVReader: Sendable {
  /// How to read, and the limits.
  public struct Options: Sendable {
    /// The byte between fields; nil takes the most frequent of comma, semicolon and tab in the first line.
    public var delimiter: UInt8?
    /// The most bytes in a record, counted in UTF-8.
    public var maxRecordBytes = 1 << 20
    /// The most fields in a record.
    public var maxFields = 1024
    /// Whether a file whose first non-ASCII text is not UTF-8 is read as Windows-1252.
    public var acceptsWindows1252 = false

    public init(delimiter: UInt8? = nil) {
      self.delimiter = delimiter
    }
  }

  private let options: Options
  private var encoding = EncodingSniffer()
  private var detector: DelimiterDetector
  private var parser: CSVParser

  /// Makes a reader.
  public init(options: Options = Options()) {
    self.options = options
    detector = DelimiterDetector(fixed: options.delimiter)
    parser = CSVParser(options: options)
  }

  /// The byte between fields; nil until the first line has been read.
  public var delimiter: UInt8? { parser.delimiter }

  /// Whether the text has been found to be Windows-1252.
  public var isWindows1252: Bool { parser.isWindows1252 }

  /// Whether the text is UTF-16.
  public var isUTF16: Bool { encoding.isUTF16 }

  /// Parses the next bytes and passes on each record that they complete.
  ///
  /// Throws `CSVError`, and whatever `record` throws.
  public mutating func feed(_ chunk: [UInt8], _ record: (CSVRecord) throws -> Void) throws {
    try chunk.withUnsafeBytes { try feed($0, record) }
  }

  /// Parses the next bytes and passes on each record that they complete.
  ///
  /// Throws `CSVError`, and whatever `record` throws.
  public mutating func feed(_ chunk: UnsafeRawBufferPointer, _ record: (CSVRecord) throws -> Void) throws {
    if encoding.isPlain { return try parse(chunk, record) }
    guard let text = encoding.decode(chunk) else { throw parser.error(.invalidUTF8) }
    if encoding.isMarked { parser.isUnicode = true }
    try text.withUnsafeBytes { try parse($0, record) }
  }

  /// Ends the text, passing on a last record without a line end.
  ///
  /// Throws `CSVError` when a quote is open, and whatever `record` throws.
  public mutating func finish(_ record: (CSVRecord) throws -> Void) throws {
    guard let rest = encoding.finish() else { throw parser.error(.invalidUTF8) }
    try rest.withUnsafeBytes { try parse($0, record) }
    try parseWaiting(detector.finish(), record)
    try parser.finish(record)
  }

  private mutating func parse(
    _ text: UnsafeRawBufferPointer, _ record: (CSVRecord) throws -> Void
  ) throws {
    if parser.delimiter != nil { return try parser.feed(text, record) }
    guard let waiting = detector.take(text, limit: options.maxRecordBytes) else { return }
    try parseWaiting(waiting, record)
  }

  private mutating func parseWaiting(_ waiting: [UInt8], _ record: (CSVRecord) throws -> Void) throws {
    if parser.delimiter == nil { parser.delimiter = detector.delimiter }
    try waiting.withUnsafeBytes { try parser.feed($0, record) }
  }
}
