import Values

/// What is known of one ad at the moment of a decision: totals over its life so far.
///
/// Amounts are in major units of the account's currency.
public struct AdState: Hashable, Sendable {
  /// The account that pays for the ad.
  public let accountID: AccountID
  /// The ad within the account.
  public let adID: AdID
  /// Times the ad was shown, zero or more.
  public let impressions: Int
  /// Clicks on the ad, at most ``impressions``.
  public let clicks: Int
  /// Money spent, zero or more.
  public let spend: Double
  /// The value of the ad's deals at their current stages, zero or more.
  public let pipelineValue: Double
  /// Revenue of the ad's deals that were won, zero or more.
  public let cashRevenue: Double
  /// Hours since the ad was first shown, zero or more.
  public let ageHours: Double
  /// The daily budget that is set now, where it is known.
  public let statedDailyBudget: Double?

  /// Checks every value against the rule beside its property and throws the first ``AdStateError``.
  public init(
    accountID: AccountID, adID: AdID, impressions: Int, clicks: Int, spend: Double, pipelineValue: Double,
    cashRevenue: Double, ageHours: Double, statedDailyBudget: Double? = nil
  ) throws(AdStateError) {
    try Self.check(adID, "impressions", Double(impressions))
    try Self.check(adID, "clicks", Double(clicks))
    try Self.check(adID, "spend", spend)
    try Self.check(adID, "pipeline_value", pipelineValue)
    try Self.check(adID, "cash_revenue", cashRevenue)
    try Self.check(adID, "age_hours", ageHours)
    try Self.check(adID, "current_budget", statedDailyBudget ?? 0)
    guard clicks <= impressions else {
      throw AdStateError(
        adID: adID, field: "clicks", value: String(clicks), rule: "must not exceed impressions (\(impressions))")
    }
    self.accountID = accountID
    self.adID = adID
    self.impressions = impressions
    self.clicks = clicks
    self.spend = spend
    self.pipelineValue = pipelineValue
    self.cashRevenue = cashRevenue
    self.ageHours = ageHours
    self.statedDailyBudget = statedDailyBudget
  }

  /// Clicks for each impression: `clicks / max(impressions, 1)`.
  public var ctr: Double { Double(clicks) / Double(max(impressions, 1)) }

  /// Pipeline value for each unit spent: `pipeline_value / max(spend, 0.01)`.
  public var pipelineROAS: Double { (pipelineValue / max(spend, 0.01)).finite }

  /// Won revenue for each unit spent: `cash_revenue / max(spend, 0.01)`.
  public var cashROAS: Double { (cashRevenue / max(spend, 0.01)).finite }

  /// Days since the ad was first shown.
  public var daysLive: Double { ageHours / 24 }

  /// The stated daily budget, else the mean daily spend so far: `spend / max(age_hours / 24, 1)`.
  public var currentDailyBudget: Double { statedDailyBudget ?? spend / max(daysLive, 1) }

  private static func check(_ adID: AdID, _ field: String, _ value: Double) throws(AdStateError) {
    guard value.isFinite, value >= 0 else {
      throw AdStateError(adID: adID, field: field, value: "\(value)", rule: "must be a finite number, 0 or more")
    }
  }
}

/// An impossible value of an ad.
public struct AdStateError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The ad that the figure belongs to.
  public let adID: AdID
  /// The name of the value.
  public let field: String
  /// The value as it was given.
  public let value: String
  /// What it must be.
  public let rule: String

  /// Names the ad, the field, the value and the rule.
  public var description: String { "ad \(adID): \(field) is \(value), \(rule)" }
}
