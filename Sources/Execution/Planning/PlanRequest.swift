import Values

/// The expected return of an ad for each unit of money, by a decision.
package struct AdReturn: Hashable, Sendable {
  /// Revenue of one more unit per day.
  package let marginal: Double
  package let marginalLow: Double
  package let marginalHigh: Double
  /// Average revenue of each unit.
  package let average: Double
  package let averageHigh: Double

  package init(marginal: Double, marginalLow: Double, marginalHigh: Double, average: Double, averageHigh: Double) {
    self.marginal = marginal.finite
    self.marginalLow = marginalLow.finite
    self.marginalHigh = marginalHigh.finite
    self.average = average.finite
    self.averageHigh = averageHigh.finite
  }
}

/// What a decision says about one ad.
package struct DecidedAd: Hashable, Sendable {
  package let id: ObjectID
  /// Its daily budget, in minor units.
  package let budget: Int64
  /// Why it is to be stopped; nil where it is not.
  package let stop: String?
  /// The expected return; nil where the policy gives none.
  package let outlook: AdReturn?

  package init(id: ObjectID, budget: Int64, stop: String?, outlook: AdReturn?) {
    self.id = id
    self.budget = max(0, budget)
    self.stop = stop
    self.outlook = outlook
  }
}

/// A decision's split, in minor units.
package struct DecidedSplit: Hashable, Sendable {
  /// The total that was split: the account's budgets must not be raised above it.
  package let total: Int64
  package let ads: [DecidedAd]

  package init(total: Int64, ads: [DecidedAd]) {
    self.total = total
    self.ads = ads
  }
}

/// A change that comes from something other than a split.
package struct WantedChange: Hashable, Sendable {
  package enum Action: Hashable, Sendable {
    case pause
    case activate
    /// Cuts the budget that pays for the object by this share of what the object gets.
    case reduce(by: Share)
  }

  package let object: ObjectID
  package let action: Action
  package let origin: ChangeOrigin
  package let reason: String
  /// The expected return; nil where none is known.
  package let outlook: AdReturn?

  package init(_ action: Action, _ object: ObjectID, origin: ChangeOrigin, reason: String, outlook: AdReturn? = nil) {
    self.object = object
    self.action = action
    self.origin = origin
    self.reason = reason
    self.outlook = outlook
  }
}

/// A part of an object, of which only one change may be open at a time.
package struct ChangeTarget: Hashable, Sendable {
  package let object: ObjectID
  package let isStatus: Bool

  package init(_ object: ObjectID, _ kind: ChangeKind) {
    self.object = object
    isStatus = kind.isStatus
  }
}

/// What is to be planned.
package struct PlanRequest: Sendable {
  package var split: DecidedSplit?
  package var wanted: [WantedChange] = []
  /// The targets of open changes: nothing else is proposed for them.
  package var open: Set<ChangeTarget> = []

  package init(split: DecidedSplit? = nil, wanted: [WantedChange] = [], open: Set<ChangeTarget> = []) {
    self.split = split
    self.wanted = wanted
    self.open = open
  }
}
