import Formats
import Values

/// Insights that are made ready in the background.
struct GraphReports: Sendable {
  struct Report: Sendable {
    let query: InsightsQuery
    let requestedAt: Instant
    /// How often its state was asked for: it is ready at the second time.
    var polls = 0
    let fails: Bool
  }

  /// How many reports are kept; the oldest go first.
  private static let limit = 100
  /// Days for which a report can be read.
  private static let days: Int64 = 30

  private var reports: [Int64: Report] = [:]
  private var last: Int64 = 6_023_920_149_050

  /// Begins a report and returns its number.
  mutating func begin(_ query: InsightsQuery, fails: Bool, at now: Instant) -> Int64 {
    last += 1
    reports[last] = Report(query: query, requestedAt: now, fails: fails)
    if reports.count > Self.limit, let oldest = reports.keys.min() { reports[oldest] = nil }
    return last
  }

  /// The report of a number; nil where there is none any more.
  func report(_ id: String, at now: Instant) -> Report? {
    guard let number = Int64(id), let report = reports[number],
      now < report.requestedAt.adding(seconds: Self.days * 86_400)
    else { return nil }
    return report
  }

  /// A report's state, which goes on each time that it is asked for.
  mutating func poll(_ id: String, account: String, at now: Instant) -> JSONValue? {
    guard let number = Int64(id), var report = report(id, at: now) else { return nil }
    report.polls += 1
    reports[number] = report
    let hasFailed = report.fails && report.polls > 1
    let status = hasFailed ? "Job Failed" : report.isComplete ? "Job Completed" : "Job Running"
    return .present([
      ("id", .string(id)), ("account_id", .string(account)),
      ("time_ref", .integer(report.requestedAt.seconds)),
      ("time_completed", report.isComplete ? .integer(now.seconds) : nil),
      ("async_status", .string(status)),
      ("async_percent_completion", report.isComplete ? 100 : 50),
      ("date_start", report.query.periods.first.map { .text($0.lowerBound) }),
      ("date_stop", report.query.periods.last.map { .text($0.upperBound) }),
      ("error_code", hasFailed ? -2 : nil), ("error_subcode", hasFailed ? 2_490_547 : nil),
      ("error_message", hasFailed ? "The report failed" : nil),
    ])
  }
}

extension GraphReports.Report {
  /// Whether its rows can be read.
  var isComplete: Bool { polls > 1 && !fails }
}
