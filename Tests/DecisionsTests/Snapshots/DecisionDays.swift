import AppTestKit
import Decisions
import Measurement
import TestKit
import Testing
import Values

/// Figures and deals of an account's ads, day after day, as files bring them: drawn from a seed.
struct DecisionDays {
  private(set) var day: CalendarDay
  private var random: SeededRandom
  private let ads: Int
  private var deals = 0

  init(seed: UInt64, ads: Int, from day: String) throws {
    random = SeededRandom(seed: seed)
    self.ads = ads
    self.day = try #require(CalendarDay(day))
  }

  /// Files with `count` days of figures, of which the first ones are restated days, and the moves of deals meanwhile.
  private mutating func files(days count: Int, restated: Int) -> (figures: String, deals: String) {
    var figures = "ad_id,date,impressions,clicks,spend,leads\n"
    var moves = "id,dealstage,ad_id,hs_v2_date_entered_current_stage,amount\n"
    for offset in -restated..<count {
      for ad in 1...ads where offset >= 0 || Int.random(in: 0..<5, using: &random) == 0 {
        let impressions = Int.random(in: 500...20_000, using: &random)
        let spend = Money(micros: .random(in: 0...90_000, using: &random) * 10_000)
        figures += "\(12_021_000 + ad * 37),\(day.adding(days: offset)),\(impressions),\(impressions / 90),\(spend),2\n"
      }
    }
    for offset in 0..<count {
      for _ in 0..<ads {
        deals += Int.random(in: 0...1, using: &random)
        let stage = ["lead", "appointment_scheduled", "show_up", "closed_won", "closed_lost"].randomElement(
          using: &random)
        let deal = Int.random(in: max(0, deals - 3 * ads)...deals, using: &random)
        let hour = Int.random(in: 10...19, using: &random)
        moves +=
          "d\(deal),\(stage ?? ""),\(12_021_000 + (deal % ads + 1) * 37),\(day.adding(days: offset))T\(hour):00:00Z,"
          + "\(Int.random(in: 100...9_000, using: &random))\n"
      }
    }
    day = day.adding(days: count)
    return (figures, moves)
  }

  /// Imports the next days and sets the clock to the evening of the last.
  mutating func pass(_ count: Int = 1, restated: Int = 0, in test: TestSystem) async throws {
    let files = files(days: count, restated: restated)
    test.clock.set(to: Instant(startOf: day).adding(seconds: -3_000))
    try await test.importText(files.figures, as: .adsCSV)
    try await test.importText(files.deals, as: .hubspotDeals)
  }
}
