import Values

/// What can be changed of an object.
enum ObjectChange: Hashable, Sendable {
  /// A daily budget, in minor units.
  case dailyBudget(Int64)
  case status(ConfiguredStatus)
  case name(String)
}

/// Why a change is not made.
package enum ChangeRefusal: Error, Hashable, Sendable {
  /// No object has the number.
  case unknownObject
  /// An ad has no budget.
  case budgetOfAd
  /// The budget lies on the ad set's campaign.
  case budgetOfCampaign
  /// The budgets lie on the campaign's ad sets.
  case budgetOfAdSets
  /// The amount is under the least budget, in minor units.
  case budgetTooLow(minimum: Int64)
  /// The amount is over the greatest budget, in minor units.
  case budgetTooHigh(maximum: Int64)
  /// The budget was changed four times within the hour; no change is taken until then.
  case tooManyBudgetEdits(until: Instant)
  /// The ad set has as many ads as it may.
  case tooManyAds
  /// A deleted object cannot be changed, an archived one only be deleted.
  case gone(EffectiveStatus)

  /// The limit of Meta's that was run into, by a name; nil where a request made no sense.
  package var brokenLimit: String? {
    switch self {
    case .budgetTooLow: "budget_too_low"
    case .budgetTooHigh: "budget_too_high"
    case .tooManyBudgetEdits: "budget_edits_per_hour"
    case .tooManyAds: "ads_per_ad_set"
    case .unknownObject, .budgetOfAd, .budgetOfCampaign, .budgetOfAdSets, .gone: nil
    }
  }

  /// The refusal's name.
  package var name: String {
    switch self {
    case .unknownObject: "unknown_object"
    case .budgetOfAd: "budget_of_ad"
    case .budgetOfCampaign: "budget_of_campaign"
    case .budgetOfAdSets: "budget_of_ad_sets"
    case .gone: "gone"
    case .budgetTooLow, .budgetTooHigh, .tooManyBudgetEdits, .tooManyAds: brokenLimit ?? ""
    }
  }
}

/// Who asks for a change.
package enum ChangeAuthor: String, Sendable {
  /// A program, through the API.
  case api
  /// A person, in the ads manager.
  case person
}

/// A change that was asked for.
package struct ChangeRecord: Sendable {
  /// Counted from 1.
  package let number: Int
  /// When.
  package let at: Instant
  /// The object's number.
  package let object: String
  /// `daily_budget`, `status`, `name`, or `ad` for a new one.
  package let field: String
  /// The value before; nil where there is none.
  package let before: String?
  /// The value that was asked for. Budgets are in minor units.
  package let asked: String
  /// Who asked.
  package let author: ChangeAuthor
  /// Why it was not made; nil where it was.
  package let refusal: ChangeRefusal?
  /// What all daily budgets that are switched on sum to from then on, in minor units.
  package let budgets: Int64
}

/// The changes that were asked for, and how many of each kind.
package struct ChangeLog: Sendable {
  /// The newest changes, oldest first: at most ``limit``.
  package private(set) var records: [ChangeRecord] = []
  /// How many changes programs made.
  package private(set) var writes = 0
  /// How many changes people made.
  package private(set) var handEdits = 0
  /// How many changes of programs were refused, by the refusal's name.
  package private(set) var refusals: [String: Int] = [:]
  /// How often programs ran into each of Meta's limits.
  package private(set) var brokenLimits: [String: Int] = [:]
  private var count = 0

  /// How many changes are kept.
  package static let limit = 20_000

  mutating func note(
    _ object: String, _ field: String, from before: String?, to asked: String,
    by author: ChangeAuthor,
    at now: Instant, _ refusal: ChangeRefusal?, budgets: Int64
  ) {
    count += 1
    if records.count == Self.limit { records.removeFirst(Self.limit / 10) }
    records.append(
      ChangeRecord(
        number: count, at: now, object: object, field: field, before: before, asked: asked,
        author: author,
        refusal: refusal, budgets: budgets))
    switch (author, refusal) {
    case (.api, nil): writes += 1
    case (.person, nil): handEdits += 1
    case (.api, let refusal?):
      refusals[refusal.name, default: 0] += 1
      if let limit = refusal.brokenLimit { brokenLimits[limit, default: 0] += 1 }
    case (.person, _?): break
    }
  }
}
