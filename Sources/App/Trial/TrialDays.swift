import Accounts
import Sandbox
import Values

/// The days of a trial, and their results compared with the same world in which nobody changed anything.
struct TrialDays: Sendable {
  private let trial: Trial
  private let first: (world: SandboxFigures, untouched: SandboxFigures)
  private var last: SandboxFigures

  init(_ trial: Trial) {
    self.trial = trial
    first = trial.sandbox.figures
    last = first.world
  }

  /// The results of one day.
  struct Day: Sendable {
    let day: CalendarDay
    let spend: Money
    let leads: Int
    let wonDeals: Int
    let pipeline: Money
    let changes: Int
    let budget: Money
    /// The expected revenue of everything spent since the trial began.
    let expected: Money
    /// The expected revenue minus the spend.
    let profit: Money
    /// The profit if nobody had changed anything.
    let untouchedProfit: Money
  }

  /// Lets a day pass.
  mutating func pass() async throws -> Day {
    let calendar = try await trial.system.accounts.configuration(of: trial.settings.account).calendar
    let start = trial.sandbox.now
    for _ in 0..<(86_400 / Trial.step) { try await trial.pass() }
    let now = trial.sandbox.figures
    defer { last = now.world }
    let today = now.world.since(last)
    return Day(
      day: calendar.day(of: start), spend: today.spend, leads: today.leads, wonDeals: today.wonDeals,
      pipeline: try await trial.pipelineValue(), changes: try await trial.changesApplied(since: start),
      budget: trial.sandbox.dailyBudget, expected: now.world.since(first.world).expectedRevenue,
      profit: now.world.since(first.world).expectedProfit,
      untouchedProfit: now.untouched.since(first.untouched).expectedProfit)
  }
}
