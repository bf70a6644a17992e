import Foundation
import Values

/// Turns moments into days of an ad account and back.
public struct AccountCalendar: Sendable {
  private let zone: TimeZone

  /// Returns nil where `timezone` is no IANA name that this machine knows.
  public init?(timezone: String) {
    guard TimeZone.knownTimeZoneIdentifiers.contains(timezone) || timezone == "UTC",
      let zone = TimeZone(identifier: timezone)
    else { return nil }
    self.zone = zone
  }

  /// The first moment of `day` in the account's zone.
  ///
  /// Where a clock change leaves out midnight, the day starts at the change.
  public func start(of day: CalendarDay) -> Instant {
    utc(local: Instant(startOf: day))
  }

  /// The day that holds `instant` in the account's zone.
  public func day(of instant: Instant) -> CalendarDay {
    instant.adding(seconds: offset(at: instant)).utcDay
  }

  /// The moment at which the account's clocks show `local`, which was read as if it were UTC.
  ///
  /// A time that a clock change leaves out is as long after the change as it would have been without one.
  public func utc(local: Instant) -> Instant {
    let guess = local.adding(seconds: -offset(at: local))
    let moment = local.adding(seconds: -offset(at: guess))
    return offset(at: moment) == offset(at: guess) ? moment : max(moment, guess)
  }

  private func offset(at instant: Instant) -> Int64 {
    Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.seconds))))
  }
}

extension AccountConfiguration {
  /// The account's calendar. Throws an ``APIError`` of status 422 where this machine does not know the time zone.
  var calendar: AccountCalendar {
    get throws {
      guard let calendar = AccountCalendar(timezone: timezone) else {
        throw APIError.invalid(field: "timezone", value: timezone, rule: "is not known to this machine")
      }
      return calendar
    }
  }
}
