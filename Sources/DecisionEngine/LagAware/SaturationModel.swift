import Values

/// How each ad's delivery grows with its spend in a day: impressions = yield * scale * ln(1 + spend / scale).
///
/// A day's prices affect all ads, so they are removed day by day; the yield is the ad's own. The scale is estimated on
/// a grid, first one for all ads together, then each ad's around that.
struct SaturationModel {
  /// The delivery of one ad.
  struct Curve: Hashable {
    /// The daily spend, in major units, at which the next unit buys half of what the first one bought.
    var scale: Double
    /// ln of impressions for each unit of spend without saturation, on an average day.
    var yield: Double
  }

  /// The curves, in the order of the ads.
  private(set) var curves: [Curve]

  /// One day of one ad.
  private struct Row {
    let ad: Int
    let day: Int
    let spend: Double
    /// ln of impressions for each unit of spend.
    let yield: Double
  }

  private static let grid = Array(stride(from: -3.0, through: 4.5, by: 0.375))
  private static let ownGrid = Array(stride(from: -1.2, through: 1.2, by: 0.3))
  /// More rows than this add nothing, however many ads there are.
  private static let rowLimit = 12_000
  /// The smallest variance that ln of prices is assumed to have.
  private static let leastNoise = 1e-4

  /// `share` is an even share of the budget in major units: the prior is relative to it.
  init(_ ads: [AdTally], share: Double, prior: FieldPrior) {
    let rows = Self.rows(of: ads)
    let center = PortableMath.log(max(share, 1e-6))
    curves = Array(
      repeating: Curve(scale: PortableMath.exp(center + prior.saturation.mean), yield: prior.impressionsPerSpend),
      count: ads.count)
    guard !rows.isEmpty else { return }
    let (log, noise) = Self.commonScale(rows, center: center, prior)
    let scale = PortableMath.exp(center + log)
    let fit = Self.fit(rows, scale)
    var rowsByAd = Array(repeating: [Row](), count: ads.count)
    for row in rows { rowsByAd[row.ad].append(row) }
    for index in ads.indices {
      curves[index] = Self.ownCurve(rowsByAd[index], scale, fit, noise, prior.saturationSpread)
    }
  }

  /// ln(ln(1 + x) / x): how much a spend of x scales lowers the yield.
  private static func strain(_ x: Double) -> Double {
    x < 1e-3 ? -x / 2 : PortableMath.log(PortableMath.log(1 + x) / x)
  }

  private static func rows(of ads: [AdTally]) -> [Row] {
    let kept = max(rowLimit / max(ads.count, 1), 7)
    let first = ads.compactMap { $0.days.suffix(kept).first?.day }.min() ?? 0
    return ads.enumerated().flatMap { index, ad in
      ad.days.suffix(kept).filter { $0.spend > 0 && $0.impressions > 20 }.map { day in
        Row(
          ad: index, day: day.day - first, spend: day.spend,
          yield: PortableMath.log((Double(day.impressions) / day.spend).finite))
      }
    }
  }

  private static func fit(_ rows: [Row], _ scale: Double) -> DayEffects {
    DayEffects(rows.map { DayEffects.Row(ad: $0.ad, day: $0.day, value: $0.yield - strain($0.spend / scale)) })
  }

  /// The posterior mean of ln of the scale that fits all ads, relative to `center`, and the variance of ln of prices.
  private static func commonScale(_ rows: [Row], center: Double, _ prior: FieldPrior) -> (log: Double, noise: Double) {
    let fits = grid.map { fit(rows, PortableMath.exp(center + $0)) }
    let best = fits.reduce(Double.infinity) { min($0, $1.squares) }
    let noise = max((best + leastNoise) / max(fits[0].freedom, 1), leastNoise)
    var (whole, sum) = (0.0, 0.0)
    for (log, fit) in zip(grid, fits) {
      let distance = (log - prior.saturation.mean) / prior.saturation.deviation
      let weight = PortableMath.exp(-(fit.squares - best) / (2 * noise) - distance * distance / 2)
      whole += weight
      sum += weight * log
    }
    return (sum / whole, noise)
  }

  private static func ownCurve(
    _ rows: [Row], _ common: Double, _ fit: DayEffects, _ noise: Double, _ spread: Double
  ) -> Curve {
    guard !rows.isEmpty else { return Curve(scale: common, yield: fit.grand) }
    let scores = ownGrid.map { offset in
      let scale = common * PortableMath.exp(offset)
      var (sum, squares) = (0.0, 0.0)
      for row in rows {
        let rest = row.yield - fit.days[row.day] - strain(row.spend / scale)
        sum += rest
        squares += rest * rest
      }
      let mean = sum / Double(rows.count)
      let distance = offset / spread
      return (offset: offset, yield: mean, score: -(squares - sum * mean) / (2 * noise) - distance * distance / 2)
    }
    let top = scores.reduce(-Double.infinity) { max($0, $1.score) }
    var (whole, offset, yield) = (0.0, 0.0, 0.0)
    for item in scores {
      let weight = PortableMath.exp(item.score - top)
      whole += weight
      offset += weight * item.offset
      yield += weight * item.yield
    }
    return Curve(scale: common * PortableMath.exp(offset / whole), yield: yield / whole)
  }
}

/// The effects that days and ads have in common, computed alternately as the mean of what the other leaves.
private struct DayEffects {
  struct Row {
    let ad: Int
    let day: Int
    let value: Double
  }

  private(set) var grand: Double
  private(set) var days: [Double]
  private(set) var squares = 0.0
  let freedom: Double

  init(_ rows: [Row]) {
    let adCount = rows.reduce(0) { max($0, $1.ad + 1) }
    let dayCount = rows.reduce(0) { max($0, $1.day + 1) }
    grand = rows.reduce(0) { $0 + $1.value } / Double(max(rows.count, 1))
    days = Array(repeating: 0, count: dayCount)
    freedom = Double(rows.count - dayCount - adCount)
    var ads = Array(repeating: 0.0, count: adCount)
    for _ in 0..<4 {
      days = Self.means(rows, dayCount, \.day) { [grand] in $0.value - grand - ads[$0.ad] }
      ads = Self.means(rows, adCount, \.ad) { [grand, days] in $0.value - grand - days[$0.day] }
    }
    for row in rows {
      let rest = row.value - grand - ads[row.ad] - days[row.day]
      squares += rest * rest
    }
  }

  private static func means(
    _ rows: [Row], _ count: Int, _ key: KeyPath<Row, Int>, _ rest: (Row) -> Double
  ) -> [Double] {
    var sums = Array(repeating: 0.0, count: count)
    var counts = Array(repeating: 0.0, count: count)
    for row in rows {
      sums[row[keyPath: key]] += rest(row)
      counts[row[keyPath: key]] += 1
    }
    return zip(sums, counts).map { $1 > 0 ? $0 / $1 : 0 }
  }
}
