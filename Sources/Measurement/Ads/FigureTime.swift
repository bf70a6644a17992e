import Accounts
import Values

/// When figures are written, and from which moment on the previous ones must be archived.
///
/// Decisions as of a day use what was known at the end of that day, which is a midnight of the account's calendar. So
/// of all figures ever reported for a day of an ad, only those known at such a midnight are needed again, and the first
/// ones.
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
