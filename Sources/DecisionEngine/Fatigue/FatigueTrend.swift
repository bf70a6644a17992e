import Values

/// How an ad's click-through rate (CTR) went over its last four weeks, and how likely chance alone would show such a fall.
///
/// The test is a weighted regression of daily CTR on time, one-sided, with noise as real ads have it:
///
/// - Clicks are counts whose rate differs from day to day by more than chance: their variance is `m + φ m²` around a mean
///   of `m` (negative binomial; N. E. Breslow, "Extra-Poisson Variation in Log-Linear Models", Applied Statistics 33,
///   1984). `φ` is the ad's own, by moments (R. DerSimonian, N. Laird, "Meta-Analysis in Clinical Trials", Controlled
///   Clinical Trials 7, 1986), and a day weighs `m / (1 + φ m)`: more clicks than `1 / φ` make it hardly more certain.
/// - Each day is compared with the same day of other weeks alone: the regression has a level for each day of the week, so
///   that no pattern of the week looks like a trend.
/// - What is left is scaled by its own variance, and by `(1 + ρ) / (1 - ρ)` where neighbouring days are alike
///   (M. S. Bartlett, "On the Theoretical Specification and Sampling Properties of Autocorrelated Time-Series", Supplement
///   to the JRSS 8, 1946). `ρ` is the correlation of neighbouring residuals with `2 / n` added, by which it comes out too
///   low around a fitted line.
/// - The slope over its standard error goes by Student's t.
public struct FatigueTrend: Hashable, Sendable {
  /// Days with impressions in the window.
  public let days: Int
  /// Clicks on those days.
  public let clicks: Double
  /// CTR at the beginning of the window, by the fitted line; 0 or more.
  public let startCTR: Double
  /// CTR at its end, by the same line; 0 or more.
  public let endCTR: Double
  /// The chance that an ad whose CTR stays the same shows a fall at least as clear: 0 to 1.
  public let pValue: Double
  /// By how much the rate of single days differs beyond the chance of counts, as a share of it: `√φ`.
  public let scatter: Double

  /// Days that a trend looks back on, the last one included: whole weeks.
  public static let windowDays = 28
  /// Days with impressions that a trend needs: each day of the week three times.
  public static let minimumDays = 21
  /// Clicks that a trend needs.
  public static let minimumClicks = 20.0
  /// Fall of CTR over the window, as a share, from which a trend matters: the reference rule's.
  public static let leastFall = FatigueDetector.ctrDecline
  /// Which share of the ads that are said to decline may be there by chance.
  public static let falseDiscoveryRate = 0.05

  /// Change of CTR from the beginning of the window to its end, as a share of the beginning: -1 or more.
  public var change: Double { startCTR > 0 ? (endCTR / startCTR - 1).finite : 0 }

  /// The trend of the dated days of `days` in the window that ends with the last of them; nil where there are too few
  /// days or clicks to tell. A day comes once, and days without a date or impressions count for nothing.
  public static func of(_ days: [DeliveryDay]) -> FatigueTrend? {
    guard let last = days.last(where: { $0.day != nil })?.day else { return nil }
    let window = days.compactMap { ClickDay($0, before: last) }
    let clicks = window.reduce(0) { $0 + $1.clicks }
    guard window.count >= minimumDays, clicks >= minimumClicks else { return nil }
    return ClickRegression(window, clicks: clicks).trend
  }

  /// Which of an account's ads decline: those whose fall is large enough to matter, and clear enough to be told from
  /// chance among so many. At most ``falseDiscoveryRate`` of those named are named by chance, on average.
  public static func declines(_ trends: [FatigueTrend?]) -> [Bool] {
    let found = FalseDiscovery.found(trends.map { $0?.pValue }, rate: falseDiscoveryRate)
    return zip(trends, found).map { trend, isFound in isFound && (trend?.change ?? 0) <= -leastFall }
  }
}

/// A day of the window.
private struct ClickDay {
  /// Days before the window's last.
  let age: Int
  let impressions: Double
  let clicks: Double

