import Accounts
import Formats
import Measurement
import RemoteAPIs
import Values

/// Reads the figures of an ad account's ads by day.
struct MetaFiguresReader: Sendable {
  let client: MetaClient
  let configuration: AccountConfiguration
  let sleep: @Sendable (Duration) async throws -> Void

  /// How long in all to wait for Meta's reports before leaving them to a later sync.
  static let patience: Duration = .seconds(600)
  private static let longestPause: Duration = .seconds(30)

  /// The days from `first` to `last`. What is too much for one reply is requested in halves, and a single day that is
  /// too much as a report.
  func days(from first: CalendarDay, to last: CalendarDay) async throws(MetaError) -> ReportedDays {
    do throws(MetaError) {
      var days = ReportedDays()
      var pages = client.insights(query(from: first, to: last))
      while let rows = try await pages.next() { days.take(metaRows: rows, configuration) }
      return days
    } catch {
      guard error.kind == .tooMuchData else { throw error }
    }
    guard first < last else { return try await daysByReport(of: first) }
    let middle = CalendarDay(daysSinceEpoch: (first.daysSinceEpoch + last.daysSinceEpoch) / 2)
    var days = try await self.days(from: first, to: middle)
    days.append(try await self.days(from: middle.adding(days: 1), to: last))
    return days
  }

  /// Requests a report of the days.
  func order(from first: CalendarDay, to last: CalendarDay) async throws(MetaError) -> MetaID {
    try await client.orderReport(query(from: first, to: last))
  }

  /// The result of a report, after waiting for it for at most ``patience``.
  func outcome(of report: MetaID) async throws(MetaError) -> MetaReport {
    var waited: Duration = .zero
    var pause: Duration = .seconds(2)
    while true {
      let state = try await client.report(report)
      guard case .running = state, waited < Self.patience else { return state }
      do {
        try await sleep(pause)
      } catch {
        throw MetaError(.cancelled, "the report was not waited for")
      }
      waited += pause
      pause = min(pause * 2, Self.longestPause)
    }
  }

  /// The days of a completed report.
  func days(ofReport report: MetaID) async throws(MetaError) -> ReportedDays {
    var days = ReportedDays()
    var pages = client.rows(ofReport: report)
    while let rows = try await pages.next() { days.take(metaRows: rows, configuration) }
    return days
  }

  private func daysByReport(of day: CalendarDay) async throws(MetaError) -> ReportedDays {
    let report = try await order(from: day, to: day)
    switch try await outcome(of: report) {
    case .completed: return try await days(ofReport: report)
    case .failed(let reason): throw MetaError(.unavailable, "the report of \(day) failed: \(reason)")
    case .running: throw MetaError(.unavailable, "the report of \(day) is not ready yet")
    }
  }

  /// Deleted and archived ads are requested too: their spend counts.
  private func query(from first: CalendarDay, to last: CalendarDay) -> MetaInsightsQuery {
    var query = MetaInsightsQuery(since: first, until: last, fields: ReportedDays.metaFields)
    query.statuses = MetaEffectiveStatus.allCases
    return query
  }
}

extension AdReportSettings {
  /// The settings as a text, for detecting figures that were read with other settings.
  var signature: String { "clicks=\(clicks.rawValue) leads=\(leadActions.joined(separator: ","))" }
}
