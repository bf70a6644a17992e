/// An error in a stream of JSON documents, with its position in the file.
public struct JSONStreamError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The line, counted from 1.
  public let line: Int
  /// The byte within the line, counted from 1.
  public let column: Int
  /// What is wrong.
  public let rule: JSONError.Rule

  /// Line and column are counted from 1.
  public init(line: Int, column: Int, rule: JSONError.Rule) {
    self.line = line
    self.column = column
    self.rule = rule
  }

  /// One line for people, such as `line 3, column 9: the text ends too early`.
  public var description: String { "line \(line), column \(column): \(rule)" }
}

/// Extracts elements from JSON that is too large to hold in memory, fed in chunks of any size.
///
/// It accepts top-level arrays, top-level objects that hold an array under one of the given names, and JSON Lines, one
/// after another in any mix. An object without such an array is itself an element. Elements are delimited by their
/// brackets and quotes only; `JSONReader` checks their content when it reads them. Everything around them is checked
/// here.
///
/// After an error, including one thrown by the closure, the stream must not be used any more.
public struct JSONElementStream: Sendable {
  /// One element, as it stands in the file.
  public struct Element: Equatable, Sendable {
    /// The line on which the element starts, counted from 1.
    public let line: Int
    /// The byte of that line at which the element starts, counted from 1.
    public let column: Int
    /// The element's text, without surrounding white space.
    public let bytes: [UInt8]
  }

  /// What may come next.
  enum State: Equatable {
    case byteOrderMark(matched: Int)
    case document
    case firstElement, element, elementEnd
    case firstMember, member, colon, memberValue, memberEnd
    case inside(Role)
  }

  /// What the value being collected is.
  enum Role: Equatable {
    case element, key, memberValue
  }

  let arrayMembers: [String]
  let maxElementBytes: Int
  var state = State.byteOrderMark(matched: 0)
  var place = LinePlace()
  var scan = ValueScan()

  /// The held text: one value, or all of a top-level object that may turn out to be an element.
  var held: [UInt8] = []
  /// Where the held text starts.
  var heldPlace = LinePlace()
  /// Where the value being collected starts inside the held text.
  var valueStart = 0
  /// Whether the current top-level object may still be an element, so that all of it is held.
  var holdsObject = false
  var isInsideObject = false
  /// Whether the last key names one of the array members.
  var isArrayMember = false

  /// Makes a stream that looks for arrays named one of `arrayMembers` in top-level objects.
  ///
  /// An element, or a value around the elements, may have at most `maxElementBytes` bytes.
  public init(arrayMembers: [String], maxElementBytes: Int = 1 << 20) {
    self.arrayMembers = arrayMembers
    self.maxElementBytes = maxElementBytes
  }

  /// Parses the next bytes and passes on each element that they complete.
  ///
  /// Throws `JSONStreamError` for errors around the elements and for elements that are too large, and whatever
  /// `element` throws.
  public mutating func feed(_ chunk: [UInt8], _ element: (Element) throws -> Void) throws {
    try chunk.withUnsafeBytes { try feed($0, element) }
  }

  /// Parses the next bytes and passes on each element that they complete.
  ///
  /// Throws `JSONStreamError` for errors around the elements and for elements that are too large, and whatever
  /// `element` throws.
  public mutating func feed(
    _ chunk: UnsafeRawBufferPointer, _ element: (Element) throws -> Void
  ) throws {
    var index = 0
    while index < chunk.count {
      if case .inside(let role) = state {
        try collect(chunk, &index)
        if scan.isComplete { try finishValue(role, element) }
      } else if try take(chunk[index], element) {
        index += 1
      }
    }
  }

  /// Ends the stream. Throws `JSONStreamError` when the last document is cut off.
  public mutating func finish(_ element: (Element) throws -> Void) throws {
    switch state {
    case .document, .byteOrderMark(matched: 0): return
    default: throw error(.unexpectedEnd)
    }
  }
}

/// A position in a file that advances with the bytes.
struct LinePlace: Equatable {
  var line = 1
  var column = 1

  @inline(__always)
  mutating func advance(over byte: UInt8) {
    if byte == ASCII.lineFeed {
      line += 1
      column = 1
    } else {
      column += 1
    }
  }
}

/// Finds the end of a value by its brackets and quotes.
struct ValueScan {
  enum Shape { case scalar, string, container }

  private var shape = Shape.scalar
  private var depth = 0
  private var isInString = false
  private var isEscaped = false
  private(set) var isComplete = false

  init() {}

  init(firstByte: UInt8) {
    switch firstByte {
    case ASCII.quote: shape = .string
    case ASCII.openBrace, ASCII.openBracket: shape = .container
    default: shape = .scalar
    }
  }

  /// Moves `index` and `place` past the bytes of the value in `chunk`.
  mutating func advance(_ chunk: UnsafeRawBufferPointer, _ index: inout Int, _ place: inout LinePlace) {
    while index < chunk.count, !isComplete {
      let byte = chunk[index]
      if shape == .scalar, Self.endsScalar(byte) {
        isComplete = true
        return
      }
      place.advance(over: byte)
      index += 1
      if isInString { takeInString(byte) } else { takeOutside(byte) }
    }
  }

  @inline(__always)
  private mutating func takeInString(_ byte: UInt8) {
    if isEscaped {
      isEscaped = false
    } else if byte == ASCII.backslash {
      isEscaped = true
    } else if byte == ASCII.quote {
      isInString = false
      isComplete = shape == .string
    }
  }

  @inline(__always)
  private mutating func takeOutside(_ byte: UInt8) {
    switch byte {
    case ASCII.quote:
      isInString = true
    case ASCII.openBrace, ASCII.openBracket:
      depth += 1
    case ASCII.closeBrace, ASCII.closeBracket:
      depth -= 1
      isComplete = shape == .container && depth <= 0
    default: break
    }
  }

  private static func endsScalar(_ byte: UInt8) -> Bool {
    ASCII.isJSONSpace(byte) || byte == ASCII.comma || byte == ASCII.closeBracket
      || byte == ASCII.closeBrace
  }
}
