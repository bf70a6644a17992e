import Values

/// The settings that a selection depends on, besides the ads themselves.
public struct SamplerConfiguration: Hashable, Sendable {
  /// How the weight moves from CTR to pipeline ROAS.
  public var curve: BlendingCurve
  /// When to kill, scale or maintain.
  public var thresholds: DecisionThresholds
  /// The largest change of a daily budget as a share of itself, over 0 and up to 10; nil for no limit.
  public var maxDailyChange: Double?
  /// The currency of every amount; it determines the smallest unit of a budget.
  public var currency: Currency

  /// The reference defaults: the standard curve, the default thresholds, ±50 % a day, US dollars.
  public init(
    curve: BlendingCurve = .standard, thresholds: DecisionThresholds = DecisionThresholds(),
    maxDailyChange: Double? = 0.5, currency: Currency = .usd
  ) {
    self.curve = curve
    self.thresholds = thresholds
    self.maxDailyChange = maxDailyChange
    self.currency = currency
  }

  /// The least daily budget of an ad, in minor units: 1 major unit.
  public var minimumBudget: Int64 { currency.minorUnitsPerMajor }
}
