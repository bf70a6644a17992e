import Values

/// An ad as a policy is told about it.
public struct AdListing: Hashable, Sendable {
  public let adID: AdID
  /// When it was first shown, or will be.
  public let launchedAt: Instant
  /// Whether it takes part in the split.
  public let isActive: Bool

  public init(adID: AdID, launchedAt: Instant, isActive: Bool) {
    self.adID = adID
    self.launchedAt = launchedAt
    self.isActive = isActive
  }
}

/// What a platform reports about one day of an ad. A later report for the same day replaces it.
public struct AdDay: Hashable, Sendable {
  public let adID: AdID
  public let day: CalendarDay
  /// Money spent, in major units, zero or more.
  public let spend: Double
  /// Times shown, zero or more.
  public let impressions: Int
  /// Clicks, zero or more.
  public let clicks: Int
  /// Leads as counted by the platform; nil where it reports none.
  public let leads: Int?

  public init(adID: AdID, day: CalendarDay, spend: Double, impressions: Int, clicks: Int, leads: Int?) {
    self.adID = adID
    self.day = day
    self.spend = spend
    self.impressions = impressions
    self.clicks = clicks
    self.leads = leads
  }
}

/// Something that happened to a deal.
public struct DealEvent: Hashable, Sendable {
  /// Where the deal moved.
  public enum Move: Hashable, Sendable {
    /// It entered the stage at this index of the funnel.
    case entered(Int)
    /// It ended without a sale.
    case lost
  }

  public let dealID: String
  /// The ad that brought it; nil where it is not known.
  public let adID: AdID?
  public let move: Move
  public let occurredAt: Instant
  /// The deal's own amount in major units, where known; it becomes the revenue once the deal is won.
  public let amount: Double?

  public init(dealID: String, adID: AdID?, move: Move, occurredAt: Instant, amount: Double?) {
    self.dealID = dealID
    self.adID = adID
    self.move = move
    self.occurredAt = occurredAt
    self.amount = amount
  }
}

/// What a policy learns between two decisions.
public struct PolicyDay: Sendable {
  /// The moment of the decision.
  public var now: Instant
  /// The total to split, in minor units.
  public var totalBudget: Int64
  /// Every ad there is.
  public var ads: [AdListing]
  /// Reports of ads' days, including restated ones.
  public var metrics: [AdDay]
  /// What happened to deals.
  public var deals: [DealEvent]

  public init(now: Instant, totalBudget: Int64, ads: [AdListing], metrics: [AdDay], deals: [DealEvent]) {
    self.now = now
    self.totalBudget = totalBudget
    self.ads = ads
    self.metrics = metrics
    self.deals = deals
  }
}
