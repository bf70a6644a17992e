import Values

/// Something that can be read by its id, or as a list of the ad account.
package protocol MetaRecord: Sendable {
  /// The fields to request.
  static var fields: [String] { get }
  /// The name of the ad account's list of them, such as `adsets`.
  static var edge: String { get }
  /// Parses a reply.
  init(_ field: JSONField) throws(JSONField.Problem)
}

/// The own switch of a campaign, an ad set or an ad, whatever its parents are set to.
package enum MetaStatus: Hashable, Sendable {
  case active
  case paused
  case archived
  case deleted
  /// A status that this client does not know.
  case other(String)

  init(_ text: String) {
    self = Self.known.first { $0.text == text } ?? .other(String(text.prefix(40)))
  }

  private static let known: [MetaStatus] = [.active, .paused, .archived, .deleted]

  /// Meta's text.
  package var text: String {
    switch self {
    case .active: "ACTIVE"
    case .paused: "PAUSED"
    case .archived: "ARCHIVED"
    case .deleted: "DELETED"
    case .other(let text): text
    }
  }
}

/// Whether an object runs, taking its parents, reviews and payment into account.
package enum MetaEffectiveStatus: String, Hashable, Sendable, CaseIterable {
  case active = "ACTIVE"
  case paused = "PAUSED"
  case deleted = "DELETED"
  case archived = "ARCHIVED"
  case campaignPaused = "CAMPAIGN_PAUSED"
  case adSetPaused = "ADSET_PAUSED"
  case pendingReview = "PENDING_REVIEW"
  case disapproved = "DISAPPROVED"
  case preapproved = "PREAPPROVED"
  case pendingBillingInfo = "PENDING_BILLING_INFO"
  /// A change is in progress.
  case inProcess = "IN_PROCESS"
  case withIssues = "WITH_ISSUES"
}

package struct MetaAdAccount: Equatable, Sendable {
  /// Its number.
  package let id: MetaAdAccountID
  /// Its display name, where it has one.
  package let name: String?
  /// The currency code of all its amounts.
  package let currency: String
  /// The IANA name of the time zone in which its days begin.
  package let timezoneName: String
  /// Meta's status code; 1 is active.
  package let status: Int
  /// Meta's code for why it was disabled; 0 or nil where it was not.
  package let disableReason: Int?
  /// The lowest daily budget, in Meta's units of the currency.
  package let minDailyBudget: Int64?
  /// The most that the account may spend since the cap was set, in Meta's units; nil for no cap.
  package let spendCap: Int64?
  /// What it has spent of the cap, or in all, in Meta's units.
  package let amountSpent: Int64?
  /// What the token's user may do with it, such as `ADVERTISE`; nil where Meta does not report it.
  package let userTasks: [String]?
  /// When it was created; nil where Meta does not report it.
  package let createdAt: Instant?

  /// Whether it can deliver ads.
  package var isActive: Bool { status == 1 }

  /// The status in words.
  package var statusName: String { Self.statusName(status) }

  /// The meaning of Meta's status code, in words.
  package static func statusName(_ status: Int) -> String {
    switch status {
    case 1: "active"
    case 2: "disabled"
    case 3: "unsettled"
    case 7: "pending risk review"
    case 8: "pending settlement"
    case 9: "in grace period"
    case 100: "pending closure"
    case 101: "closed"
    default: "status \(status)"
    }
  }

  static let fields = [
    "account_id", "name", "account_status", "disable_reason", "currency", "timezone_name", "min_daily_budget",
    "spend_cap", "amount_spent", "user_tasks", "created_time",
  ]
}

/// The lowest daily budgets of an ad account, in Meta's units of ``currency``.
package struct MetaMinimumBudgets: Equatable, Sendable {
  /// The letters of the currency.
  package let currency: String
  /// Where impressions are billed.
  package let impressions: Int64
  /// Where frequent actions, such as clicks, are billed.
  package let frequentActions: Int64
  /// Where rarer actions are billed.
  package let rareActions: Int64
  /// Where views of a video are billed.
  package let videoViews: Int64
}

