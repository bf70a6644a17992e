import Foundation
import Synchronization
import Values
import Web

/// Turns moments into days of an ad account and back.
package struct AccountCalendar: Sendable {
  private let zone: TimeZone

  /// The zones that were asked for, by name: each is looked up in the zone data once.
  private static let known = Mutex<[String: TimeZone]>([:])

  /// Returns nil where `timezone` is no IANA name that this machine has zone data for.
  package init?(timezone: String) {
    let known = Self.known.withLock { $0[timezone] }
    guard let zone = known ?? Self.load(timezone) else { return nil }
    if known == nil { Self.known.withLock { $0[timezone] = zone } }
    self.zone = zone
  }

  /// Foundation's own list leaves out names that the zone data have as links, such as `Asia/Kolkata`, while its loader
  /// takes abbreviations and offsets, such as `PST` and `GMT+0530`, which are no IANA names. A name with a slash is one
  /// wherever it loads; one without is where the zone data have a file of that name.
  private static func load(_ name: String) -> TimeZone? {
    guard name.utf8.allSatisfy({ isLetterOfName($0) }), let zone = TimeZone(identifier: name) else { return nil }
    let isName =
      name.contains("/") || ["UTC", "GMT"].contains(name)
      || FileManager.default.fileExists(atPath: "/usr/share/zoneinfo/\(name)")
    return isName ? zone : nil
  }

  private static func isLetterOfName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "+"),
      UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// The first moment of `day` in the account's zone.
  ///
  /// Where a clock change leaves out midnight, the day starts at the change.
  package func start(of day: CalendarDay) -> Instant {
    utc(local: Instant(startOf: day))
  }

  /// The day that holds `instant` in the account's zone.
  package func day(of instant: Instant) -> CalendarDay {
    local(instant).utcDay
  }

  /// What the account's clocks show at `instant`, as if it were UTC.
  package func local(_ instant: Instant) -> Instant {
    instant.adding(seconds: offset(at: instant))
  }

  /// The moment at which the account's clocks show `local`, which was read as if it were UTC.
  ///
  /// A time that a clock change leaves out is as long after the change as it would have been without one.
  package func utc(local: Instant) -> Instant {
    let guess = local.adding(seconds: -offset(at: local))
    let moment = local.adding(seconds: -offset(at: guess))
    return offset(at: moment) == offset(at: guess) ? moment : max(moment, guess)
  }

  private func offset(at instant: Instant) -> Int64 {
    Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.seconds))))
  }
}

extension AccountConfiguration {
  /// The account's days. Throws an ``APIError`` of status 422 where this machine lacks the data of its time zone.
  package var calendar: AccountCalendar {
    get throws {
      guard let calendar = AccountCalendar(timezone: timezone) else {
        throw APIError.invalid(
          field: "timezone", value: timezone, rule: "is not known to this machine: install the package tzdata")
      }
      return calendar
    }
  }
}
