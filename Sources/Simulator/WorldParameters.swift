import DecisionEngine

/// The properties of a simulated market. Amounts are in major units, delays in days.
///
/// Whatever differs from ad to ad is drawn for each ad as its mean times `exp(spread * z - spread^2 / 2)` with a
/// standard normal z: the spread is the standard deviation of the logarithm.
package struct WorldParameters: Hashable, Sendable {
  /// How many days are played, 1 or more.
  package var days = 90
  /// Ads that run from the first day on, 1 or more.
  package var initialAds = 8
  /// Days from one launch of a further ad to the next, 1 or more.
  package var launchEvery = 9
  /// The total spend per day over all ads; at least one unit for every ad.
  package var dailyBudget = 600.0

  /// Price of a thousand impressions, over 0.
  package var costPerMille = 22.0
  /// Factors of the price for the days of a week, Monday first; 7 of them, each over 0.
  package var season = [0.97, 0.98, 0.99, 1.0, 1.02, 1.05, 1.03]
  /// The part of the price's deviation (of its logarithm) that remains a day later, in 0..<1.
  package var priceMemory = 0.85
  /// Standard deviation of the price's logarithm, 0 or more.
  package var priceDeviation = 0.1
  /// Spend at which a day's next unit buys half the impressions of the first, over 0.
  package var saturation = 500.0
  /// Spread of ``saturation`` over ads.
  package var saturationSpread = 0.4
  /// The number of impressions after which an audience tires of an ad, above 0.
  package var audience = 800_000.0
  /// Spread of ``audience`` over ads.
  package var audienceSpread = 0.5
  /// An ad's click rate falls as `(1 + impressions so far / audience) ^ -exponent`; 0 for no fatigue.
  package var fatigueExponent = 0.43

  /// Clicks for each impression of a fresh ad, in 0..<1.
  package var clickRate = 0.01
  /// Spread of ``clickRate`` over ads.
  package var clickSpread = 0.35
  /// Leads for each click, in 0..<1.
  package var leadRate = 0.05
  /// Spread of ``leadRate`` over ads.
  package var leadSpread = 0.35
  /// Correlation of an ad's click rate with its lead rate, in -1...1.
  package var clickLeadCorrelation = 0.0
  /// Probability that a deal goes on from each stage to the next, in 0...1; 1 to 15 of them.
  package var stageRates = [0.25, 0.60, 0.20]
  /// Spread of each of ``stageRates`` over ads.
  package var stageSpreads = [0.3, 0.2, 0.35]
  /// Correlation of an ad's click rate with each of its stage rates, in -1...1.
  package var clickStageCorrelation = 0.0
  /// What a sale brings, over 0.
  package var dealMean = 3_000.0
  /// Spread of ``dealMean`` over ads.
  package var dealSpread = 0.15
  /// Standard deviation of the logarithm of an ad's sales, 0 or more.
  package var dealDeviation = 0.6

  /// Median stay in each stage of the deals that go on, over 0; as many as ``stageRates``.
  package var delayMedians = [1.5, 4.0, 14.0]
  /// Standard deviation of the logarithm of a stay, 0 or more.
  package var delayDeviation = 0.7
  /// A deal that is lost stays this many times as long, over 0.
  package var lossDelayFactor = 1.5
  /// Standard deviation of the logarithm of an ad's own factor on every stay, 0 or more.
  package var adDelaySpread = 0.0
  /// Share of the deals whose ad is not known, in 0...1.
  package var unattributed = 0.1
  /// Whether lost deals are marked as lost in the CRM.
  package var marksLosses = true
  /// The account's stage values as a multiple of the true ones, 0 or more.
  package var stageValueFactor = 1.0

  /// The day, from 0, from which every ad's lead rate has another factor; nil for never.
  package var shockDay: Int?
  /// Spread of that factor over ads.
  package var shockSpread = 0.5
  /// Whether the platform first reports a part of a day and restates it 1 and 3 days later.
  package var restates = false
  /// Whether the platform spends only a random 50 to 100 % of an ad's budget.
  package var underdelivers = false

  /// The base world.
  package init() {}

  /// How many ads there are by the last day.
  package var adCount: Int { initialAds + (days - 1) / launchEvery }

  /// The first rule, in words, that the parameters violate; nil for a possible world.
  package var brokenRule: String? {
    let rules: [(isKept: Bool, text: String)] = [
      (days >= 1 && initialAds >= 1 && launchEvery >= 1, "days, initial ads and launch interval must be 1 or more"),
      (dailyBudget < 1e9 && (launchEvery < 1 || dailyBudget >= Double(adCount)), "the budget must be 1 for each ad"),
      (season.count == 7 && season.allSatisfy { $0 > 0 }, "the season must have 7 factors over 0"),
      ((0..<1).contains(priceMemory), "the price's memory must be 0 up to 1"),
      (
        [costPerMille, saturation, audience, dealMean, lossDelayFactor].allSatisfy { $0 > 0 && $0.isFinite },
        "price, saturation, audience, deal mean and delay of losses must be over 0"
      ),
      ((1...15).contains(stageRates.count), "there must be 1 to 15 stage rates"),
      (
        stageSpreads.count == stageRates.count && delayMedians.count == stageRates.count,
        "every stage rate must have its spread and its delay"
      ),
      (
        ([clickRate, leadRate, unattributed] + stageRates).allSatisfy { (0...1).contains($0) },
        "rates and chances must be 0 to 1"
      ),
      (
        [clickLeadCorrelation, clickStageCorrelation].allSatisfy { (-1...1).contains($0) },
        "correlations must be -1 to 1"
      ),
      (delayMedians.allSatisfy { $0 > 0 && $0.isFinite }, "delays must be over 0"),
      (stageValueFactor >= 0 && stageValueFactor.isFinite, "the factor of the stage values must be 0 or more"),
    ]
    return rules.first { !$0.isKept }?.text
  }
}
