import DecisionEngine
import Values

/// A budget split by any policy.
package enum BudgetSelection: Sendable {
  /// By `battle_hardened`.
  case battleHardened(Selection)
  /// By `lag_aware`.
  case lagAware(LagAwareSelection)

  package var policyVersion: String {
    switch self {
    case .battleHardened(let selection): selection.policyVersion
    case .lagAware(let selection): selection.policyVersion
    }
  }

  package var version: PolicyVersion {
    switch self {
    case .battleHardened(let selection): selection.version
    case .lagAware(let selection): selection.version
    }
  }

  /// The total that was to be split, in minor units.
  package var totalBudget: Int64 {
    switch self {
    case .battleHardened(let selection): selection.totalBudget
    case .lagAware(let selection): selection.totalBudget
    }
  }

  /// The sum of the recommended budgets, in minor units.
  package var allocatedBudget: Int64 {
    switch self {
    case .battleHardened(let selection): selection.allocatedBudget
    case .lagAware(let selection): selection.allocatedBudget
    }
  }

  /// The seed of every draw.
  package var seed: UInt64 {
    switch self {
    case .battleHardened(let selection): selection.seed
    case .lagAware(let selection): selection.seed
    }
  }

  /// What keeps the budgets from summing to the total; nil where they sum to it exactly.
  package var shortfall: BindingConstraint? {
    switch self {
    case .battleHardened(let selection): selection.shortfall
    case .lagAware(let selection): selection.shortfall
    }
  }

  /// The recommended budgets in minor units, by ad.
  package var budgets: [(adID: AdID, budget: Int64)] {
    switch self {
    case .battleHardened(let selection): selection.recommendations.map { ($0.ad.adID, $0.recommendedBudget) }
    case .lagAware(let selection): selection.recommendations.map { ($0.adID, $0.recommendedBudget) }
    }
  }

  /// How each ad's budget changes, in minor units.
  var outcomes: [(adID: AdID, budget: Int64, verdict: BudgetVerdict)] {
    switch self {
    case .battleHardened(let selection):
      selection.recommendations.map { ($0.ad.adID, $0.recommendedBudget, $0.verdict) }
    case .lagAware(let selection): selection.recommendations.map { ($0.adID, $0.recommendedBudget, $0.verdict) }
    }
  }

  /// How many ads the budget was split over.
  package var adCount: Int {
    switch self {
    case .battleHardened(let selection): selection.recommendations.count
    case .lagAware(let selection): selection.recommendations.count
    }
  }

  /// How many ads get less than the daily change limit allows, because the total is insufficient.
  var adsPressedByTheTotal: Int {
    switch self {
    case .battleHardened(let selection): selection.recommendations.count { $0.bindingConstraint == .totalBudget }
    case .lagAware(let selection): selection.recommendations.count { $0.bindingConstraint == .totalBudget }
    }
  }
}
