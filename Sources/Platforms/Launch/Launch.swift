import RemoteAPIs
import Values

/// The state of a launch, which determines its next step. The transitions are in docs/launch.md, and the database
/// allows no others.
package enum LaunchState: String, Hashable, Sendable, CaseIterable {
  /// Nothing has been sent.
  case requested
  /// The video is being sent.
  case uploading
  /// Meta has the video and is preparing it.
  case processing
  /// The creative is to be created.
  case creative
  /// The ad is to be created.
  case ad
  /// The ad exists, paused, and is being reviewed.
  case launched
  /// It failed, and a person must look at it.
  case failed

  /// Whether it continues without anybody acting.
  package var isOpen: Bool { self != .launched && self != .failed }
}

/// A video that is being turned into an ad.
package struct Launch: Hashable, Sendable {
  package let id: TimedID
  package let accountID: AccountID
  /// The ad account for which it was requested.
  package let adAccount: MetaAdAccountID
  package let order: LaunchOrder
  /// What is appended to the link's query.
  package let urlTags: String
  package let requestedAt: Instant
  package let requestedBy: String
  package internal(set) var state = LaunchState.requested
  /// Since when it has been in its state.
  package internal(set) var stateSince: Instant
  package internal(set) var finishedAt: Instant?
  /// Incremented by each worker that takes the launch over; the previous one writes nothing more.
  var run = 0
  /// How often an upload was begun.
  var uploads = 0
  package internal(set) var videoID: MetaID?
  /// The session that chunks of the video name.
  var sessionID: MetaID?
  /// The bytes of the video that Meta wants next.
  package internal(set) var window: MetaUploadWindow?
  /// When the call in progress was recorded; nil where there is none.
  var sentAt: Instant?
  var thumbnail: MetaCreativeDraft.Thumbnail?
  package internal(set) var creativeID: MetaID?
  package internal(set) var adID: MetaID?
  /// What it waits for, or why it failed.
  package internal(set) var problem: String?
  /// The state in which it continues when it is retried; nil unless it failed.
  var resumeState: LaunchState?
  /// The latest result of the review.
  package internal(set) var review: LaunchReview?

  init(
    id: TimedID, accountID: AccountID, adAccount: MetaAdAccountID, order: LaunchOrder, urlTags: String,
    requestedAt: Instant, requestedBy: String
  ) {
    self.id = id
    self.accountID = accountID
    self.adAccount = adAccount
    self.order = order
    self.urlTags = urlTags
    self.requestedAt = requestedAt
    self.requestedBy = requestedBy
    stateSince = requestedAt
  }

  /// The label by which everything that it creates at Meta is found.
  var label: String { "geminivideo-\(id)" }

  /// The creative's name: the ad's, as far as there is room beside the label.
  var creativeName: String {
    let room = MetaCreativeDraft.nameLimit - label.count - 1
    return "\(String(order.name.unicodeScalars.prefix(room))) \(label)"
  }

  /// Moves to another state.
  mutating func move(to next: LaunchState, at now: Instant) {
    state = next
    stateSince = now
    sentAt = nil
    problem = nil
    finishedAt = next.isOpen ? nil : now
    if next == .requested { (videoID, sessionID, window) = (nil, nil, nil) }
  }
}

/// The result of Meta's review of an ad.
package struct LaunchReview: Hashable, Sendable {
  package enum Verdict: String, Hashable, Sendable, CaseIterable {
    /// The review is not finished.
    case pending
    /// The ad may run once somebody activates it.
    case approved
    /// The ad was rejected.
    case disapproved
    /// Something keeps it from running.
    case withIssues = "with_issues"
    /// The ad was archived or deleted.
    case gone
    /// A status that this release does not know.
    case unknown
  }

  package let verdict: Verdict
  /// The ad's own switch, as Meta's status: `PAUSED` unless somebody has changed it.
  package let status: String
  /// Meta's status of the ad.
  package let effectiveStatus: String
  /// Why it may not run, in Meta's words.
  package let reasons: [String]
  package let previewLink: String?
  package let readAt: Instant

  package init(
    verdict: Verdict, status: String, effectiveStatus: String, reasons: [String], previewLink: String?, readAt: Instant
  ) {
    self.verdict = verdict
    self.status = status
    self.effectiveStatus = effectiveStatus
    self.reasons = reasons
    self.previewLink = previewLink
    self.readAt = readAt
  }

  init(_ review: MetaAdReview, at now: Instant) {
    self.init(
      verdict: Self.verdict(review), status: review.status.text, effectiveStatus: review.effectiveStatus,
      reasons: review.feedback + review.issues, previewLink: review.previewLink, readAt: now)
  }

  /// After its approval a paused ad has the status paused again; before that it is pending.
  private static func verdict(_ review: MetaAdReview) -> Verdict {
    switch MetaEffectiveStatus(rawValue: review.effectiveStatus) {
    case .pendingReview, .inProcess, .preapproved: .pending
    case .active, .paused, .adSetPaused, .campaignPaused: review.issues.isEmpty ? .approved : .withIssues
    case .disapproved: .disapproved
    case .withIssues, .pendingBillingInfo: .withIssues
    case .archived, .deleted: .gone
    case nil: .unknown
    }
  }

  /// What to know before activating the ad.
  package var advice: String {
    switch verdict {
    case .pending: "the review is not finished: do not activate the ad before"
    case .approved: "reviewers have approved it; it runs once somebody activates it in Ads Manager"
    case .disapproved: "reviewers rejected it: it will not run. Make another one that fixes what they object to"
    case .withIssues: "something keeps it from running: see the reasons"
    case .gone: "somebody has archived or deleted it"
    case .unknown: "check it in Ads Manager: this release does not know its status"
    }
  }
}
