import Values

/// How an ad's click-through rate (CTR) went over its last four weeks, and how likely chance alone would show such a fall.
///
/// The test is a regression of the logarithm of daily CTR on time, one-sided, with noise as real ads have it:
///
/// - Clicks are counts whose rate differs from day to day by more than chance: their variance is `m + φ m²` around a mean
///   of `m`. It is fitted by quasi-likelihood, which takes days without clicks as they are (N. E. Breslow, "Extra-Poisson
///   Variation in Log-Linear Models", Applied Statistics 33, 1984). `φ` is the ad's own, by moments (R. DerSimonian,
///   N. Laird, "Meta-Analysis in Clinical Trials", Controlled Clinical Trials 7, 1986). A day weighs `m / (1 + φ m)`: more
///   clicks than `1 / φ` make it hardly more certain.
/// - Each day is compared with the same day of other weeks alone: the regression has a level for each day of the week, so
///   that no pattern of the week looks like a trend.
/// - What is left is scaled by its own variance, and by `(1 + ρ) / (1 - ρ)` where neighbouring days are alike
///   (M. S. Bartlett, "On the Theoretical Specification and Sampling Properties of Autocorrelated Time-Series", Supplement
///   to the JRSS 8, 1946). Around a fitted line the correlation `ρ` of neighbouring residuals of `n` days comes out too low
///   by about `(2 + 4 ρ) / n`, which is put right; M. G. Kendall, "Note on Bias in the Estimation of Autocorrelation",
///   Biometrika 41, 1954, has the like around a mean.
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
    var regression = ClickRegression(window, clicks: clicks)
    return regression.fit()
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

/// The regression behind ``FatigueTrend``: `log(rate) = level of the weekday + slope * time`, fitted by quasi-likelihood.
private struct ClickRegression {
  private let days: [ClickDay]
  private let clicks: Double
  /// From the first day to the last.
  private let span: Double
  /// How many different days of the week there are.
  private let weekdays: Int

  /// Change of the logarithm of the rate a day.
  private var slope = 0.0
  /// The rate in the middle of the window.
  private var rate = 0.0
  /// `φ`, 0 or more.
  private var dispersion = 0.0
  /// Each day's weight, its distance in time from the mean of its weekday, and that of its clicks, as a share of those to
  /// expect.
  private var weights: [Double]
  private var times: [Double]
  private var deviations: [Double]

  /// Rounds of fitting at most; three to eight do.
  private static let rounds = 20
  /// The steepest slope, as a change of the logarithm over the window: beyond it all rates are as good as nothing.
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

  /// Fits by iteratively reweighted least squares; nil where the days leave nothing to fit.
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

  /// Sets what is fitted next, around the present slope.
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

  /// Takes from times and deviations the weighted mean of their weekday.
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

  /// The variance of weighted residuals, of which 1 is what weights allow for, with what neighbouring days share.
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
