import Values

/// Recurring moments of the calendar: minute, hour, day of the month, month and day of the week.
///
/// Fields take `*`, numbers, names (`jan`, `mon`), ranges (`1-5`), steps (`*/15`, `10-50/20`, `5/10`) and lists of
/// these; Sunday is 0 or 7. Where both day fields are restricted (neither begins with `*`), a day that matches either
/// of them counts, as POSIX specifies for crontab.
public struct CronExpression: Sendable, Hashable, CustomStringConvertible {
  /// The expression as it was written.
  public let description: String

  private let minutes: CronField
  private let hours: CronField
  private let daysOfMonth: CronField
  private let months: CronField
  private let daysOfWeek: CronField

  /// Parses an expression of at most 200 bytes. Throws ``CronError``, also where no day can ever match it.
  public init(_ text: String) throws(CronError) {
    let fields = text.cut(toBytes: 200).split(whereSeparator: { $0 == " " || $0 == "\t" })
    guard fields.count == 5, text.utf8.count <= 200 else { throw .fieldCount(fields.count) }
    description = fields.joined(separator: " ")
    minutes = try CronField(fields[0], .minute)
    hours = try CronField(fields[1], .hour)
    daysOfMonth = try CronField(fields[2], .dayOfMonth)
    months = try CronField(fields[3], .month)
    daysOfWeek = try CronField(fields[4], .dayOfWeek)
    guard next(after: Instant(microseconds: 0)) != nil else { throw .never(description) }
  }

  /// The first matching moment after `instant`, in the local time of `zone`; nil where there is none in the next nine
  /// years (29 February may take eight).
  ///
  /// A local time that a clock change skips is moved to the change. One that occurs twice counts the first time.
  public func next(after instant: Instant, in zone: Zone) -> Instant? {
    var local = instant.adding(seconds: zone.offset(at: instant))
    // After a change that set clocks back, local times that have occurred already are skipped.
    while let next = next(after: local) {
      let moment = zone.firstMoment(ofLocal: next)
      if moment > instant { return moment }
      local = next
    }
    return nil
  }

  /// The first matching moment after `instant` in UTC; nil where there is none in the next nine years.
  public func next(after instant: Instant) -> Instant? {
    let secondsIntoMinute = (instant.seconds % 60 + 60) % 60
    let start = instant.seconds - secondsIntoMinute + 60
    var day = Instant(seconds: start).utcDay
    var minute = Int(start - Instant(startOf: day).seconds) / 60
    for _ in 0..<(9 * 366) {
      if allows(day), let found = time(from: minute) {
        return Instant(startOf: day).adding(seconds: Int64(found) * 60)
      }
      day = day.adding(days: 1)
      minute = 0
    }
    return nil
  }

  private func allows(_ day: CalendarDay) -> Bool {
    let (_, month, dayOfMonth) = day.components
    guard months.contains(month) else { return false }
    // 1970-01-01 was a Thursday.
    let dayOfWeek = ((day.daysSinceEpoch + 4) % 7 + 7) % 7
    let matches = (daysOfMonth.contains(dayOfMonth), daysOfWeek.contains(dayOfWeek))
    return daysOfMonth.isOpen || daysOfWeek.isOpen ? matches.0 && matches.1 : matches.0 || matches.1
  }

  /// The first minute of a day, from `start` on, that matches hour and minute.
  private func time(from start: Int) -> Int? {
    guard let hour = hours.first(from: start / 60) else { return nil }
    if hour == start / 60, let minute = minutes.first(from: start % 60) { return hour * 60 + minute }
    guard let later = hour == start / 60 ? hours.first(from: hour + 1) : hour, let minute = minutes.first(from: 0)
    else { return nil }
    return later * 60 + minute
  }
}
