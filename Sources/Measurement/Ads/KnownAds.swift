import DecisionEngine
import Values

/// What is known of an account's ads at one moment, read in one snapshot.
package struct KnownAds: Sendable {
  package struct Ad: Sendable {
    /// Its totals.
    package let state: AdState
    /// Its display name, where known.
    package let name: String?
    /// Whether it runs, and by whose statement.
    package let delivery: AdDelivery
  }

  /// The ads with figures, by ad id.
  package let ads: [Ad]
  /// The moment of the totals.
  package let at: Instant
  /// Up to which day figures and deals are known.
  package let freshness: FiguresFreshness
  /// The counts that decisions use; nil where they were not requested, or where the account's stages form no funnel.
  package let history: FunnelTallies?

  /// The totals of the ads that run.
  package var running: [AdState] {
    ads.filter { $0.delivery.state == .active }.map(\.state)
  }

  /// The ads that do not run.
  package var leftOut: [LeftOutAd] {
    ads.filter { $0.delivery.state != .active }.map { LeftOutAd(adID: $0.state.adID, delivery: $0.delivery) }
  }

  /// The names of those ads that have one.
  package var names: [AdID: String] {
    ads.reduce(into: [:]) { $0[$1.state.adID] = $1.name }
  }

  /// What a decision about the running ads is based on.
  ///
  /// Throws an ``AdError`` where there are no ads, their figures are too old, or none runs.
  package func basis(of account: AccountID) throws(AdError) -> DecisionBasis {
    guard let figuresAsOf = freshness.figuresAsOf else { throw .noAds }
    try freshness.check(account)
    let basis = DecisionBasis(
      figuresAsOf: figuresAsOf, figuresAgeDays: freshness.ageDays ?? 0, dealsAsOf: freshness.dealsAsOf,
      warning: freshness.warning, leftOut: leftOut)
    guard basis.leftOut.count < ads.count else {
      throw .noRunningAds(account, leftOut: basis.leftOutSummary ?? "")
    }
    return basis
  }
}

/// An ad that a decision left out because it does not run.
package struct LeftOutAd: Hashable, Sendable {
  package let adID: AdID
  /// Why it does not run.
  package let delivery: AdDelivery

  package init(adID: AdID, delivery: AdDelivery) {
    self.adID = adID
    self.delivery = delivery
  }
}

/// What a decision about an account's stored ads is based on.
package struct DecisionBasis: Hashable, Sendable {
  /// The last day with figures.
  package let figuresAsOf: CalendarDay
  /// How many days before the decision that was.
  package let figuresAgeDays: Int
  /// The moment of the latest move of a deal; nil for an account without deals.
  package let dealsAsOf: Instant?
  /// A warning about old figures; nil for recent ones.
  package let warning: String?
  /// The ads that were left out, by ad id.
  package let leftOut: [LeftOutAd]

  package init(
    figuresAsOf: CalendarDay, figuresAgeDays: Int, dealsAsOf: Instant?, warning: String?, leftOut: [LeftOutAd]
  ) {
    self.figuresAsOf = figuresAsOf
    self.figuresAgeDays = figuresAgeDays
    self.dealsAsOf = dealsAsOf
    self.warning = warning
    self.leftOut = leftOut
  }

  /// How many ads were left out and why; nil for none.
  package var leftOutSummary: String? {
    guard !leftOut.isEmpty else { return nil }
    let groups = Dictionary(grouping: leftOut) { Self.reason(for: $0.delivery) }.mapValues(\.count)
    let parts = groups.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    return "\(leftOut.count) \(leftOut.count == 1 ? "ad is" : "ads are") left out: \(parts.joined(separator: ", "))"
  }

  private static func reason(for delivery: AdDelivery) -> String {
    switch delivery.statement?.source {
    case .person: "\(delivery.state.rawValue) by a person"
    case .file: "\(delivery.state.rawValue) as a file says"
    case nil: "ended with nothing delivered in the last \(AdDelivery.silentDays) days of figures"
    }
  }

  /// What must be shown with the budgets; nil for nothing.
  package var note: String? {
    let parts = [warning, leftOutSummary].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }
}
