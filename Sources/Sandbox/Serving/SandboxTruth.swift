import Crypto
import Formats
import Simulator
import Values

/// What is true of a sandbox, whatever its APIs say.
struct SandboxTruth {
  private let state: Sandbox.State
  private let now: Instant
  private let world: AdWorld

  init(_ state: Sandbox.State, at now: Instant) {
    self.state = state
    self.now = now
    world = state.world
  }

  /// All of it. Amounts are decimal strings in major units, budgets whole minor units as in Meta's API.
  var json: JSONValue {
    .present([
      ("now", .text(now)), ("today", .text(world.calendar.day(of: now))),
      ("start", .text(world.settings.start)),
      ("currency", .string(world.settings.currency.code)),
      ("time_zone", .string(world.calendar.name)),
      ("seed", .integer(world.settings.seed)), ("totals", totals(of: world)),
      ("untouched", totals(of: state.untouched)),
      ("campaigns", .array(world.campaigns.indices.map(campaign))),
      ("ad_sets", .array(world.adSets.indices.map(adSet))),
      ("ads", .array(world.ads.indices.map(ad))),
      ("videos", .array(videos)), ("creatives", .integer(state.graph.library.creatives.count)),
      ("stage_values", stageValues),
      ("writes", .integer(world.changes.writes)),
      ("refused", counts(world.changes.refusals)),
      ("limits_broken", counts(world.changes.brokenLimits)),
      ("hand_edits", .integer(world.changes.handEdits)), ("requests", counts(state.requests)),
      ("faults", counts(faultCounts)),
      (
        "webhooks",
        [
          "taken": .integer(state.webhooks.taken), "failed": .integer(state.webhooks.failed),
          "waiting": .integer(state.webhooks.waitingCount),
          "given_up": .integer(state.webhooks.givenUp),
          "lost": .integer(state.webhooks.lost),
        ]
      ),
    ])
  }

  private var faultCounts: [String: Int] {
    Dictionary(uniqueKeysWithValues: state.graphFaults.counts.map { ($0.key.rawValue, $0.value) })
  }

  private func counts(_ counts: [String: Int]) -> JSONValue {
    .object(JSONObject(counts.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) }))
  }

  private func amount(_ minorUnits: Int64) -> JSONValue {
    .text(Money(minorUnits: minorUnits, of: world.settings.currency))
  }

  private func totals(of world: AdWorld) -> JSONValue {
    var figures = DayFigures()
    for ad in world.ads { for day in ad.days { figures += day } }
    return [
      "spend": amount(figures.spend), "impressions": .integer(figures.impressions),
      "clicks": .integer(figures.clicks), "leads": .integer(figures.leads),
      "won_deals": .integer(world.ads.reduce(0) { $0 + $1.wonDeals }),
      "revenue": amount(world.ads.reduce(0) { $0 + $1.revenue }),
      "eventual_revenue": amount(world.ads.reduce(0) { $0 + $1.eventualRevenue }),
      "expected_revenue": amount(
        Int64(clamping: world.ads.reduce(0) { $0 + $1.expectedRevenue }.rounded())),
    ]
  }

  private func head(_ head: ObjectHead, _ effective: EffectiveStatus) -> [(
    key: String, value: JSONValue?
  )] {
    [
      ("id", .string(head.id)), ("name", .string(head.name)),
      ("status", .string(head.status.rawValue)),
      ("effective_status", .string(effective.rawValue)),
    ]
  }

  private func budget(_ budget: Budget?) -> [(key: String, value: JSONValue?)] {
    [
      ("daily_budget", budget.map { .integer($0.daily) }),
      ("spent_today", budget.map { amount($0.charges[world.day(of: now)] ?? 0) }),
      (
        "edits_within_hour",
        budget.map { .integer($0.edits.count { $0 > now.adding(seconds: -3_600) }) }
      ),
      ("blocked_until", budget?.blockedUntil.flatMap { $0 > now ? .text($0) : nil }),
    ]
  }

  private func campaign(_ position: Int) -> JSONValue {
    let campaign = world.campaigns[position]
    return .present(
      head(campaign.head, world.effectiveStatus(ofCampaign: position)) + budget(campaign.budget))
  }

  private func adSet(_ position: Int) -> JSONValue {
    let adSet = world.adSets[position]
    return .present(
      head(adSet.head, world.effectiveStatus(ofAdSet: position))
        + [("campaign_id", .string(world.campaigns[adSet.campaign].head.id))]
        + budget(world.budget(at: .adSet(position))))
  }

  private func ad(_ position: Int) -> JSONValue {
    let ad = world.ads[position]
    var figures = DayFigures()
    for day in ad.days { figures += day }
    return .present(
      head(ad.head, world.effectiveStatus(ofAd: position)) + [
        ("adset_id", .string(world.adSets[ad.adSet].head.id)), ("spend", amount(figures.spend)),
        ("impressions", .integer(figures.impressions)), ("clicks", .integer(figures.clicks)),
        ("leads", .integer(figures.leads)), ("won_deals", .integer(ad.wonDeals)),
        ("revenue", amount(ad.revenue)),
        ("eventual_revenue", amount(ad.eventualRevenue)),
        ("expected_revenue", amount(Int64(clamping: ad.expectedRevenue.rounded()))),
      ])
  }

  /// The bytes of videos that came, to be compared with those that were sent.
  private var videos: [JSONValue] {
    state.graph.library.videos.values.sorted { $0.id < $1.id }.map {
      [
        "id": .string($0.id), "bytes": .integer($0.received),
        "sha256": .string(Hex.text($0.hash.finalize())),
        "is_uploaded": .bool($0.isUploaded), "is_ready": .bool($0.isReady),
      ]
    }
  }

  private var stageValues: JSONValue {
    .object(JSONObject(world.settings.stageValues.map { ($0.stage, .text($0.value)) }))
  }
}
