import Synchronization
import Values

/// The id of a job: a UUID of version 7 (RFC 9562), whose text sorts by creation time.
public struct JobID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// 36 characters, lower-case digits in groups of 8, 4, 4, 4 and 12.
  public let value: String

  /// Reads the text of a UUID; returns nil for anything else.
  public init?(_ value: String) {
    let bytes = Array(value.utf8)
    guard bytes.count == 36, bytes.indices.allSatisfy({ Self.fits(bytes[$0], at: $0) }) else { return nil }
    self.value = value
  }

  fileprivate init(bits: UInt128) {
    var text: [UInt8] = []
    text.reserveCapacity(36)
    for digit in 0..<32 {
      if [8, 12, 16, 20].contains(digit) { text.append(UInt8(ascii: "-")) }
      let value = UInt8(truncatingIfNeeded: bits >> UInt128(124 - 4 * digit)) & 0xF
      text.append(value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10)
    }
    value = String(decoding: text, as: UTF8.self)
  }

  public var description: String { value }

  /// Orders ids by creation time.
  public static func < (left: JobID, right: JobID) -> Bool { left.value < right.value }

  private static func fits(_ byte: UInt8, at position: Int) -> Bool {
    switch position {
    case 8, 13, 18, 23: byte == UInt8(ascii: "-")
    default:
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
  }
}

/// Makes ids, each greater than the one before it.
package final class JobIDMaker: Sendable {
  private struct State {
    var generator: any RandomNumberGenerator & Sendable
    var last: UInt128 = 0
  }

  private let state: Mutex<State>

  package init(_ generator: any RandomNumberGenerator & Sendable) {
    state = Mutex(State(generator: generator))
  }

  /// An id for the moment `now`: 48 bits of milliseconds, 12 bits for the fraction and 62 random bits; the successor of
  /// the previous id where that would not sort after it.
  package func next(at now: Instant) -> JobID {
    state.withLock { state in
      let microseconds = max(0, now.microseconds)
      let milliseconds = UInt128(microseconds / 1_000) & 0xFFFF_FFFF_FFFF
      let fraction = UInt128(microseconds % 1_000 * 4_096 / 1_000)
      let random = UInt128(state.generator.next() >> 2)
      let version: UInt128 = 7
      let variant: UInt128 = 2
      let fresh = milliseconds << 80 | version << 76 | fraction << 64 | variant << 62 | random
      state.last = fresh > state.last ? fresh : state.last + 1
      return JobID(bits: state.last)
    }
  }
}
