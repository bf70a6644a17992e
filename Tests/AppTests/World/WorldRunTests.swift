import App
import AppTestKit
import Execution
import Foundation
import Platforms
import Sandbox
import Simulator
import Storage
import TestKit
import Testing
import Values

/// The whole loop against a made-up Meta and HubSpot: figures and deals come in, decisions are made, changes applied.
@Suite("Sixty days of a made-up world")
struct WorldRunTests {
  /// The run's seed; `GEMINIVIDEO_SEED` tries another.
  private static let seed = ProcessInfo.processInfo.environment["GEMINIVIDEO_SEED"].flatMap(UInt64.init) ?? 20_261_127
  private static let faults = "latency,429,500,null,restate,lost_webhook,hand_edit"

  @Test("With faults, people's edits and killed processes the books are the world's, and every limit is kept")
  func sixtyDays() async throws {
    print("Seed of the made-up world: \(Self.seed)")
    try await WorldRun.pass(days: 60, seed: Self.seed, faults: Self.faults) { run in
      let (sandbox, trial) = (run.trial.sandbox, run.trial)
      try await Self.checkBooks(trial)
      let changes = sandbox.changes
      let stored = try await trial.system.execution.state(of: trial.settings.account).stored.settings
      #expect(WorldReferee(changes, stored).violations == [])
      #expect(changes.brokenLimits == [:], "limits of the platform")
      try await Self.checkChanges(changes, trial)
      try Self.checkEarnings(run)
      // A run in which nothing happens would keep any limit.
      #expect(changes.writes > 100 && changes.handEdits > 10)
    }
  }

  /// More was earned than by an even split of the same world, and for each unit of spend a good part of what the policy
  /// gains where it sets the budget of every ad itself. Here budgets lie on ad sets, the platform splits those, and people
  /// edit them every other day.
  private static func checkEarnings(_ run: WorldRun) throws {
    let now = run.trial.sandbox.figures
    let (ours, untouched) = (now.world.since(run.start.world), now.untouched.since(run.start.untouched))
    #expect(ours.expectedProfit > untouched.expectedProfit, "\(ours) \(untouched)")
    let settings = run.trial.settings
    let world = settings.sandbox.world
    let simulated = try SimulatedGain(
      of: .lagAware, in: world.market, seed: world.seed, history: world.historyDays, days: settings.days, draws: 5)
    let gain = ours.returnOnSpend / untouched.returnOnSpend - 1
    print("Gain over an even split: \(gain), by simulation \(simulated.shares)")
    #expect(gain >= 0.4 * simulated.median)
  }

  /// What was spent and what deals brought, by the database and by the world.
  private static func checkBooks(_ trial: Trial) async throws {
    let account = trial.settings.account
    let books = try await trial.system.database.read { transaction in
      try [
        "SELECT SUM(spend) AS amount FROM ad_daily_metrics WHERE account_id = \(account)",
        """
        SELECT SUM(amount) AS amount FROM deals WHERE account_id = \(account) AND stage = 'closed_won'
        """,
      ].map { (sql: SQL) in try #require(try transaction.first(sql)).get("amount", as: Money.self) }
    }
    let world = trial.sandbox.figures.world
    #expect(books == [world.spend, world.revenue], "spend and revenue in the books")
  }

  /// Each change of the world's log is one of the database's, and was proposed after the last edit of a person.
  private static func checkChanges(_ log: ChangeLog, _ trial: Trial) async throws {
    let account = trial.settings.account
    let currency = trial.settings.sandbox.world.currency
    let written = try await trial.system.database.read { transaction in
      try transaction.query(
        """
        SELECT object_id, kind, target_budget, proposed_at FROM pending_ad_changes
        WHERE account_id = \(account) AND was_written = \(true) ORDER BY applying_at, change_id
        """
      ).map { row in
        let target = try row.getOptional("target_budget", as: Money.self)?.wholeMinorUnits(of: currency)
        let kind: String = try row.get("kind")
        return Written(
          place: Place(object: try row.get("object_id"), field: target == nil ? "status" : "daily_budget"),
          value: target.map { "\($0)" } ?? (kind == "pause" ? "PAUSED" : "ACTIVE"),
          proposedAt: try row.get("proposed_at"))
      }
    }
    let made = log.records.filter { $0.refusal == nil }
    let ours = Dictionary(grouping: written, by: \.place)
    let theirs = Dictionary(grouping: made) { Place(object: $0.object, field: $0.field) }
    #expect(log.writes == written.count, "changes that were made, and that the database knows")
    for (place, records) in theirs {
      var left = (ours[place] ?? [])[...]
      var edited: Instant?
      for record in records {
        guard record.author == .api else {
          edited = record.at
          continue
        }
        let next = left.popFirst()
        let change = try #require(next, "\(place) was changed to \(record.asked) once too often")
        #expect(change.value == record.asked, "\(place)")
        if let edited { #expect(change.proposedAt > edited, "\(place) was overwritten") }
      }
      #expect(left.isEmpty, "\(place) was not changed")
    }
  }

  private struct Place: Hashable {
    let object: String
    let field: String
  }

  private struct Written {
    let place: Place
    let value: String
    let proposedAt: Instant
  }
}

extension SandboxFigures {
  /// Revenue to expect for each unit of spend.
  fileprivate var returnOnSpend: Double { expectedRevenue.majorUnits / spend.majorUnits }
}
