import DecisionEngine
import Simulator
import Values

/// An ad that a program makes.
struct NewAd: Sendable {
  var name: String
  /// The position of its ad set.
  var adSet: Int
  var status: ConfiguredStatus
  /// The number of its creative.
  var creative: String
  /// The address that a click leads to.
  var link: String
  /// What is added to that address, with places to be filled in.
  var urlTags: String?
  var labels: [String] = []
}

/// What Meta's reviewers say of an ad, and from when on.
struct Review: Sendable {
  let endsAt: Instant
  let isApproved: Bool
}

extension AdWorld {
  /// Makes an ad, which is reviewed before it runs, and returns its number.
  mutating func create(_ new: NewAd, at now: Instant) throws(ChangeRefusal) -> String {
    let id = nextAdID
    let refusal = self.refusal(of: new)
    changes.note(id, "ad", from: nil, to: new.name, by: .api, at: now, refusal, budgets: dailyBudget)
    if let refusal { throw refusal }
    guard
      let market = SimulatedAd(
        number: Self.firstCreated + ads.count, launchDay: day(of: now), in: settings.market,
        seed: settings.seed)
    else { throw .unknownObject }
    add(market, named: new.name, to: new.adSet, day: day(of: now), at: now)
    let position = ads.count - 1
    ads[position].head.status = new.status
    ads[position].origin = new
    ads[position].review = review(of: id, at: now)
    return id
  }

  /// What the numbers of the market's ads never reach.
  private static let firstCreated = 1_000_000

  private func refusal(of new: NewAd) -> ChangeRefusal? {
    let adSet = adSets[new.adSet]
    let status = EffectiveStatus(adSet.head.status)
    if status.isGone { return .gone(status) }
    let count = adSet.ads.count { ads[$0].head.status != .deleted }
    return count >= Self.adsPerAdSet ? .tooManyAds : nil
  }

  /// Reviews take up to twenty hours, and one ad in twelve is refused.
  private func review(of id: String, at now: Instant) -> Review {
    var stream = RandomStream(seed: settings.seed, name: "review:\(id)")
    let hours = 1 + 19 * stream.nextUniform()
    return Review(
      endsAt: now.adding(seconds: Int64(clamping: hours * 3_600)),
      isApproved: stream.nextUniform() >= 1.0 / 12)
  }

  /// What a review makes of an ad's status; nil where it stands in nothing's way.
  func status(byReviewOf ad: Ad) -> EffectiveStatus? {
    guard let review = ad.review else { return nil }
    if review.endsAt > Instant(seconds: nextStep * Self.stepSeconds) { return .pendingReview }
    return review.isApproved ? nil : .disapproved
  }
}
