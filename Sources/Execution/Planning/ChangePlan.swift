import Values

/// What a change should bring, a day.
package struct ExpectedEffect: Hashable, Sendable {
  /// A figure with the range that holds it with a chance of 90 %, in minor units.
  package struct Estimate: Hashable, Sendable {
    package let mean: Int64
    package let low: Int64
    package let high: Int64

    package init(mean: Int64, low: Int64, high: Int64) {
      self.mean = mean
      self.low = min(low, high)
      self.high = max(low, high)
    }
  }

  /// How much more is spent, in minor units; less than 0 for less.
  package let spend: Int64
  /// How much more revenue is to come; nil where nothing is known of that.
  package let revenue: Estimate?

  package init(spend: Int64, revenue: Estimate?) {
    self.spend = spend
    self.revenue = revenue
  }
}

/// A change that the planner proposes.
package struct ProposedChange: Hashable, Sendable {
  package let object: ObjectID
  package let level: ObjectLevel
  package let name: String?
  package let action: ChangeAction
  package let origin: ChangeOrigin
  /// Why, in a sentence.
  package let reason: String
  package let effect: ExpectedEffect
  /// Which share of the account's delivery it touches.
  package let deliveryShare: Share
  package let learning: LearningState
  /// The ads whose decided budgets are in it, or on whose account it is, by id.
  package let ads: [ObjectID]
  /// What the decision split: more than this the account's budgets may not sum to on account of the change.
  package let totalLimit: Int64?
  /// What it waits for; nil where it could be applied at once.
  package let waitsFor: LimitHit?
  /// From when it may be applied; nil for at once.
  package let notBefore: Instant?
  package let expiresAt: Instant

  /// The order in which changes are applied.
  package var rank: Int { action.rank }
}

/// Something that was wanted and is not proposed.
package struct Refusal: Hashable, Sendable {
  package enum Code: Hashable, Sendable {
    /// A limit of the account forbids it.
    case limit(Limit)
    /// The ad is not among those that the platform has.
    case unknownObject
    /// It does not deliver.
    case notDelivering
    /// Its ad set or campaign has a budget for its whole lifetime.
    case lifetimeBudget
    /// Its budget was not found, or was found twice.
    case noBudget
    /// Another change of it waits or runs.
    case openChange
    /// It would change less than is worth an edit.
    case tooSmall

    /// The code in one word.
    package var name: String {
      switch self {
      case .limit(let limit): limit.rawValue
      case .unknownObject: "unknown_object"
      case .notDelivering: "not_delivering"
      case .lifetimeBudget: "lifetime_budget"
      case .noBudget: "no_budget"
      case .openChange: "open_change"
      case .tooSmall: "too_small"
      }
    }
  }

  package let object: ObjectID
  package let code: Code
  /// Why, in a sentence.
  package let text: String
}

/// What is proposed, in the order in which it is to be applied, and what is not and why.
package struct ChangePlan: Hashable, Sendable {
  package internal(set) var changes: [ProposedChange] = []
  package internal(set) var refusals: [Refusal] = []
}
