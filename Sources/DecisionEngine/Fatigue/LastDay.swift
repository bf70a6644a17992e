import Values

/// How far the last day of an ad stands out from the days before it.
enum LastDay {
  /// How many rules judge each ad: the probability that one of them finds something is at most this many times that of
  /// one.
  private static let ruleCount = 3.0
  /// Added to the actual and to the expected clicks. The logarithm of a few clicks is skewed, so low days would stand
  /// out too often: for constant ads with 10 clicks a day, seven times as often as they should at a probability of 1 in
  /// 1,000 with half a click added, and 1.5 times as often with five.
  private static let calm = 5.0

  /// The probability that the ad's usual variation makes a day stand out as far as the last one does in what the
  /// report's rule judges; 1 where no rule found anything, nil where there is no day to compare with.
  ///
  /// The logarithm of the last day's value is compared with the mean of the logarithms of the other days, in units of
  /// the error of such a prediction, `s sqrt(1 + 1 / n)`, by Student's t. The deviation `s` is that of the other days;
  /// for CTR it is at least that of the expected number of clicks. A frequency above its threshold is a state rather
  /// than a change, so its probability is 0.
  static func chance(of report: FatigueReport, on days: [DeliveryDay]) -> Double? {
    guard let last = days.last, last.impressions > 0 else { return nil }
    let others = days.dropLast().filter { $0.impressions > 0 }
    let logarithms: (others: [Double], last: Double)
    var (sign, least) = (-1.0, 0.0)
    switch report.rule {
    case .tooFewDays: return nil
    case .noSign: return 1
    case .highFrequency: return 0
    case .ctrDecline:
      let rate = sum(others) { Double($0.clicks) } / sum(others) { Double($0.impressions) }
      logarithms = (others.map { logClicks($0, at: rate) }, logClicks(last, at: rate))
      let expected = Double(last.impressions) * rate
      least = expected / ((expected + calm) * (expected + calm))
    case .cpmSpike:
      logarithms = (
        others.filter { $0.cpm > 0 }.map { PortableMath.log($0.cpm) }, PortableMath.log(last.cpm)
      )
      sign = 1
    case .stalledGrowth:
      logarithms = (others.map { logImpressions($0) }, logImpressions(last))
    }
    guard logarithms.others.count >= 2 else { return nil }
    let chance = chance(
      sign * logarithms.last, among: logarithms.others.map { sign * $0 }, least: least)
    return min(1, ruleCount * chance)
  }

  /// The probability of a number at least as large as `last` among numbers like `others`, whose variance is at least
  /// `least`.
  private static func chance(_ last: Double, among others: [Double], least: Double) -> Double {
    let count = Double(others.count)
    let mean = others.reduce(0, +) / count
    let variance = max(others.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1), least)
    guard variance > 0 else { return last > mean ? 0 : 1 }
    let statistic = (last - mean) / (variance * (1 + 1 / count)).squareRoot()
    return PortableMath.studentCDF(-statistic.finite, freedom: count - 1)
  }

  /// The logarithm of clicks over expected clicks, with ``calm`` added to both.
  private static func logClicks(_ day: DeliveryDay, at rate: Double) -> Double {
    PortableMath.log((Double(max(0, day.clicks)) + calm) / (Double(day.impressions) * rate + calm))
  }

  private static func logImpressions(_ day: DeliveryDay) -> Double {
    PortableMath.log(Double(day.impressions))
  }

  private static func sum(_ days: [DeliveryDay], _ figure: (DeliveryDay) -> Double) -> Double {
    days.reduce(0) { $0 + figure($1) }
  }
}
