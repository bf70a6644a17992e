import Values

/// How an ad's click-through rate (CTR) developed over its last four weeks, and how likely such a fall is by chance
/// alone.
///
/// The test is a one-sided regression of the logarithm of daily CTR on time, with the noise that real ads have:
///
/// - Clicks are counts whose rate varies from day to day by more than chance: their variance is `m + φ m²` around a
///   mean of `m`. The regression is fitted by quasi-likelihood, which needs no special case for days without clicks (N.
///   E. Breslow, "Extra-Poisson Variation in Log-Linear Models", Applied Statistics 33, 1984). `φ` is the ad's own,
///   estimated by moments (R. DerSimonian, N. Laird, "Meta-Analysis in Clinical Trials", Controlled Clinical Trials 7,
///   1986). A day has the weight `m / (1 + φ m)`: beyond `1 / φ` clicks, more clicks hardly make it more certain.
/// - Each day is compared only with the same weekday of other weeks: the regression has a level for each weekday, so
///   that no weekly pattern looks like a trend.
/// - The residuals are scaled by their own variance, and by `(1 + ρ) / (1 - ρ)` where neighbouring days are correlated
///   (M. S. Bartlett, "On the Theoretical Specification and Sampling Properties of Autocorrelated Time-Series",
///   Supplement to the JRSS 8, 1946). Around a fitted line the correlation `ρ` of neighbouring residuals of `n` days is
///   underestimated by about `(2 + 4 ρ) / n`, which is corrected; M. G. Kendall, "Note on Bias in the Estimation of
///   Autocorrelation", Biometrika 41, 1954, derives the corresponding bias around a mean.
/// - The slope divided by its standard error follows Student's t distribution.
public struct FatigueTrend: Hashable, Sendable {
  /// Days with impressions in the window.
  public let days: Int
  /// Clicks on those days.
  public let clicks: Double
  /// CTR at the start of the window, on the fitted line; 0 or more.
  public let startCTR: Double
  /// CTR at its end, on the same line; 0 or more.
  public let endCTR: Double
  /// The probability that an ad with constant CTR shows a fall at least as clear: 0 to 1.
  public let pValue: Double
  /// How much the rate of single days varies beyond the chance of counts, as a share of it: `√φ`.
  public let scatter: Double

  /// How many days a trend covers, including the last one: whole weeks.
  public static let windowDays = 28
  /// The fewest days with impressions that a trend needs: three for each weekday.
  public static let minimumDays = 21
  /// The fewest clicks that a trend needs.
  public static let minimumClicks = 20.0
  /// The smallest fall of CTR over the window, as a share, that matters: that of the reference rule.
  public static let leastFall = FatigueDetector.ctrDecline
  /// The share of the ads reported as declining that may be due to chance.
  public static let falseDiscoveryRate = 0.05

  /// Change of CTR from the start of the window to its end, as a share of the start: -1 or more.
  public var change: Double { startCTR > 0 ? (endCTR / startCTR - 1).finite : 0 }

  /// The trend of the dated days of `days` in the window that ends with the last of them; nil where there are too few
  /// days or clicks. No day may occur twice; days without a date or impressions are ignored.
  public static func of(_ days: [DeliveryDay]) -> FatigueTrend? {
    guard let last = days.last(where: { $0.day != nil })?.day else { return nil }
    let window = days.compactMap { ClickDay($0, before: last) }
    let clicks = window.reduce(0) { $0 + $1.clicks }
    guard window.count >= minimumDays, clicks >= minimumClicks else { return nil }
    var regression = ClickRegression(window, clicks: clicks)
    return regression.fit()
  }

  /// Which of an account's ads decline: those whose fall is large enough to matter, and too clear to be chance among so
  /// many ads. On average at most ``falseDiscoveryRate`` of those named are due to chance.
  public static func declines(_ trends: [FatigueTrend?]) -> [Bool] {
    let found = FalseDiscovery.found(trends.map { $0?.pValue }, rate: falseDiscoveryRate)
    return zip(trends, found).map { trend, isFound in isFound && (trend?.change ?? 0) <= -leastFall }
  }
}

/// A day of the window.
private struct ClickDay {
  /// Days before the last day of the window.
  let age: Int
  let impressions: Double
  let clicks: Double

  /// Nil for a day outside the window or without impressions.
  init?(_ day: DeliveryDay, before last: CalendarDay) {
    guard let date = day.day, day.impressions > 0 else { return nil }
    let (age, overflows) = last.daysSinceEpoch.subtractingReportingOverflow(date.daysSinceEpoch)
    guard !overflows, (0..<FatigueTrend.windowDays).contains(age) else { return nil }
    self.age = age
    impressions = Double(day.impressions)
    clicks = Double(max(0, day.clicks))
  }
}

