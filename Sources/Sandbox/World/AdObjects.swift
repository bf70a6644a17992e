import Simulator
import Values

/// What an object of the account is switched to.
package enum ConfiguredStatus: String, Sendable, CaseIterable {
  case active = "ACTIVE"
  case paused = "PAUSED"
  case archived = "ARCHIVED"
  case deleted = "DELETED"
}

/// What comes of an object's own switch and those above it.
package enum EffectiveStatus: String, Sendable, CaseIterable {
  case active = "ACTIVE"
  case paused = "PAUSED"
  case archived = "ARCHIVED"
  case deleted = "DELETED"
  case pendingReview = "PENDING_REVIEW"
  case disapproved = "DISAPPROVED"
  case adSetPaused = "ADSET_PAUSED"
  case campaignPaused = "CAMPAIGN_PAUSED"

  init(_ status: ConfiguredStatus) {
    switch status {
    case .active: self = .active
    case .paused: self = .paused
    case .archived: self = .archived
    case .deleted: self = .deleted
    }
  }

  /// Whether lists leave the object out unless it is asked for.
  var isGone: Bool { self == .archived || self == .deleted }
}

/// What every object of the account has.
struct ObjectHead: Sendable {
  /// Meta's number.
  let id: String
  var name: String
  var status = ConfiguredStatus.active
  let createdAt: Instant
  var updatedAt: Instant

  init(id: String, name: String, at instant: Instant) {
    self.id = id
    self.name = name
    createdAt = instant
    updatedAt = instant
  }
}

/// A campaign. It holds a budget for all of its ad sets, or leaves each its own.
struct Campaign: Sendable {
  var head: ObjectHead
  var budget: Budget?
  /// Positions in the world's ad sets.
  var adSets: [Int] = []
}

/// An ad set. It holds a budget unless its campaign does.
struct AdSet: Sendable {
  var head: ObjectHead
  let campaign: Int
  var budget: Budget?
  /// Positions in the world's ads.
  var ads: [Int] = []
  /// The last change from which Meta learns anew.
  var lastSignificantEdit: Instant
}

/// What an ad did on a day of the account.
struct DayFigures: Hashable, Sendable {
  /// What it cost, in minor units.
  var spend: Int64 = 0
  var impressions = 0
  /// Clicks on the link.
  var clicks = 0
  var leads = 0

  static func += (sum: inout DayFigures, day: DayFigures) {
    sum.spend += day.spend
    sum.impressions += day.impressions
    sum.clicks += day.clicks
    sum.leads += day.leads
  }
}

/// An ad, and what came of it. Amounts are in minor units.
struct Ad: Sendable {
  var head: ObjectHead
  let adSet: Int
  /// What the market knows of it.
  let market: SimulatedAd
  /// What a program made it of; nil for the market's own ads.
  var origin: NewAd?
  /// Nil where nobody reviews it.
  var review: Review?
  /// The day of the world, from 0, that its first figures are of.
  let firstDay: Int
  /// One for each day since, without gaps.
  var days: [DayFigures] = []
  /// Impressions so far.
  var shown = 0.0
  /// Its part of the ad set's money, against those of the other ads, for a day.
  var weight = 0.0
  /// Money of the day that is less than a minor unit, in millionths of the major unit.
  var uncharged: Int64 = 0
  var leadCount = 0
  var wonDeals = 0
  /// What sales have brought so far.
  var revenue: Int64 = 0
  /// What the deals so far will have brought once all are through.
  var eventualRevenue: Int64 = 0
  /// What was to be expected of what was spent, by the market's own chances.
  var expectedRevenue = 0.0

  /// The figures of a day of the world; nothing before its first and after its last.
  func figures(on day: Int) -> DayFigures {
    let position = day - firstDay
    return days.indices.contains(position) ? days[position] : DayFigures()
  }

  /// The figures of today, which is brought into being by asking.
  mutating func grow(to day: Int) {
    while firstDay + days.count <= day { days.append(DayFigures()) }
  }
}

/// Where an object stands in the world.
enum ObjectPlace: Hashable, Sendable {
  case campaign(Int)
  case adSet(Int)
  case ad(Int)
}