/// The budget of a campaign or an ad set, in Meta's units of the ad account's currency.
package struct MetaBudget: Hashable, Sendable {
  /// The average per day; Meta may spend up to 75 % more on one day. Nil where there is no daily budget.
  package let daily: Int64?
  /// For the whole run; nil where there is no lifetime budget.
  package let lifetime: Int64?
  /// The remaining budget; nil where Meta does not report it.
  package let remaining: Int64?
  /// Whether schedules change the budget temporarily: ``daily`` alone is then not today's cap.
  package let hasSchedules: Bool

  package init(daily: Int64?, lifetime: Int64?, remaining: Int64?, hasSchedules: Bool) {
    self.daily = daily
    self.lifetime = lifetime
    self.remaining = remaining
    self.hasSchedules = hasSchedules
  }

  /// Whether there is a budget here: it is on the campaign or on its ad sets, never on both.
  package var isSet: Bool { daily != nil || lifetime != nil }
}

package struct MetaCampaign: Equatable, Sendable {
  package let id: MetaID
  package let name: String
  package let status: MetaStatus
  /// Nil for a status that this client does not know.
  package let effectiveStatus: MetaEffectiveStatus?
  /// The campaign's own budget, which its ad sets share; not set where each ad set has one.
  package let budget: MetaBudget
  /// The most that the campaign may ever spend, in Meta's units; nil for no cap.
  package let spendCap: Int64?
  /// Whether its ad sets lend each other up to 20 % of their budgets.
  package let sharesAdSetBudgets: Bool
  package let bidStrategy: String?
  package let objective: String?
  /// When it was last changed.
  package let updatedAt: Instant?
}

package struct MetaAdSet: Equatable, Sendable {
  package let id: MetaID
  package let campaignID: MetaID
  package let name: String
  package let status: MetaStatus
  /// Nil for a status that this client does not know.
  package let effectiveStatus: MetaEffectiveStatus?
  /// The ad set's own budget; not set where the campaign has one.
  package let budget: MetaBudget
  /// How far Meta has learned whom to show it to; nil where Meta does not report it.
  package let learning: MetaLearning?
  package let optimizationGoal: String?
  package let bidStrategy: String?
  package let startsAt: Instant?
  package let endsAt: Instant?
  /// When it was last changed.
  package let updatedAt: Instant?
}

/// How far Meta has learned whom to show an ad set to.
package struct MetaLearning: Hashable, Sendable {
  package enum Stage: String, Hashable, Sendable {
    /// Delivery and costs still vary; a large change restarts learning.
    case learning = "LEARNING"
    /// Learning is complete.
    case success = "SUCCESS"
    /// Too few results to learn from ("learning limited").
    case limited = "FAIL"
  }

  /// Nil for a stage that this client does not know.
  package let stage: Stage?
  /// Results since the last significant change; about 50 within 7 days complete learning.
  package let conversions: Int64?
  /// When learning was last restarted.
  package let lastSignificantEditAt: Instant?

  package init(stage: Stage?, conversions: Int64?, lastSignificantEditAt: Instant?) {
    self.stage = stage
    self.conversions = conversions
    self.lastSignificantEditAt = lastSignificantEditAt
  }
}

/// An ad. It has no budget of its own: the budget is its ad set's or its campaign's.
package struct MetaAd: Equatable, Sendable {
  package let id: MetaID
  package let adSetID: MetaID
  package let campaignID: MetaID
  package let name: String
  package let status: MetaStatus
  /// Nil for a status that this client does not know.
  package let effectiveStatus: MetaEffectiveStatus?
  /// What keeps it from delivering, in Meta's words.
  package let issues: [String]
  /// When it was last changed.
  package let updatedAt: Instant?
}

/// A period in which the budget of a campaign or an ad set differs.
package struct MetaBudgetSchedule: Hashable, Sendable {
  /// What replaces the budget.
  package enum Value: Hashable, Sendable {
    /// An amount, in Meta's units.
    case absolute(Int64)
    /// A multiple of the budget.
    case multiplier(Double)
  }

  package let id: MetaID
  package let value: Value
  package let startsAt: Instant
  package let endsAt: Instant
  /// How it recurs, in Meta's terms, such as `WEEKLY`; nil where it does not.
  package let recurrence: String?

  package init(id: MetaID, value: Value, startsAt: Instant, endsAt: Instant, recurrence: String?) {
    self.id = id
    self.value = value
    self.startsAt = startsAt
    self.endsAt = endsAt
    self.recurrence = recurrence
  }
}
