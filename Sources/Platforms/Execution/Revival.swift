import Accounts
import DecisionEngine
import Execution
import Formats
import Measurement
import Values

/// An ad that this system paused, and that nobody has changed since.
struct PausedAd: Hashable, Sendable {
  let id: ObjectID
  let adID: AdID
  let change: TimedID
  /// When it was paused.
  let at: Instant
}

/// Finds paused ads that should be reactivated because of late revenue.
enum Revival {
  /// How long ago an ad may have been paused, in days.
  static let days: Int64 = 90
  /// The tolerance for clock differences with the platform, in seconds: an edit within it is assumed to be our own.
  private static let clockTolerance: Int64 = 300

  /// The ads that may be reactivated: our last change to their switch was a pause that came from a decision or a rule
  /// and was applied, and nobody has edited the ad at the platform since; their parents deliver, and their cooldown has
  /// ended. Ads whose reactivation was recently rejected or applied are left out, as are those that a person stated to
  /// be paused.
  ///
  /// `past` are the changes that ended in the last ``days`` days, in that order.
  static func candidates(
    in account: LiveAccount, _ ads: [KnownAds.Ad], past: [EndedChange], _ settings: ExecutionSettings, at now: Instant
  ) -> [PausedAd] {
    let switches = past.filter { $0.kind.isStatus && $0.state != .rejected }
    let last = Dictionary(switches.map { ($0.object, $0) }, uniquingKeysWith: { $1 })
    let restStart = now.adding(seconds: -Int64(FatigueRemedies.restDays) * 86_400)
    let resting = Set(past.filter { $0.origin == .revive && $0.endedAt >= restStart }.map(\.object))
    return ads.compactMap { ad in
      guard let id = ObjectID(ad.state.adID.value), !resting.contains(id), !isPausedByPerson(ad),
        let pause = last[id], pause.kind == .pause, pause.state == .verified, pause.origin != .rollback,
        let object = account[id], object.level == .ad, object.state == .paused,
        let parent = object.parentID, account.delivers(parent)
      else { return nil }
      let edited = object.editedAt ?? pause.endedAt
      guard edited <= pause.endedAt.adding(seconds: clockTolerance) else { return nil }
      let cooldown = account.isLearning(id) ? settings.learningCooldownMinutes : settings.cooldownMinutes
      guard max(edited, pause.endedAt).adding(seconds: Int64(cooldown) * 60) <= now else { return nil }
      return PausedAd(id: id, adID: ad.state.adID, change: pause.id, at: pause.endedAt)
    }
  }

  private static func isPausedByPerson(_ ad: KnownAds.Ad) -> Bool {
    guard case .person? = ad.delivery.statement?.source else { return false }
    return ad.delivery.state != .active
  }

  /// Wants a paused ad reactivated whose deals have raised it above the account's scale threshold since it was paused;
  /// nil where they have not, or where it was above it when it was paused.
  static func wanted(
    _ paused: PausedAd, _ state: AdState, _ worth: (then: PipelineTotals, now: PipelineTotals),
    _ configuration: AccountConfiguration
  ) -> WantedChange? {
    let thresholds = configuration.sampler().thresholds
    let isCash = thresholds.mode == .direct
    let (then, now) =
      isCash
      ? (worth.then.cashRevenue, worth.now.cashRevenue) : (worth.then.pipelineValue, worth.now.pipelineValue)
    guard let late = now.subtracting(then), late > .zero,
      let before = state.without(late, ofCash: isCash), thresholds.judgement(on: before).decision != .scale
    else { return nil }
    let judgement = thresholds.judgement(on: state)
    guard judgement.decision == .scale else { return nil }
    let kind = isCash ? "cash" : "pipeline"
    return WantedChange(
      .activate, paused.id, origin: .revive,
      reason:
        "ad \(paused.id) was paused on \((try? configuration.calendar.day(of: paused.at)).map { "\($0)" } ?? "\(paused.at)") "
        + "(change \(paused.change)); the worth of its deals has risen by \(late) since: its \(kind) ROAS is "
        + "\(FixedDecimal.text(judgement.roas, decimals: 2)), over \(FixedDecimal.text(thresholds.scaleROASThreshold, decimals: 2))"
    )
  }
}

extension AdState {
  /// The same ad before the worth of its deals rose by `late`; nil where that is impossible.
  fileprivate func without(_ late: Money, ofCash isCash: Bool) -> AdState? {
    try? AdState(
      accountID: accountID, adID: adID, impressions: impressions, clicks: clicks, spend: spend,
      pipelineValue: isCash ? pipelineValue : max(0, pipelineValue - late.majorUnits),
      cashRevenue: isCash ? max(0, cashRevenue - late.majorUnits) : cashRevenue, ageHours: ageHours,
      statedDailyBudget: statedDailyBudget)
  }
}
