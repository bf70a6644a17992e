import Values

/// The expected effect of a change, per day.
package struct ExpectedEffect: Hashable, Sendable {
  /// A value with its 90 % range, in minor units.
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

  /// How much more is spent, in minor units; negative for less.
  package let spend: Int64
  /// How much more revenue is expected; nil where it is unknown.
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
  /// The share of the account's delivery that it affects.
  package let deliveryShare: Share
  package let learning: LearningState
  /// The ads whose decided budgets it contains, or for which it is made, by id.
  package let ads: [ObjectID]
  /// The total that the decision split: the change must not raise the account's budgets above it.
  package let totalLimit: Int64?
  /// The limit that it waits for; nil where it could be applied at once.
  package let waitsFor: LimitHit?
  /// The earliest moment at which it may be applied; nil for at once.
  package let notBefore: Instant?
  package let expiresAt: Instant

  /// The order in which changes are applied.
  package var rank: Int { action.rank }
}

/// Something that was wanted but is not proposed.
package struct Refusal: Hashable, Sendable {
  package enum Code: Hashable, Sendable {
    /// A limit of the account forbids it.
    case limit(Limit)
    /// The ad does not exist at the platform.
    case unknownObject
    /// It does not deliver.
    case notDelivering
    /// Its ad set or campaign has a budget for its whole lifetime.
    case lifetimeBudget
    /// Its budget was not found, or was found twice.
    case noBudget
    /// Another change of it is open.
    case openChange
    /// The change would be too small to be worth an edit.
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

/// The proposals, in the order in which they are to be applied, and the refusals with their reasons.
package struct ChangePlan: Hashable, Sendable {
  package internal(set) var changes: [ProposedChange] = []
  package internal(set) var refusals: [Refusal] = []
}
