import Jobs
import Values

/// When the recurring jobs are pushed.
package struct ScheduleSettings {
  /// When a kind of job is pushed.
  enum Timing: CustomStringConvertible {
    /// For all accounts at once.
    case fixed(Schedule)
    /// For each account in the local time of its own time zone.
    case byAccount(CronExpression)

    var description: String {
      switch self {
      case .fixed(let schedule): schedule.description
      case .byAccount(let expression): "\(expression) \(Kind.accountZone)"
      }
    }
  }

  /// The schedule of each recurring job.
  private(set) var schedules: [String: Timing] = [:]

  /// Reads changes such as `monitor_fatigue=6h` or `process_budget_optimization=0 4 * * * account`, which override the
  /// defaults of the kinds of job.
  package init(_ changes: [String], kinds: [any RecurringJob.Type] = System.recurringJobs) throws {
    let known = kinds.map(Kind.init)
    for kind in known { schedules[kind.name] = try kind.timing(kind.usualSchedule) }
    for change in changes {
      let sides = change.split(separator: "=", maxSplits: 1).map(String.init)
      guard sides.count == 2, let kind = known.first(where: { $0.name == sides[0] }) else {
        let names = known.map(\.name).joined(separator: ", ")
        throw SettingError(name: "schedule", value: change, rule: "must be NAME=WHEN with one of \(names)")
      }
      schedules[kind.name] = try kind.timing(sides[1])
    }
  }
}

/// The properties of a kind of job that its schedule depends on.
private struct Kind {
  let name: String
  let usualSchedule: String
  let isOfAccounts: Bool

  /// Stands for an account's own time zone.
  static let accountZone = "account"

  init(_ type: any RecurringJob.Type) {
    name = type.name
    usualSchedule = type.usualSchedule
    isOfAccounts = type is any RecurringAccountJob.Type
  }

  /// A whole number of seconds, minutes, hours or days, such as `90s`, `15m`, `6h` or `1d`; otherwise a cron
  /// expression, optionally followed by a time zone.
  func timing(_ text: String) throws -> ScheduleSettings.Timing {
    let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    if let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()) {
      let (seconds, overflow) = count.multipliedReportingOverflow(by: unit)
      guard !overflow, (1...86_400 * 366).contains(seconds) else {
        throw refusal(text, "must be 1 s to 366 days")
      }
      return .fixed(.every(seconds: seconds))
    }
    var fields = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
    let zone = fields.count == 6 ? fields.removeLast() : "UTC"
    let expression: CronExpression
    do {
      expression = try CronExpression(fields.joined(separator: " "))
    } catch {
      throw refusal(text, "must be such as 15m or 6h, or a cron expression: \(error)")
    }
    if zone == Self.accountZone {
      guard isOfAccounts else {
        throw refusal(text, "must have a zone of its own: these jobs are of no account")
      }
      return .byAccount(expression)
    }
    guard let zone = Zone(String(zone)) else {
      throw refusal(
        text, "must end with '\(Self.accountZone)' or an IANA time zone that this machine has data for")
    }
    return .fixed(.cron(expression, in: zone))
  }

  private func refusal(_ text: String, _ rule: String) -> SettingError {
    SettingError(name: "schedule of \(name)", value: text, rule: rule)
  }
}
