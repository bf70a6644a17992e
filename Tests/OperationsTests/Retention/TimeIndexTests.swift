import App
import AppTestKit
import Storage
import TestKit
import Testing
import Values

@testable import Accounts
@testable import Decisions
@testable import Measurement

/// What goes by time is looked up by time: the plans that the databases make.
struct TimeIndexTests {
  /// The plan in words. A server that could read the whole small table is told not to.
  private func plan(of statement: SQL, in test: TestSystem) async throws -> String {
    try await test.system.database.write { transaction in
      switch transaction.dialect {
      case .sqlite:
        return try transaction.query("EXPLAIN QUERY PLAN \(statement)").map { try $0.get("detail", as: String.self) }
      case .postgresql:
        try transaction.execute("SET LOCAL enable_seqscan = off")
        return try transaction.query("EXPLAIN \(statement)").map { try $0.get("QUERY PLAN", as: String.self) }
      }
    }.joined(separator: "\n")
  }

  /// Years of figures of some ads, and statistics of them.
  private func fill(_ test: TestSystem) async throws {
    let (account, now) = (test.account, test.clock.now())
    let time = FigureTime(now, try #require(AccountCalendar(timezone: "UTC")))
    let days = (0..<20_000).compactMap { number in
      AdID("ad\(number % 20)").map {
        DailyMetrics(
          adID: $0, day: CalendarDay(daysSinceEpoch: 19_500 + number / 20), impressions: 1, clicks: 1, spend: .zero)
      }
    }
    try await test.system.database.write { transaction in
      var writer = try DailyMetricsWriter(
        account: account, importID: 1, at: time, sumsRows: false, in: transaction)
      try writer.write(days)
      try writer.finish()
      try transaction.execute("ANALYZE")
    }
  }

  @Test("A decision reads the figures of its days from the index by date, restated ones included")
  func figures() async throws {
    let test = try await TestSystem()
    try await fill(test)
    let (first, last) = (CalendarDay(daysSinceEpoch: 20_000), CalendarDay(daysSinceEpoch: 20_180))
    let present = AdStateRepository.days(of: test.account, from: first, to: last, knownAt: nil)
    #expect(try await plan(of: present, in: test).contains("ad_daily_metrics_by_date"))
    let past = AdStateRepository.days(of: test.account, from: first, to: last, knownAt: test.clock.now())
    let plan = try await plan(of: past, in: test)
    #expect(plan.contains("ad_daily_metrics_by_date"), "\(plan)")
    #expect(plan.contains("restated_days_by_date"), "\(plan)")
  }

  @Test("Decisions that are no longer kept are found in the index by time")
  func decisions() async throws {
    let test = try await TestSystem()
    let surplus = DecisionRepository.surplus(of: test.account, .standard)
    #expect(try await plan(of: surplus, in: test).contains("decisions_by_time"))
    let old = DecisionRepository.oldest(of: test.account, "decided_at < \(test.clock.now())", limit: 10)
    #expect(try await plan(of: old, in: test).contains("decisions_by_time"))
    let many = DecisionRepository.oldest(
      of: test.account, "(decided_at, decision_id) <= (\(test.clock.now()), \("x"))", limit: 10)
    #expect(try await plan(of: many, in: test).contains("decisions_by_time"))
  }

  @Test("The oldest snapshot that is needed is found by its index, and whether it is by the decisions' own")
  func snapshots() async throws {
    let test = try await TestSystem()
    let plan = try await plan(of: SnapshotRepository.oldestNeeded(of: test.account), in: test)
    #expect(plan.contains("decision_snapshots_by_oldest"), "\(plan)")
    #expect(plan.contains("decision_outcomes_by_snapshot"), "\(plan)")
  }
}
