import RemoteAPIs
import Values

/// A campaign, an ad set or an ad as last read from Meta.
package struct AdObject: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case campaign
    case adSet = "ad_set"
    case ad
  }

  package let kind: Kind
  package let id: MetaID
  /// The campaign of an ad set or an ad; nil for a campaign.
  package let campaignID: MetaID?
  /// The ad set of an ad; nil for anything else.
  package let adSetID: MetaID?
  package let name: String
  /// Its own switch, as Meta's status: `ACTIVE`, `PAUSED`, `ARCHIVED` or `DELETED`.
  package var status: String
  /// Whether it runs, taking its parents into account; nil for a status that this release does not know.
  package var effectiveStatus: MetaEffectiveStatus?
  /// The average per day, in Meta's units (``MetaCurrency``); nil where it has none of its own. An ad never has one.
  package var dailyBudget: Int64?
  /// For its whole run, in Meta's units; nil where it has none.
  package var lifetimeBudget: Int64?
  /// Whether schedules change the budget temporarily: ``dailyBudget`` alone is then not today's cap.
  package var hasBudgetSchedules = false
  /// Those schedules.
  package var budgetSchedules: [MetaBudgetSchedule] = []
  /// Of a campaign: whether its ad sets lend each other up to 20 % of their budgets.
  package var sharesBudgets = false
  /// Of a campaign: the most that it may ever spend, in Meta's units; nil for no cap.
  package var spendCap: Int64?
  /// Of an ad set: how far Meta has learned whom to show it to; nil where Meta does not report it.
  package var learning: MetaLearning?
  /// Of an ad set: when it begins and ends delivery; nil where that is not set.
  package var startsAt: Instant?
  package var endsAt: Instant?
  /// When it was last changed, by Meta's clock; nil where Meta does not report it.
  package var updatedAt: Instant?

  /// Whether it can still run: it is neither archived nor deleted.
  package var exists: Bool { effectiveStatus != .archived && effectiveStatus != .deleted }

  /// Whether it holds a budget: an ad's budget is on its ad set, or on the campaign.
  package var hasBudget: Bool { dailyBudget != nil || lifetimeBudget != nil }
}

extension AdObject {
  package init(_ campaign: MetaCampaign) {
    self.init(
      kind: .campaign, id: campaign.id, campaignID: nil, adSetID: nil, name: Self.cut(campaign.name),
      status: campaign.status.text, effectiveStatus: campaign.effectiveStatus)
    take(campaign.budget)
    sharesBudgets = campaign.sharesAdSetBudgets
    spendCap = campaign.spendCap
    updatedAt = campaign.updatedAt
  }

  package init(_ adSet: MetaAdSet) {
    self.init(
      kind: .adSet, id: adSet.id, campaignID: adSet.campaignID, adSetID: nil, name: Self.cut(adSet.name),
      status: adSet.status.text, effectiveStatus: adSet.effectiveStatus)
    take(adSet.budget)
    learning = adSet.learning
    startsAt = adSet.startsAt
    endsAt = adSet.endsAt
    updatedAt = adSet.updatedAt
  }

  package init(_ ad: MetaAd) {
    self.init(
      kind: .ad, id: ad.id, campaignID: ad.campaignID, adSetID: ad.adSetID, name: Self.cut(ad.name),
      status: ad.status.text, effectiveStatus: ad.effectiveStatus)
    updatedAt = ad.updatedAt
  }

  init(
    kind: Kind, id: MetaID, campaignID: MetaID?, adSetID: MetaID?, name: String, status: String,
    effectiveStatus: MetaEffectiveStatus?
  ) {
    self.kind = kind
    self.id = id
    self.campaignID = campaignID
    self.adSetID = adSetID
    self.name = name
    self.status = status
    self.effectiveStatus = effectiveStatus
  }

  private mutating func take(_ budget: MetaBudget) {
    dailyBudget = budget.daily
    lifetimeBudget = budget.lifetime
    hasBudgetSchedules = budget.hasSchedules
  }

  /// Names may contain anything, but no database stores U+0000.
  private static func cut(_ name: String) -> String {
    String(String.UnicodeScalarView(name.unicodeScalars.filter { $0.value != 0 }).prefix(400)).canonical
  }
}
