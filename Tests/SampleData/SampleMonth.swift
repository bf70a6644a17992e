import Accounts
import DecisionEngine
import Measurement
import Values

/// A believable month of a coaching business's ads, made from a seed.
///
/// Each ad has its own appeal (clicks) and its own quality (what becomes of the leads). Click-bait and quiet winners
/// are among them, and deals move through the pipeline with delays, so that the decisions have something to find.
struct SampleMonth: Sendable {
  /// Days of figures.
  static let days = 30
  /// The stages a deal can reach, by the reference pipeline's names, with the chance to get there and the usual wait.
  private static let steps: [(stage: String, chance: Double, hours: Double)] = [
    ("appointment_scheduled", 0.16, 40), ("show_up", 0.45, 90), ("closed_won", 0.20, 240),
  ]

  /// The figures, day by day and ad by ad.
  let figures: [DailyMetrics]
  /// The deals.
  let deals: [DealUpdate]

  private struct Profile {
    let id: String
    let name: String
    let startDay: Int
    let dailyBudget: Double
    let ctr: Double
    let leadRate: Double
    let quality: Double
  }

  private static let profiles = [
    Profile(
      id: "120210000000001", name: "Founder story", startDay: 0, dailyBudget: 80, ctr: 0.011, leadRate: 0.050,
      quality: 1.5),
    Profile(
      id: "120210000000002", name: "Case study: dental clinic", startDay: 0, dailyBudget: 70, ctr: 0.009,
      leadRate: 0.055, quality: 1.8),
    Profile(
      id: "120210000000003", name: "You won't believe this trick", startDay: 0, dailyBudget: 75, ctr: 0.034,
      leadRate: 0.028, quality: 0.1),
    Profile(
      id: "120210000000004", name: "Webinar invitation", startDay: 0, dailyBudget: 60, ctr: 0.014, leadRate: 0.044,
      quality: 0.8),
    Profile(
      id: "120210000000005", name: "Testimonial: Maria", startDay: 2, dailyBudget: 50, ctr: 0.012, leadRate: 0.044,
      quality: 1.1),
    Profile(
      id: "120210000000006", name: "Whiteboard explainer", startDay: 3, dailyBudget: 40, ctr: 0.008, leadRate: 0.033,
      quality: 0.6),
    Profile(
      id: "120210000000007", name: "Free checklist", startDay: 5, dailyBudget: 55, ctr: 0.026, leadRate: 0.061,
      quality: 0.2),
    Profile(
      id: "120210000000008", name: "Objections answered", startDay: 8, dailyBudget: 45, ctr: 0.010, leadRate: 0.039,
      quality: 1.3),
    Profile(
      id: "120210000000009", name: "Behind the scenes", startDay: 12, dailyBudget: 35, ctr: 0.013, leadRate: 0.028,
      quality: 0.7),
    Profile(
      id: "120210000000010", name: "Price comparison", startDay: 17, dailyBudget: 40, ctr: 0.015, leadRate: 0.039,
      quality: 0.9),
    Profile(
      id: "120210000000011", name: "Live question round", startDay: 24, dailyBudget: 30, ctr: 0.018, leadRate: 0.044,
      quality: 1.0),
    Profile(
      id: "120210000000012", name: "New offer teaser", startDay: 29, dailyBudget: 30, ctr: 0.020, leadRate: 0.033,
      quality: 1.0),
  ]

  /// Makes the month that ends on `lastDay`; the same seed gives the same month.
  ///
  /// `start` gives the first moment of a day by the account's calendar.
  init(seed: UInt64, lastDay: CalendarDay, calendar: AccountCalendar) {
    var figures: [DailyMetrics] = []
    var deals: [DealUpdate] = []
    let now = calendar.start(of: lastDay.adding(days: 1))
    for profile in Self.profiles {
      guard let adID = AdID(profile.id) else { continue }
      var stream = RandomStream(seed: seed, name: profile.id)
      for offset in profile.startDay..<Self.days {
        let date = lastDay.adding(days: offset - Self.days + 1)
        let day = Self.day(profile, adID, date, age: offset - profile.startDay, &stream)
        figures.append(day)
        for number in 0..<(day.leads ?? 0) {
          let created = calendar.start(of: date).adding(seconds: Int64(clamping: stream.nextUniform() * 86_400))
          deals.append(
            Self.deal("demo-\(profile.id)-\(date)-\(number)", adID, profile.quality, created, now, &stream))
        }
      }
    }
    self.figures = figures
    self.deals = deals
  }

  private static func day(
    _ profile: Profile, _ adID: AdID, _ date: CalendarDay, age: Int, _ stream: inout RandomStream
  ) -> DailyMetrics {
    let weekend = (date.daysSinceEpoch + 4) % 7 % 6 == 0
    let spend = profile.dailyBudget * (0.9 + 0.2 * stream.nextUniform())
    let cpm = (weekend ? 26.0 : 22.0) * (0.85 + 0.3 * stream.nextUniform())
    let impressions = Int(clamping: spend / cpm * 1000)
    let wear = 1 / (1 + 0.03 * Double(age))
    let clicks = Self.successes(impressions, profile.ctr * wear, &stream)
    var day = DailyMetrics(
      adID: adID, day: date, impressions: impressions, clicks: clicks,
      spend: Money(micros: Int64(clamping: spend * 100) * 10_000))
    day.adName = profile.name
    day.frequency = 1.1 + 0.06 * Double(age) * (0.9 + 0.2 * stream.nextUniform())
    day.reach = Int(clamping: Double(impressions) / (day.frequency ?? 1))
    day.leads = Self.successes(clicks, profile.leadRate, &stream)
    return day
  }

  /// How many of `trials` succeed: drawn one by one where they are few, else from the normal approximation.
  private static func successes(_ trials: Int, _ chance: Double, _ stream: inout RandomStream) -> Int {
    guard trials > 200 else {
      return (0..<trials).reduce(0) { count, _ in count + (stream.nextUniform() < chance ? 1 : 0) }
    }
    let mean = Double(trials) * chance
    let draw = mean + (mean * (1 - chance)).squareRoot() * stream.nextNormal()
    return min(max(Int(clamping: draw.rounded()), 0), trials)
  }

  private static func deal(
    _ id: String, _ adID: AdID, _ quality: Double, _ created: Instant, _ now: Instant, _ stream: inout RandomStream
  ) -> DealUpdate {
    var moves = [DealUpdate.Move(stage: "lead", occurredAt: created)]
    var moment = created
    for step in steps {
      let wait = step.hours * stream.nextGamma(shape: 2) / 2
      let advances = stream.nextUniform() < min(0.95, step.chance * quality)
      moment = moment.adding(seconds: Int64(clamping: wait * 3_600))
      guard moment < now else { break }
      moves.append(DealUpdate.Move(stage: advances ? step.stage : "closed_lost", occurredAt: moment))
      guard advances else { break }
    }
    let amount = 3_000 + 2_000 * stream.nextGamma(shape: 3)
    return DealUpdate(
      dealID: id, adID: adID, amount: Money(micros: Int64(clamping: amount) * 1_000_000), createdAt: created,
      moves: moves,
      source: "sample")
  }
}
