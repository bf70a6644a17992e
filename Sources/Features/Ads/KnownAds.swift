import DecisionEngine
import Values

/// What is known of an account's ads at one moment, read in one snapshot.
public struct KnownAds: Sendable {
  /// An ad.
  public struct Ad: Sendable {
    /// Its totals.
    public let state: AdState
    /// What people call it, where known.
    public let name: String?
    /// Whether it runs, and who says so.
    public let delivery: AdDelivery
  }

  /// The ads with figures, by ad id.
  public let ads: [Ad]
  /// The moment the totals are of.
  public let at: Instant
  /// Up to which day figures and deals are known.
  public let freshness: FiguresFreshness
  /// The counts that decisions look back on; nil where they were not asked for, or where the account's stages make no
  /// funnel.
  public let history: FunnelTallies?

  /// The totals of the ads that run.
  public var running: [AdState] {
    ads.filter { $0.delivery.state == .active }.map(\.state)
  }

  /// The ads that do not run.
  public var leftOut: [LeftOutAd] {
    ads.filter { $0.delivery.state != .active }.map { LeftOutAd(adID: $0.state.adID, delivery: $0.delivery) }
  }

  /// The names of those ads that have one.
  public var names: [AdID: String] {
    ads.reduce(into: [:]) { $0[$1.state.adID] = $1.name }
  }

  /// What a decision on the ads that run stands on.
  ///
  /// Throws an ``APIError`` of status 409 where the figures are too old or no ad runs, and of status 422 where there are
  /// no ads at all.
  func basis(of account: AccountID, currency: Currency) throws -> DecisionBasis {
    guard let figuresAsOf = freshness.figuresAsOf else { throw APIError(.noAds, currency: currency) }
    if let refusal = freshness.refusal(of: account) { throw refusal }
    let basis = DecisionBasis(
      figuresAsOf: figuresAsOf, figuresAgeDays: freshness.ageDays ?? 0, dealsAsOf: freshness.dealsAsOf,
      warning: freshness.warning, leftOut: leftOut)
    guard basis.leftOut.count < ads.count else {
      throw APIError(
        .conflict, "no_running_ads",
        "no ad of account \(account) runs: \(basis.leftOutSummary ?? ""). Import newer figures, or activate ads with "
          + "ads activate --account \(account) AD")
    }
    return basis
  }
}

/// An ad that a decision left out because it does not run.
public struct LeftOutAd: Hashable, Sendable {
  /// The ad.
  public let adID: AdID
  /// Why it does not run.
  public let delivery: AdDelivery
}

/// What a decision on an account's stored ads stands on.
public struct DecisionBasis: Hashable, Sendable {
  /// The last day with figures.
  public let figuresAsOf: CalendarDay
  /// How many days before the decision that was.
  public let figuresAgeDays: Int
  /// The moment of the deals' latest move; nil for an account without deals.
  public let dealsAsOf: Instant?
  /// What must be said of old figures; nil for fresh ones.
  public let warning: String?
  /// The ads that were left out, by ad id.
  public let leftOut: [LeftOutAd]

  /// How many ads were left out and why; nil for none.
  public var leftOutSummary: String? {
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

  /// What a buyer must know beside the budgets; nil for nothing.
  public var note: String? {
    let parts = [warning, leftOutSummary].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }
}
