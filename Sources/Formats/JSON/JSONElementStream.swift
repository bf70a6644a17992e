/// A fault in a stream of JSON documents, with its place in the file.
public struct JSONStreamError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The line, the first being 1.
  public let line: Int
  /// The byte in the line, the first being 1.
  public let column: Int
  /// What the fault is.
  public let rule: JSONError.Rule

  /// Makes an error for a place counted from line 1, column 1.
  public init(line: Int, column: Int, rule: JSONError.Rule) {
    self.line = line
    self.column = column
    self.rule = rule
  }

  /// One line for people, such as `line 3, column 9: the text ends too early`.
  public var description: String { "line \(line), column \(column): \(rule)" }
}

/// Cuts elements out of JSON that is too large to hold in memory, fed in chunks of any size.
///
/// It takes top-level arrays, top-level objects that hold an array under one of the given names, and
/// JSON lines, one after another in any mix. An object without such an array is itself an element.
/// Elements are cut out by their brackets and quotes only: reading them with `JSONReader` is what checks
/// them. Everything around them is checked here.
///
/// After an error, or an error thrown by the closure, the stream must not be fed any more.
public struct JSONElementStream: Sendable {
  /// One element, as it stands in the file.
  public struct Element: Equatable, Sendable {
    /// The line the element starts in, the first being 1.
    public let line: Int
    /// The byte of that line the element starts at, the first being 1.
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

  /// The text being held: one value, or all of a top-level object that may turn out to be an element.
  var held: [UInt8] = []
  /// Where the held text starts.
  var heldPlace = LinePlace()
  /// Where the value being collected starts inside the held text.
  var valueStart = 0
  /// The current top-level object may still be an element, so all of it is held.
  var holdsObject = false
  var isInsideObject = false
  /// The last key names one of the array members.
  var isArrayMember = false

  /// Makes a stream that looks into top-level objects for arrays called one of `arrayMembers`.
  ///
  /// An element, or a value around the elements, may have up to `maxElementBytes` bytes.
  public init(arrayMembers: [String], maxElementBytes: Int = 1 << 20) {
    self.arrayMembers = arrayMembers
    self.maxElementBytes = maxElementBytes
  }

  /// Takes the next bytes and hands over each element that they complete.
  ///
  /// Throws `JSONStreamError` for faults around the elements and for elements that are too large, and
  /// whatever `element` throws.
  public mutating func feed(_ chunk: [UInt8], _ element: (Element) throws -> Void) throws {
    try chunk.withUnsafeBytes { try feed($0, element) }
  }

  /// Takes the next bytes and hands over each element that they complete.
  ///
  /// Throws `JSONStreamError` for faults around the elements and for elements that are too large, and
  /// whatever `element` throws.
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

/// A place in a file, moving along with the bytes.
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

/// Follows one value's brackets and quotes to find its end.
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

  /// Moves `index` and `place` past the value's bytes in `chunk`, as far as they go.
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
