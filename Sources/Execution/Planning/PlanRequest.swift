import Values

/// What a unit of money brings back from an ad, as a decision sees it.
package struct AdReturn: Hashable, Sendable {
  /// Revenue of one more unit a day.
  package let marginal: Double
  package let marginalLow: Double
  package let marginalHigh: Double
  /// Revenue of each unit, in the mean.
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

/// What a decision says of one ad.
package struct DecidedAd: Hashable, Sendable {
  package let id: ObjectID
  /// Its daily budget, in minor units.
  package let budget: Int64
  /// Why it is to be stopped; nil where it is not.
  package let stop: String?
  /// What is to be expected of it; nil where the policy does not say.
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
  /// What was split: the most that the account's budgets may sum to on account of it.
  package let total: Int64
  package let ads: [DecidedAd]

  package init(total: Int64, ads: [DecidedAd]) {
    self.total = total
    self.ads = ads
  }
}

/// What something else than a split wants done.
package struct WantedChange: Hashable, Sendable {
  package enum Action: Hashable, Sendable {
    case pause
    case activate
    /// Takes a share of what the object gets off the budget that it is paid from.
    case reduce(by: Share)
  }

  package let object: ObjectID
  package let action: Action
  package let origin: ChangeOrigin
  package let reason: String
  /// What is to be expected of it; nil where nothing is known.
  package let outlook: AdReturn?

  package init(_ action: Action, _ object: ObjectID, origin: ChangeOrigin, reason: String, outlook: AdReturn? = nil) {
    self.object = object
    self.action = action
    self.origin = origin
    self.reason = reason
    self.outlook = outlook
  }
}

/// A part of an object that one change at a time may have.
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
  /// What changes that wait or run already have: nothing else is proposed for it.
  package var open: Set<ChangeTarget> = []

  package init(split: DecidedSplit? = nil, wanted: [WantedChange] = [], open: Set<ChangeTarget> = []) {
    self.split = split
    self.wanted = wanted
    self.open = open
  }
}
