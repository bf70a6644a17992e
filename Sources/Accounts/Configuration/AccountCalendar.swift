import Values
import Web

/// Converts moments to days of an ad account and back.
package struct AccountCalendar: Sendable {
  private let zone: Zone

  /// Returns nil where `timezone` is not an IANA name that this machine has zone data for.
  package init?(timezone: String) {
    guard let zone = Zone(timezone) else { return nil }
    self.zone = zone
  }

  /// The first moment of `day` in the account's zone.
  ///
  /// Where a clock change skips midnight, the day starts at the change.
  package func start(of day: CalendarDay) -> Instant {
    utc(local: Instant(startOf: day))
  }

  /// The day that holds `instant` in the account's zone.
  package func day(of instant: Instant) -> CalendarDay {
    local(instant).utcDay
  }

  /// The account's local time at `instant`, as if it were UTC.
  package func local(_ instant: Instant) -> Instant {
    instant.adding(seconds: zone.offset(at: instant))
  }

  /// The moment at which the account's local time is `local`, which was read as if it were UTC.
  ///
  /// A time that a clock change skips is as long after the change as it would have been without it.
  package func utc(local: Instant) -> Instant {
    let guess = local.adding(seconds: -zone.offset(at: local))
    let moment = local.adding(seconds: -zone.offset(at: guess))
    return zone.offset(at: moment) == zone.offset(at: guess) ? moment : max(moment, guess)
  }
}

extension AccountConfiguration {
  /// The account's calendar. Throws a ``ConfigurationError`` where this machine lacks the data of its time zone.
  package var calendar: AccountCalendar {
    get throws {
      guard let calendar = AccountCalendar(timezone: timezone) else {
        throw ConfigurationError.invalid(
          FieldProblem(
            field: "timezone", value: timezone, rule: "is not known to this machine: install the package tzdata"))
      }
      return calendar
    }
  }
}
