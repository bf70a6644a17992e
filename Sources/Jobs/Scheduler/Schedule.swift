import Storage
import Values

/// When something is done repeatedly.
public enum Schedule: Sendable, Hashable, CustomStringConvertible {
  /// Every so many seconds, at least 1, counted from 1970-01-01T00:00:00Z, so that all processes agree.
  case every(seconds: Int64)
  /// By the calendar and the clocks of a zone.
  case cron(CronExpression, in: Zone = .utc)

  /// `every 300 s`, or the cron expression, with its zone where that is not UTC.
  public var description: String {
    switch self {
    case .every(let seconds): "every \(max(1, seconds)) s"
    case .cron(let expression, .utc): expression.description
    case .cron(let expression, let zone): "\(expression) \(zone)"
    }
  }

  /// The first tick after `instant`; nil where there is none.
  public func next(after instant: Instant) -> Instant? {
    switch self {
    case .every(let seconds):
      let step = max(1, seconds)
      let (quotient, remainder) = instant.seconds.quotientAndRemainder(dividingBy: step)
      return Instant(seconds: ((remainder < 0 ? quotient - 1 : quotient) + 1) * step)
    case .cron(let expression, let zone): return expression.next(after: instant, in: zone)
    }
  }

  /// The last tick up to `end`; `first` is an earlier tick.
  ///
  /// Looks back from `end` over a span that doubles until it holds a tick, so that a schedule with a tick every minute
  /// that was missed for a year does not iterate over all of them.
  func last(from first: Instant, upTo end: Instant) -> Instant {
    var span: Int64 = 60
    while end.adding(seconds: -span) > first {
      if var tick = next(after: end.adding(seconds: -span)), tick <= end {
        while let later = next(after: tick), later <= end { tick = later }
        return tick
      }
      span *= 2
    }
    var tick = first
    while let later = next(after: tick), later <= end { tick = later }
    return tick
  }
}

/// What happens to ticks that passed while no scheduler was running.
public enum MissedPolicy: String, Sendable, Hashable, CaseIterable {
  /// They are skipped: a tick is fired within a minute of its time or not at all.
  case skip
  /// The last of them is fired, once for all of them.
  case once
}

/// Something that a scheduler does at every tick of a schedule.
public struct ScheduleEntry: Sendable {
  /// Its name, which is the same in all schedulers.
  public let name: String
  /// When its ticks are.
  public let timing: Schedule
  /// What happens to missed ticks.
  public let missedPolicy: MissedPolicy
  /// Does the work, within the transaction that records the tick as fired: what it pushes is pushed once.
  public let fire: @Sendable (any Transaction, Instant) throws -> Void

  public init(
    name: String, timing: Schedule, missedPolicy: MissedPolicy = .skip,
    fire: @escaping @Sendable (any Transaction, Instant) throws -> Void
  ) {
    self.name = name
    self.timing = timing
    self.missedPolicy = missedPolicy
    self.fire = fire
  }
}