  /// Nil for a day that lies outside of the window or showed nothing.
  init?(_ day: DeliveryDay, before last: CalendarDay) {
    guard let date = day.day, day.impressions > 0 else { return nil }
    let (age, overflows) = last.daysSinceEpoch.subtractingReportingOverflow(date.daysSinceEpoch)
    guard !overflows, (0..<FatigueTrend.windowDays).contains(age) else { return nil }
    self.age = age
    impressions = Double(day.impressions)
    clicks = Double(max(0, day.clicks))
  }
}

/// The regression behind ``FatigueTrend``.
private struct ClickRegression {
  let days: [ClickDay]
  let clicks: Double
  /// CTR over all days.
  let mean: Double
  /// Clicks to expect of each day at that rate.
  let expected: [Double]
  /// How far each day's rate is from the mean, as a share of it.
  let deviations: [Double]

  init(_ days: [ClickDay], clicks: Double) {
    self.days = days
    self.clicks = clicks
    let mean = clicks / days.reduce(0) { $0 + $1.impressions }
    self.mean = mean
    expected = days.map { $0.impressions * mean }
    deviations = zip(days, expected).map { $0.clicks / $1 - 1 }
  }

  /// `φ`, 0 or more.
  private var dispersion: Double {
    var (sum, squares, scatter) = (0.0, 0.0, 0.0)
    for (m, e) in zip(expected, deviations) {
      sum += m
      squares += m * m
      scatter += m * e * e
    }
    let room = sum - squares / sum
    return room > 0 ? max(0, ((scatter - Double(days.count - 1)) / room).finite) : 0
  }

  var trend: FatigueTrend? {
    let phi = dispersion
    let weights = expected.map { $0 / (1 + phi * $0) }
    var times = days.map { -Double($0.age) }
    var rates = deviations
    let level = Self.mean(rates, weights) { _ in true }
    var weekdays = 0
    for weekday in 0..<7 where days.contains(where: { $0.age % 7 == weekday }) {
      weekdays += 1
      let isOnIt = { days[$0].age % 7 == weekday }
      let (time, rate) = (Self.mean(times, weights, where: isOnIt), Self.mean(rates, weights, where: isOnIt))
      for index in days.indices where isOnIt(index) {
        times[index] -= time
        rates[index] -= rate
      }
    }
    let room = Self.sum(weights, times, times)
    guard room > 0, level > -1 else { return nil }
    let slope = Self.sum(weights, times, rates) / room
    let residuals = days.indices.map { (rates[$0] - slope * times[$0]) * weights[$0].squareRoot() }
    let freedom = Double(days.count - weekdays - 1)
    let variance = Self.variance(residuals, freedom: freedom)
    let statistic = slope / (variance / room).squareRoot()
    let (start, end) = ends(slope: slope, level: level)
    return FatigueTrend(
      days: days.count, clicks: clicks, startCTR: start, endCTR: end,
      pValue: PortableMath.studentCDF(statistic.finite, freedom: freedom), scatter: phi.squareRoot())
  }

  /// The variance of weighted residuals, of which 1 is what weights allow for, with what neighbouring days share.
  private static func variance(_ residuals: [Double], freedom: Double) -> Double {
    let squares = residuals.reduce(0) { $0 + $1 * $1 }
    guard squares > 0 else { return 1 }
    let neighbours = zip(residuals, residuals.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
    let correlation = min(max(neighbours / squares + 2 / Double(residuals.count), 0), 0.9)
    return max(squares / freedom, 1) * (1 + correlation) / (1 - correlation)
  }

  /// The fitted line's CTR at the first and at the last day; it goes through the mean in the middle of them.
  private func ends(slope: Double, level: Double) -> (start: Double, end: Double) {
    let half = slope / (1 + level) * Double(days.map(\.age).max() ?? 0) / 2
    let ctr = (mean * (1 + level)).finite
    return ((ctr * max(0, 1 - half)).finite, (ctr * max(0, 1 + half)).finite)
  }

  private static func mean(_ values: [Double], _ weights: [Double], where isMeant: (Int) -> Bool) -> Double {
    var (sum, weight) = (0.0, 0.0)
    for index in values.indices where isMeant(index) {
      sum += values[index] * weights[index]
      weight += weights[index]
    }
    return weight > 0 ? sum / weight : 0
  }

  private static func sum(_ weights: [Double], _ left: [Double], _ right: [Double]) -> Double {
    weights.indices.reduce(0) { $0 + weights[$1] * left[$1] * right[$1] }
  }
}
