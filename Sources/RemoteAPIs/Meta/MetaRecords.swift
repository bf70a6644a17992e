import Values

/// Something that can be read by its number, or as a list of the ad account's.
package protocol MetaRecord: Sendable {
  /// The fields to ask for.
  static var fields: [String] { get }
  /// The ad account's list of them, such as `adsets`.
  static var edge: String { get }
  /// Takes an answer apart.
  init(_ field: JSONField) throws(JSONField.Problem)
}

/// The switch of a campaign, an ad set or an ad itself, whatever those above it are set to.
package enum MetaStatus: Hashable, Sendable {
  case active
  case paused
  case archived
  case deleted
  /// A word of Meta's that this client does not know.
  case other(String)

  init(_ text: String) {
    self = Self.known.first { $0.text == text } ?? .other(String(text.prefix(40)))
  }

  private static let known: [MetaStatus] = [.active, .paused, .archived, .deleted]

  /// Meta's word.
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

/// Whether something runs, those above it, reviews and payment taken into account.
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
  /// A change is being carried out.
  case inProcess = "IN_PROCESS"
  case withIssues = "WITH_ISSUES"
}

/// An ad account.
package struct MetaAdAccount: Equatable, Sendable {
  /// Its number.
  package let id: MetaAdAccountID
  /// What people call it, where it has a name.
  package let name: String?
  /// The letters of the currency of all its amounts.
  package let currency: String
  /// The IANA name of the time zone in which its days begin.
  package let timezoneName: String
  /// Meta's number for how the account stands; 1 is active.
  package let status: Int
  /// Meta's number for why it was disabled; 0 and nil where it was not.
  package let disableReason: Int?
  /// The least daily budget, in Meta's units of the currency.
  package let minDailyBudget: Int64?
  /// The most that the account may spend from when it was set, in Meta's units; nil for no cap.
  package let spendCap: Int64?
  /// What it has spent of the cap, or in all, in Meta's units.
  package let amountSpent: Int64?
  /// What the token's user may do with it, such as `ADVERTISE`; nil where Meta does not say.
  package let userTasks: [String]?

  /// Whether it can deliver ads.
  package var isActive: Bool { status == 1 }

  /// How it stands, in a word.
  package var statusName: String {
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
    "spend_cap", "amount_spent", "user_tasks",
  ]
}

/// The least daily budgets of an ad account, in Meta's units of ``currency``.
package struct MetaMinimumBudgets: Equatable, Sendable {
  /// The letters of the currency.
  package let currency: String
  /// Where impressions are billed.
  package let impressions: Int64
  /// Where something that happens often is billed, such as a click.
  package let frequentActions: Int64
  /// Where something rarer is billed.
  package let rareActions: Int64
  /// Where views of a video are billed.
  package let videoViews: Int64
}

/// The budget of a campaign or an ad set, in Meta's units of the ad account's currency.
package struct MetaBudget: Hashable, Sendable {
  /// The average of a day; Meta may spend up to 75 % more on one. Nil where there is no daily budget.
  package let daily: Int64?
  /// For the whole run; nil where there is no lifetime budget.
  package let lifetime: Int64?
  /// What is left of it; nil where Meta does not say.
  package let remaining: Int64?
  /// Whether schedules change the budget at times: ``daily`` alone is then not today's cap.
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

/// A campaign.
package struct MetaCampaign: Equatable, Sendable {
  package let id: MetaID
  package let name: String
  package let status: MetaStatus
  /// Nil for a word of Meta's that this client does not know.
  package let effectiveStatus: MetaEffectiveStatus?
  /// The campaign's own budget, which its ad sets share; not set where each ad set has one.
  package let budget: MetaBudget
  /// The most that the campaign may ever spend, in Meta's units; nil for no cap.
  package let spendCap: Int64?
  /// Whether its ad sets lend each other up to 20 % of their budgets.
  package let sharesAdSetBudgets: Bool
  package let bidStrategy: String?
  package let objective: String?
  /// When somebody last changed it.
  package let updatedAt: Instant?
}

/// An ad set.
package struct MetaAdSet: Equatable, Sendable {
  package let id: MetaID
  package let campaignID: MetaID
  package let name: String
  package let status: MetaStatus
  /// Nil for a word of Meta's that this client does not know.
  package let effectiveStatus: MetaEffectiveStatus?
  /// The ad set's own budget; not set where the campaign has one.
  package let budget: MetaBudget
  /// How far Meta has learnt whom to show it to; nil where Meta does not say.
  package let learning: MetaLearning?
  package let optimizationGoal: String?
  package let bidStrategy: String?
  package let startsAt: Instant?
  package let endsAt: Instant?
  /// When somebody last changed it.
  package let updatedAt: Instant?
}

/// How far Meta has learnt whom to show an ad set to.
package struct MetaLearning: Hashable, Sendable {
  /// The stage.
  package enum Stage: String, Hashable, Sendable {
    /// Delivery and costs still vary; a large change begins learning anew.
    case learning = "LEARNING"
    /// Learnt.
    case success = "SUCCESS"
    /// Too few results to learn from ("learning limited").
    case limited = "FAIL"
  }

  /// Nil for a word of Meta's that this client does not know.
  package let stage: Stage?
  /// Results since the last significant change; about 50 within 7 days end learning.
  package let conversions: Int64?
  /// When something last began learning anew.
  package let lastSignificantEditAt: Instant?

  package init(stage: Stage?, conversions: Int64?, lastSignificantEditAt: Instant?) {
    self.stage = stage
    self.conversions = conversions
    self.lastSignificantEditAt = lastSignificantEditAt
  }
}

/// An ad. It has no budget: that is its ad set's or its campaign's.
package struct MetaAd: Equatable, Sendable {
  package let id: MetaID
  package let adSetID: MetaID
  package let campaignID: MetaID
  package let name: String
  package let status: MetaStatus
  /// Nil for a word of Meta's that this client does not know.
  package let effectiveStatus: MetaEffectiveStatus?
  /// What keeps it from delivering, in Meta's words.
  package let issues: [String]
  /// When somebody last changed it.
  package let updatedAt: Instant?
}

/// A time in which a campaign's or an ad set's budget is another.
package struct MetaBudgetSchedule: Equatable, Sendable {
  /// What takes the budget's place.
  package enum Value: Equatable, Sendable {
    /// An amount, in Meta's units.
    case absolute(Int64)
    /// The budget times a number.
    case multiplier(Double)
  }

  package let id: MetaID
  package let value: Value
  package let startsAt: Instant
  package let endsAt: Instant
  /// How it recurs, in Meta's word, such as `WEEKLY`; nil where it does not.
  package let recurrence: String?
}
