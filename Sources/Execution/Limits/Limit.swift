import Values

/// A reason for which a change may not be applied.
package enum Limit: String, Hashable, Sendable, CaseIterable {
  /// Execution was stopped for all accounts.
  case stoppedForAll = "stopped_for_all"
  /// Execution was stopped for the account.
  case stopped
  /// The account's mode is observe.
  case mode
  /// No person with the right to do so has approved it.
  case approval
  /// No changes are applied at this hour of the account's local time.
  case hours
  case changesPerDay = "changes_per_day"
  case editsPerHour = "budget_edits_per_hour"
  case cooldown
  case learning
  case changePerDay = "change_per_day"
  case holderFloor = "holder_floor"
  case holderCap = "holder_cap"
  case accountFloor = "account_floor"
  case accountCap = "account_cap"
  /// The account's budgets would sum to more than the decision split.
  case decisionTotal = "decision_total"
  case dailySpend = "max_daily_spend"
  case platformMinimum = "platform_minimum"
  case adsPaused = "ads_paused"
  case deliveryPaused = "delivery_paused"
  /// Schedules that were not read raise its budget.
  case unreadSchedule = "unread_schedule"
  /// A limit without a default has not been set.
  case notSet = "limit_not_set"
  /// The object is not in the state that the change expects: somebody changed it, or it cannot be changed.
  case changedSince = "changed_since"
}

/// A limit that a change would exceed, with the reason.
package struct LimitHit: Hashable, Sendable {
  package let limit: Limit
  /// Why, with the numbers.
  package let text: String

  package init(_ limit: Limit, _ text: String) {
    self.limit = limit
    self.text = text
  }
}

/// The result of checking a change against the limits.
package enum LimitVerdict: Hashable, Sendable {
  case allowed
  /// Not now: it may be tried again at the given moment, where one is known.
  case later(LimitHit, at: Instant?)
  /// Never: this change cannot be applied.
  case never(LimitHit)

  /// The limit that prevents the change; nil where none does.
  package var hit: LimitHit? {
    switch self {
    case .allowed: nil
    case .later(let hit, _), .never(let hit): hit
    }
  }

  /// The strictest of them: `never` before `later`, and of those the latest.
  static func strictest(of verdicts: [LimitVerdict]) -> LimitVerdict {
    var result = LimitVerdict.allowed
    for verdict in verdicts {
      switch (result, verdict) {
      case (_, .never): return verdict
      case (.allowed, .later): result = verdict
      case (.later(_, let known?), .later(_, let moment?)) where moment > known: result = verdict
      default: break
      }
    }
    return result
  }
}
