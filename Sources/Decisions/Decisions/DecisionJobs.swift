import Jobs
import Values

/// Splits an account's daily spend over its ads again, stores the decision, and proposes the changes that it requires.
package struct ProcessBudgetOptimization: RecurringAccountJob {
  package static let name = "process_budget_optimization"
  package static let queue = QueueName(rawValue: "budget-optimization")
  package static let usualSchedule = "24h"

  package let accountID: AccountID

  /// One waiting job for the account is enough.
  package var uniqueKey: String? { "all" }

  package init(accountID: AccountID) {
    self.accountID = accountID
  }
}
