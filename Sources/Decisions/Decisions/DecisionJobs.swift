import Jobs
import Measurement
import Values

/// Split what an account spends a day over its ads anew, and keep the decision.
package struct ProcessBudgetOptimization: RecurringAccountJob {
  package static let name = "process_budget_optimization"
  package static let queue = QueueName(rawValue: "budget-optimization")
  package static let usualSchedule = "24h"

  package let accountID: AccountID

  /// One waiting for the account is enough.
  package var uniqueKey: String? { "all" }

  package init(accountID: AccountID) {
    self.accountID = accountID
  }
}

extension DecisionService {
  /// Does the job: the total is what the account spent a day, on average, over the last three whole days.
  ///
  /// The decision is stored for people to look at; nothing is changed at the platform.
  @Sendable package func optimize(_ job: ProcessBudgetOptimization, _ context: JobContext) async throws -> JobReport? {
    guard let total = try await dailySpend(of: job.accountID) else {
      return JobReport("nothing was spent in the last \(Self.spendDays) days")
    }
    var order = Order(account: job.accountID, totalBudget: total)
    order.isRefusedWhenBusy = false
    let decided = try await decide(order)
    let note = decided.basis?.note.map { "; \($0)" } ?? ""
    return JobReport("\(total) a day over the running ads: decision \(decided.id)\(note)")
  }
}