/// The regression behind ``FatigueTrend``: `log(rate) = level of the weekday + slope * time`, fitted by quasi-likelihood.
private struct ClickRegression {
  private let days: [ClickDay]
  private let clicks: Double
  /// Days from the first to the last.
  private let span: Double
  /// How many different weekdays occur.
  private let weekdays: Int

  /// Change of the rate's logarithm per day.
  private var slope = 0.0
  /// The rate in the middle of the window.
  private var rate = 0.0
  /// `φ`, 0 or more.
  private var dispersion = 0.0
  /// For each day: its weight, the distance of its time from the mean of its weekday, and the distance of its clicks
  /// from the expected clicks, as a share of those.
  private var weights: [Double]
  private var times: [Double]
  private var deviations: [Double]

  /// The most rounds of fitting; three to eight are enough.
  private static let rounds = 20
  /// The steepest slope, as a change of the logarithm over the window: beyond it a rate is practically zero.
  private static let steepest = 6.0

  init(_ days: [ClickDay], clicks: Double) {
    self.days = days
    self.clicks = clicks
    span = max(1, Double(days.reduce(0) { max($0, $1.age) }))
    weekdays = Set(days.map { $0.age % 7 }).count
    weights = Array(repeating: 0, count: days.count)
    times = weights
    deviations = weights
  }

  /// Fits by iteratively reweighted least squares; nil where the days determine nothing.
  mutating func fit() -> FatigueTrend? {
    var room = 0.0
    for round in 1...Self.rounds {
      linearize()
      room = sum { weights[$0] * times[$0] * times[$0] }
      guard room > 0 else { return nil }
      let step = sum { weights[$0] * times[$0] * deviations[$0] } / room
      if round == Self.rounds || (step * span).magnitude < 1e-9 { break }
      slope += min(max(step, -1 / span), 1 / span)
      slope = min(max(slope, -Self.steepest / span), Self.steepest / span)
    }
    let freedom = Double(days.count - weekdays - 1)
    let statistic = slope / (variance(room, freedom: freedom) / room).squareRoot()
    let half = PortableMath.exp(slope * span / 2)
    return FatigueTrend(
      days: days.count, clicks: clicks, startCTR: (rate / half).finite, endCTR: (rate * half).finite,
      pValue: PortableMath.studentCDF(statistic.finite, freedom: freedom), scatter: dispersion.squareRoot())
  }

  /// Sets up the next fit around the current slope.
  private mutating func linearize() {
    let trend = days.map { PortableMath.exp(slope * (span / 2 - Double($0.age))) }
    rate = clicks / sum { days[$0].impressions * trend[$0] }
    let expected = days.indices.map { days[$0].impressions * rate * trend[$0] }
    for index in days.indices {
      times[index] = -Double(days[index].age)
      deviations[index] = days[index].clicks / expected[index] - 1
    }
    let squares = sum { expected[$0] * expected[$0] }
    let scatter = sum { expected[$0] * deviations[$0] * deviations[$0] } - Double(days.count - 1)
    let room = clicks - squares / clicks
    dispersion = room > 0 ? max(0, (scatter / room).finite) : 0
    for index in days.indices { weights[index] = expected[index] / (1 + dispersion * expected[index]) }
    centre()
  }

  /// Subtracts the weighted mean of its weekday from each time and deviation.
  private mutating func centre() {
    for weekday in 0..<7 {
      var (weight, time, deviation) = (0.0, 0.0, 0.0)
      for index in days.indices where days[index].age % 7 == weekday {
        weight += weights[index]
        time += weights[index] * times[index]
        deviation += weights[index] * deviations[index]
      }
      guard weight > 0 else { continue }
      for index in days.indices where days[index].age % 7 == weekday {
        times[index] -= time / weight
        deviations[index] -= deviation / weight
      }
    }
  }

  /// The variance of the weighted residuals, 1 where the weights account for all of it, including the correlation of
  /// neighbouring days.
  private func variance(_ room: Double, freedom: Double) -> Double {
    let step = sum { weights[$0] * times[$0] * deviations[$0] } / room
    let residuals = days.indices.map { (deviations[$0] - step * times[$0]) * weights[$0].squareRoot() }
    let squares = residuals.reduce(0) { $0 + $1 * $1 }
    guard squares > 0 else { return 1 }
    let neighbours = zip(residuals, residuals.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
    let count = Double(days.count)
    let correlation = min(max((neighbours / squares + 2 / count) / (1 - 4 / count), 0), 0.9)
    return max(squares / freedom, 1) * (1 + correlation) / (1 - correlation)
  }

  private func sum(_ term: (Int) -> Double) -> Double { days.indices.reduce(0) { $0 + term($1) } }
}
