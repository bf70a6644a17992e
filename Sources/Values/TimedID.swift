import Synchronization

/// An id that sorts by creation time: 24 hexadecimal digits, of which the first 16 are microseconds since 1970.
public struct TimedID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// What the text of an id must be, in words.
  public static let rule = "must be 24 hexadecimal digits in lower case"

  /// The digits.
  public let description: String

  /// Reads the text of an id; returns nil for anything else.
  public init?(_ text: String) {
    let digits = "0123456789abcdef".utf8
    guard text.utf8.count == 24, text.utf8.allSatisfy({ digits.contains($0) }) else { return nil }
    description = text
  }

  /// Makes an id from its parts; moments before 1970 are treated as 1970.
  public init(microseconds: Int64, random: UInt32) {
    description = Self.digits(UInt64(max(0, microseconds)), 16) + Self.digits(UInt64(random), 8)
  }

  /// Orders ids by creation time.
  public static func < (left: TimedID, right: TimedID) -> Bool { left.description < right.description }

  private static func digits(_ number: UInt64, _ count: Int) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
  }
}

/// Makes ids, each of which sorts after all that it made before.
public final class TimedIDMaker: Sendable {
  private let last = Mutex<Int64>(0)

  /// Has made none yet.
  public init() {}

  /// An id for the moment `now`, or for the microsecond after the previous id where that is later.
  public func next(at now: Instant) -> TimedID {
    let microseconds = last.withLock { last in
      last = max(now.microseconds, last + 1)
      return last
    }
    return TimedID(microseconds: microseconds, random: UInt32.random(in: 0...UInt32.max))
  }
}
