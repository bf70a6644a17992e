import DecisionEngine
import Testing
import Values

@testable import Sandbox

/// A Monday.
let monday = CalendarDay(daysSinceEpoch: 20_458)

func worldSettings(
  seed: UInt64 = 1, currency: String = "USD", timeZone: String = "UTC", history: Int = 0,
  _ change: (inout WorldSettings) -> Void = { _ in }
) throws -> WorldSettings {
  let calendar = try #require(WorldCalendar(timeZone: timeZone))
  var settings = WorldSettings(start: calendar.start(of: monday))
  settings.seed = seed
  settings.currency = try #require(Currency(currency))
  settings.timeZone = timeZone
  settings.historyDays = history
  change(&settings)
  return settings
}

extension AdWorld {
  /// Lets days pass; the world's days are those of its zone.
  @discardableResult
  mutating func pass(days: Int) -> [DealHappening] {
    advance(to: settings.start.adding(seconds: Int64(days) * 86_400))
  }

  /// What ads cost on a day, by the budget that paid.
  func spend(on day: Int) -> [ObjectPlace: Int64] {
    ads.reduce(into: [:]) { spend, ad in
      spend[budget(ofAdSet: ad.adSet), default: 0] += ad.figures(on: day).spend
    }
  }

  /// What was charged on a day, by the budget that paid.
  func charges(on day: Int) -> [ObjectPlace: Int64] {
    var charges: [ObjectPlace: Int64] = [:]
    for position in campaigns.indices { charges[.campaign(position)] = campaigns[position].budget?.charges[day] }
    for position in adSets.indices { charges[.adSet(position)] = adSets[position].budget?.charges[day] }
    return charges
  }
}
