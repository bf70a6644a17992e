import Jobs
import Values

/// When the recurring jobs are pushed.
struct ScheduleSettings {
  /// The jobs that recur, and when unless told otherwise.
  static let standard: [(name: String, text: String)] = System.recurringJobs.map { ($0.name, $0.usualSchedule) }

  /// The schedule of each recurring job.
  private(set) var schedules: [String: Schedule] = [:]

  /// Reads changes such as `monitor_fatigue=6h` or `process_budget_optimization=0 4 * * *`.
  init(_ changes: [String]) throws {
    for (name, text) in Self.standard { schedules[name] = try Self.schedule(text, of: name) }
    for change in changes {
      let sides = change.split(separator: "=", maxSplits: 1).map(String.init)
      guard sides.count == 2, schedules[sides[0]] != nil else {
        let names = Self.standard.map(\.name).joined(separator: ", ")
        throw SettingError(name: "schedule", value: change, rule: "must be NAME=WHEN with one of \(names)")
      }
      schedules[sides[0]] = try Self.schedule(sides[1], of: sides[0])
    }
  }

  /// A whole number of seconds, minutes, hours or days, such as `90s`, `15m`, `6h` or `1d`; else a cron expression.
  private static func schedule(_ text: String, of name: String) throws -> Schedule {
    let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    if let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()) {
      guard (1...86_400 * 366).contains(count.multipliedReportingOverflow(by: unit).partialValue), count > 0 else {
        throw SettingError(name: "schedule of \(name)", value: text, rule: "must be 1 s to 366 days")
      }
      return .every(seconds: count * unit)
    }
    do {
      return .cron(try CronExpression(text))
    } catch {
      throw SettingError(
        name: "schedule of \(name)", value: text, rule: "must be such as 15m or 6h, or a cron expression: \(error)")
    }
  }
}
