import RemoteAPIs
import Values

/// Where a launch stands: what is to be done next. The moves between states are in docs/launch.md, and the database
/// allows no others.
package enum LaunchState: String, Hashable, Sendable, CaseIterable {
  /// Nothing has been sent.
  case requested
  /// The video is being sent.
  case uploading
  /// Meta has the video and prepares it.
  case processing
  /// The creative is to be made.
  case creative
  /// The ad is to be made.
  case ad
  /// The ad is there, paused, and reviewed.
  case launched
  /// It went no further, and a person has to look at it.
  case failed

  /// Whether it goes on by itself.
  package var isOpen: Bool { self != .launched && self != .failed }
}

/// A video on its way to an ad.
package struct Launch: Hashable, Sendable {
  package let id: TimedID
  package let accountID: AccountID
  /// The ad account that it was asked for.
  package let adAccount: MetaAdAccountID
  package let order: LaunchOrder
  /// What is added to the link.
  package let urlTags: String
  package let requestedAt: Instant
  package let requestedBy: String
  package internal(set) var state = LaunchState.requested
  /// Since when it stands there.
  package internal(set) var stateSince: Instant
  package internal(set) var finishedAt: Instant?
  /// Counts those who worked on it: each takes it from the one before, who writes nothing more.
  var run = 0
  /// How often a video was begun.
  var uploads = 0
  package internal(set) var videoID: MetaID?
  /// By what the chunks of the video go.
  var sessionID: MetaID?
  /// What Meta wants next of the video.
  package internal(set) var window: MetaUploadWindow?
  /// When the call that is under way was noted; nil where none is.
  var sentAt: Instant?
  var thumbnail: MetaCreativeDraft.Thumbnail?
  package internal(set) var creativeID: MetaID?
  package internal(set) var adID: MetaID?
  /// What it waits for, or why it went no further.
  package internal(set) var problem: String?
  /// Where it goes on when it is tried again; nil but for one that failed.
  var resumeState: LaunchState?
  /// What reviewers said when they were last asked.
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

  /// What everything that it makes at Meta is found by.
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

/// What Meta's reviewers said of an ad.
package struct LaunchReview: Hashable, Sendable {
  /// The verdict.
  package enum Verdict: String, Hashable, Sendable, CaseIterable {
    /// They have not said yet.
    case pending
    /// The ad may run once somebody activates it.
    case approved
    /// They refuse it.
    case disapproved
    /// Something keeps it from running.
    case withIssues = "with_issues"
    /// The ad was archived or deleted.
    case gone
    /// A word of Meta's that this release does not know.
    case unknown
  }

  package let verdict: Verdict
  /// The ad's own switch, in Meta's word: `PAUSED` unless somebody has changed it.
  package let status: String
  /// Meta's word for how it stands.
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

  /// A paused ad is paused again once reviewers approve it; before that it is pending.
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

  /// What is to be said of it before somebody activates the ad.
  package var advice: String {
    switch verdict {
    case .pending: "reviewers have not said yet: do not activate the ad before"
    case .approved: "reviewers have approved it; it runs once somebody activates it in Ads Manager"
    case .disapproved: "reviewers refuse it: it will not run. Make another one that mends what they say"
    case .withIssues: "something keeps it from running: see the reasons"
    case .gone: "somebody has archived or deleted it"
    case .unknown: "look at it in Ads Manager: this release does not know how it stands"
    }
  }
}
