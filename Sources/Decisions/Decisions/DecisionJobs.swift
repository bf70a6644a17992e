import Jobs
import Values

/// Split what an account spends a day over its ads anew, keep the decision, and propose what has to change for it.
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
