import Accounts
import Values

/// When figures come in, and from which moment on their past has to be kept.
///
/// Decisions as of a day go by what was known at the end of that day, which is a midnight of the account's calendar. So
/// of all that a day of an ad was stated to be, only what held at such a midnight is needed again, and what was stated
/// first.
struct FigureTime {
  /// The present moment.
  let now: Instant
  /// The last midnight before ``now``.
  let lastMidnight: Instant

  init(_ now: Instant, _ calendar: AccountCalendar) {
    self.now = now
    let today = calendar.day(of: now)
    let start = calendar.start(of: today)
    lastMidnight = start < now ? start : calendar.start(of: today.adding(days: -1))
  }
}
