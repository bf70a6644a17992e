import DecisionEngine
import Values

/// How recent figures differ from the final ones: Meta restates them for 28 days.
struct Restatement: Sendable {
  let seed: UInt64
  /// The share of days of ads that are first reported wrongly, 0 to 1.
  let share: Double

  /// Days after which figures are final.
  static let days = 28

  /// What is reported for an ad's day that lies `age` days back; `figures` are the true ones.
  ///
  /// Some days are first reported up to 8 % too low or 4 % too high, most of them for a few days and some for weeks.
  /// Leads are reported late.
  func reported(_ figures: DayFigures, of ad: String, day: Int, age: Int) -> DayFigures {
    guard age < Self.days else { return figures }
    var stream = RandomStream(seed: seed, name: "restated:\(ad):\(day)")
    guard stream.nextUniform() < share else { return figures }
    let error = stream.nextUniform() * 0.12 - 0.08
    let settles =
      stream.nextUniform() < 0.8 ? 1 + 3 * stream.nextUniform() : 27 * stream.nextUniform()
    guard Double(age) < settles else { return figures }
    var reported = figures
    let factor = 1 + error
    reported.spend = Int64(clamping: (Double(figures.spend) * factor).rounded())
    reported.impressions = Int(clamping: (Double(figures.impressions) * factor).rounded())
    reported.clicks = min(
      Int(clamping: (Double(figures.clicks) * factor).rounded()), reported.impressions)
    reported.leads = age == 0 ? figures.leads / 2 : figures.leads - figures.leads / 10
    return reported
  }
}
