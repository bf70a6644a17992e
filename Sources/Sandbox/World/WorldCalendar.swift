import Foundation
import Values

/// The ad account's clocks.
package struct WorldCalendar: Sendable {
  /// The zone's IANA name.
  package let name: String
  private let zone: TimeZone

  /// Returns nil where this machine has no data of the zone.
  package init?(timeZone name: String) {
    guard let zone = TimeZone(identifier: name) else { return nil }
    self.name = name
    self.zone = zone
  }

  /// Seconds that the account's clocks are ahead of UTC at a moment.
  func offset(at instant: Instant) -> Int64 {
    Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.seconds))))
  }

  /// The day that holds a moment.
  package func day(of instant: Instant) -> CalendarDay {
    local(instant).utcDay
  }

  /// What the account's clocks show at a moment, as if it were UTC.
  func local(_ instant: Instant) -> Instant {
    instant.adding(seconds: offset(at: instant))
  }

  /// The first moment of a day.
  package func start(of day: CalendarDay) -> Instant {
    let local = Instant(startOf: day)
    let guess = local.adding(seconds: -offset(at: local))
    return local.adding(seconds: -offset(at: guess))
  }

  /// A moment as Meta writes it, such as `2026-11-01T10:00:00-0800`.
  func text(_ instant: Instant) -> String {
    let offset = offset(at: instant)
    let minutes = offset.magnitude / 60
    let sign = offset < 0 ? "-" : "+"
    let local = Instant(seconds: local(instant).seconds)
    return "\(local)".dropLast() + sign + Self.twoDigits(minutes / 60)
      + Self.twoDigits(minutes % 60)
  }

  private static func twoDigits(_ value: UInt64) -> String {
    value < 10 ? "0\(value)" : "\(value)"
  }
}

extension CalendarDay {
  /// Days since Monday: 0 to 6.
  var weekdayFromMonday: Int { Self.remainder(daysSinceEpoch + 3, 7) }

  /// Which week from Sunday to Saturday, counted from that of 1970-01-01.
  var week: Int { (daysSinceEpoch + 4 - Self.remainder(daysSinceEpoch + 4, 7)) / 7 }

  /// Days of the week, this one included, until its Saturday: 1 to 7.
  var daysLeftInWeek: Int { 7 - Self.remainder(daysSinceEpoch + 4, 7) }

  private static func remainder(_ value: Int, _ divisor: Int) -> Int {
    let remainder = value % divisor
    return remainder < 0 ? remainder + divisor : remainder
  }
}
