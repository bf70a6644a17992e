import Accounts
import Formats
import RemoteAPIs
import Storage
import Values

/// The steps of a launch that create the creative and the ad.
extension LaunchRunner {
  mutating func makeCreative() async throws {
    guard let draft = creativeDraft else {
      throw LaunchHalt.failed("it has no video", resume: .requested)
    }
    launch.creativeID = try await makeOnce(
      find: { client async throws(MetaError) in try await client.creatives(named: draft.name) },
      make: { client, deadline async throws(MetaError) in try await Self.create(draft, client, leavingBy: deadline) })
    launch.move(to: .ad, at: now)
    try await save()
  }

  private var creativeDraft: MetaCreativeDraft? {
    guard let video = launch.videoID, let thumbnail = launch.thumbnail else { return nil }
    let order = launch.order
    var draft = MetaCreativeDraft(
      name: launch.creativeName, pageID: order.pageID, videoID: video, thumbnail: thumbnail, headline: order.headline,
      text: order.text, link: order.link, urlTags: launch.urlTags)
    draft.instagramUserID = order.instagramUserID
    draft.description = order.description
    draft.callToAction = order.callToAction
    return draft
  }

  /// An account without a shop must not state that clicks do not lead there: a creative rejected for that was not
  /// created.
  private static func create(
    _ draft: MetaCreativeDraft, _ client: MetaClient, leavingBy deadline: Instant
  ) async throws(MetaError) -> MetaID {
    do throws(MetaError) {
      return try await client.create(draft, leavingBy: deadline)
    } catch {
      guard error.kind == .invalid, error.blamedFields.contains(where: { $0.hasPrefix("destination_spec") })
      else { throw error }
      var draft = draft
      draft.leavesOutShop = false
      return try await client.create(draft, leavingBy: deadline)
    }
  }

  mutating func makeAd() async throws {
    guard let creative = launch.creativeID else { throw LaunchHalt.failed("it has no creative", resume: .creative) }
    if launch.sentAt == nil { try await check(creative) }
    var draft = MetaAdDraft(
      name: launch.order.name, adSetID: launch.order.adSetID, creativeID: creative, label: launch.label)
    draft.pixelID = launch.order.pixelID
    draft.conversionDomain = launch.order.conversionDomain
    let ad = try await makeOnce(
      find: { [draft] client async throws(MetaError) in
        try await client.ads(inSet: draft.adSetID, labelled: draft.label).map(\.id)
      },
      make: { [draft] client, deadline async throws(MetaError) in try await client.create(draft, leavingBy: deadline) })
    launch.adID = ad
    launch.move(to: .launched, at: now)
    try await service.database.write { [service, launch] transaction in
      guard try service.repository.save(launch, in: transaction) else { throw LaunchHalt.superseded }
      try service.audit.record(
        .launchEnded, of: launch.id.description, by: .system, account: launch.accountID,
        after: ["state": "launched", "ad": .string(ad.value)], in: transaction)
    }
  }

  /// A creative can never be changed: if its clicks could not be credited, or it shows another video, no ad is created
  /// from it.
  private func check(_ id: MetaID) async throws {
    let creative = try await client.creative(id)
    var wrong: [String] = []
    if creative.urlTags != launch.urlTags { wrong.append("its url_tags are \(creative.urlTags ?? "missing")") }
    if let video = creative.videoID, video != launch.videoID { wrong.append("its video is \(video)") }
    if let link = creative.link, link != launch.order.link { wrong.append("its link is another") }
    if !creative.optedIn.isEmpty { wrong.append("Meta may change it: \(creative.optedIn.joined(separator: ", "))") }
    guard wrong.isEmpty else {
      throw LaunchHalt.failed(
        "creative \(id) is not what was asked for: \(wrong.joined(separator: "; "))", resume: .ad)
    }
  }

  /// For how long the review is checked, in seconds from the launch.
  private static let reviewSeconds: Int64 = 7 * 86_400

  /// Reads the result of the review. Returns whether there is more to do, which is never the case.
  mutating func review() async throws -> Bool {
    guard let ad = launch.adID else { return false }
    let review = LaunchReview(try await client.review(ofAd: ad), at: now)
    launch.review = review
    launch.problem = nil
    try await save()
    let age = now.seconds - (launch.finishedAt ?? now).seconds
    guard review.verdict == .pending, age < Self.reviewSeconds else { return false }
    // Often at first, when most results arrive.
    throw LaunchHalt.waits(until: now.adding(seconds: age < 3_600 ? 300 : 3_600), review.advice)
  }
}
