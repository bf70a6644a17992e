import Accounts
import Execution
import Values

extension AccountMoment {
  /// The moment `now` in an account's local time.
  init(_ now: Instant, _ calendar: AccountCalendar) {
    let day = calendar.day(of: now)
    let local = calendar.local(now)
    self.init(
      now: now, dayStart: calendar.start(of: day), dayEnd: calendar.start(of: day.adding(days: 1)),
      // 1970-01-01 was a Thursday.
      weekday: ((day.daysSinceEpoch + 3) % 7 + 7) % 7,
      hour: Int((local.seconds - Instant(startOf: day).seconds) / 3_600))
  }
}
