import DecisionEngine
import Simulator
import Values

/// Something that happened to a deal, as the CRM hears of it.
struct DealHappening: Sendable {
  /// The deal's number among all deals of the world, from 1.
  let deal: Int
  /// The position of the ad that brought it.
  let ad: Int
  /// Whether what the CRM holds of the deal leads to the ad.
  let isAttributed: Bool
  let move: DealEvent.Move
  let at: Instant
  /// A sale's amount, in minor units.
  let amount: Int64?
}

/// An ad account and its market, which go on as time passes and as budgets and switches are changed.
///
/// It knows nothing of how it is asked, and no clock: the same settings, and the same changes at the same moments, give
/// the same world, however often and far it is moved on.
package struct AdWorld: Sendable {
  /// Ads are shown and charged for in steps of half an hour.
  static let stepSeconds: Int64 = 1_800

  /// What the world was made by.
  package let settings: WorldSettings
  /// The ad account's clocks.
  package let calendar: WorldCalendar
  let market: SimulatedWorld
  /// The account's day 0.
  let firstDay: CalendarDay
  /// The moment from which on ads run.
  let beginning: Instant
  /// The first step that has not happened, counted from 1970.
  var nextStep: Int64

  var campaigns: [Campaign] = []
  var adSets: [AdSet] = []
  var ads: [Ad] = []
  /// Where each object is, by its number.
  var places: [String: ObjectPlace] = [:]
  /// How many ads of the market have been launched.
  var launched = 0
  /// The day for which ads were launched and weighed last.
  var preparedDay = -1
  var dealCount = 0
  /// What will happen to deals, by step.
  var upcoming: [Int64: [DealHappening]] = [:]
  /// The changes that were asked for.
  var changes = ChangeLog()

  /// Makes the account as it is before its history. Throws where there is no such world.
  package init(_ settings: WorldSettings) throws(SandboxError) {
    if let rule = settings.brokenRule { throw .impossibleWorld(rule: rule) }
    guard let calendar = WorldCalendar(timeZone: settings.timeZone) else {
      throw .unknownTimeZone(settings.timeZone)
    }
    do {
      market = try SimulatedWorld(settings.market, seed: settings.seed)
    } catch {
      throw .impossibleWorld(rule: "\(error)")
    }
    self.settings = settings
    self.calendar = calendar
    let today = calendar.day(of: settings.start)
    firstDay = today.adding(days: -settings.historyDays)
    beginning = settings.historyDays == 0 ? settings.start : calendar.start(of: firstDay)
    nextStep = Self.step(of: beginning)
    build()
  }

  /// The step that holds a moment.
  static func step(of instant: Instant) -> Int64 {
    (instant.seconds - (instant.seconds < 0 ? stepSeconds - 1 : 0)) / stepSeconds
  }

  /// The last moment that the world reaches.
  package var end: Instant {
    calendar.start(of: firstDay.adding(days: WorldSettings.days - 1 - firstDay.weekdayFromMonday))
  }

  /// The day of the world, from 0, that holds a moment.
  func day(of instant: Instant) -> Int {
    calendar.day(of: instant).daysSinceEpoch - firstDay.daysSinceEpoch
  }

  /// Lets everything happen that happens until `now`, and says what became of deals, in time.
  mutating func advance(to now: Instant) -> [DealHappening] {
    var happenings: [DealHappening] = []
    let target = Self.step(of: min(now, end))
    while nextStep < target {
      deliver(nextStep)
      let due = upcoming.removeValue(forKey: nextStep) ?? []
      for happening in due.sorted(by: { ($0.at, $0.deal) < ($1.at, $1.deal) }) {
        book(happening)
        happenings.append(happening)
      }
      nextStep += 1
    }
    return happenings
  }

  private mutating func book(_ happening: DealHappening) {
    guard let amount = happening.amount else { return }
    ads[happening.ad].wonDeals += 1
    ads[happening.ad].revenue += amount
  }
}

extension AdWorld {
  /// What comes of a campaign's switch.
  func effectiveStatus(ofCampaign position: Int) -> EffectiveStatus {
    EffectiveStatus(campaigns[position].head.status)
  }

  /// What comes of an ad set's switch and its campaign's.
  func effectiveStatus(ofAdSet position: Int) -> EffectiveStatus {
    let own = EffectiveStatus(adSets[position].head.status)
    guard own == .active else { return own }
    switch effectiveStatus(ofCampaign: adSets[position].campaign) {
    case .paused: return .campaignPaused
    case let above: return above
    }
  }

  /// What comes of an ad's switch and those above it.
  func effectiveStatus(ofAd position: Int) -> EffectiveStatus {
    let own = EffectiveStatus(ads[position].head.status)
    if !own.isGone, let status = status(byReviewOf: ads[position]) { return status }
    guard own == .active else { return own }
    switch effectiveStatus(ofAdSet: ads[position].adSet) {
    case .paused: return .adSetPaused
    case let above: return above
    }
  }

  /// The budget that pays for an ad set.
  func budget(ofAdSet position: Int) -> ObjectPlace {
    let campaign = adSets[position].campaign
    return campaigns[campaign].budget == nil ? .adSet(position) : .campaign(campaign)
  }
}
