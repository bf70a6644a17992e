import Values

/// What can hold a change back.
package enum Limit: String, Hashable, Sendable, CaseIterable {
  /// Execution was stopped for all accounts.
  case stoppedForAll = "stopped_for_all"
  /// Execution was stopped for the account.
  case stopped
  /// The account observes.
  case mode
  /// Nobody who may has approved it.
  case approval
  /// The account's clock shows an hour in which nothing is applied.
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
  /// Its budget is raised by schedules that were not read.
  case unreadSchedule = "unread_schedule"
  /// A limit without a default was not set.
  case notSet = "limit_not_set"
  /// The object is not as the change expects it: somebody changed it, or it cannot be changed.
  case changedSince = "changed_since"
}

/// A limit that holds a change back, in words.
package struct LimitHit: Hashable, Sendable {
  package let limit: Limit
  /// Why, with the figures.
  package let text: String

  package init(_ limit: Limit, _ text: String) {
    self.limit = limit
    self.text = text
  }
}

/// What the limits say of a change.
package enum LimitVerdict: Hashable, Sendable {
  case allowed
  /// Not now: from the moment on, where it is known, it may be tried again.
  case later(LimitHit, at: Instant?)
  /// Not this change.
  case never(LimitHit)

  /// The limit that holds it back; nil where none does.
  package var hit: LimitHit? {
    switch self {
    case .allowed: nil
    case .later(let hit, _), .never(let hit): hit
    }
  }

  /// The strictest of them: never before later, and the latest of those.
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
