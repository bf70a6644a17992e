import DecisionEngine
import Synchronization
import Values

@testable import Simulator

/// A world that is through soon enough to be tried often.
func shortWorld(_ name: WorldName, days: Int = 20) -> WorldParameters {
  var parameters = name.parameters
  parameters.days = days
  return parameters
}

/// What a policy was told and answered, day by day.
final class DayLog: Sendable {
  struct Entry: Sendable {
    let day: PolicyDay
    let budgets: [AdID: Int64]
  }

  private let log = Mutex<[Entry]>([])

  var entries: [Entry] { log.withLock { $0 } }

  func add(_ day: PolicyDay, _ budgets: [AdID: Int64]) {
    log.withLock { $0.append(Entry(day: day, budgets: budgets)) }
  }
}

/// A policy that notes everything down.
struct LoggedPolicy: BudgetPolicy {
  var policy: any BudgetPolicy
  let log: DayLog

  mutating func budgets(on day: PolicyDay) throws(SelectionError) -> [AdID: Int64] {
    let budgets = try policy.budgets(on: day)
    log.add(day, budgets)
    return budgets
  }
}

/// Lets a policy spend a world and returns what it was told and answered.
func entries(_ name: PolicyName, in world: SimulatedWorld, rules: BudgetRules) throws -> [DayLog.Entry] {
  let log = DayLog()
  let policy = LoggedPolicy(policy: name.make(funnel: world.funnel, rules: rules), log: log)
  _ = try SimulationRun(through: world, by: policy)
  return log.entries
}
