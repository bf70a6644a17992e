import Jobs
import RemoteAPIs
import Values

extension QueueName {
  package static let metaInsights = QueueName(rawValue: "meta-insights")
}

/// Brings an account's figures, campaigns, ad sets and ads up to date with Meta, and reads a part of its past.
package struct SyncMetaInsights: RecurringAccountJob {
  package static let name = "sync_meta_insights"
  package static let queue = QueueName.metaInsights
  /// Meta's figures change every 15 minutes.
  package static let usualSchedule = "15m"
  package static let timeLimit: Duration = .seconds(1_800)

  package let accountID: AccountID

  /// One waiting job for the account is enough.
  package var uniqueKey: String? { "all" }

  package init(accountID: AccountID) {
    self.accountID = accountID
  }
}

/// A Meta error as a job error, with what to do with the job.
struct MetaJobError: JobError, CustomStringConvertible {
  let verdict: JobVerdict
  let description: String

  /// A limit and a rejected token pause the account's jobs, because its other jobs would fail as well.
  init(_ error: MetaError, now: Instant) {
    description = "\(error)"
    verdict =
      switch error.remedy {
      case .retry, .readBack: .retry(class: "unavailable")
      case .wait(let until): .pauseAccount(class: "rate_limited", until: until, reason: "\(error)")
      case .refreshToken:
        .pauseAccount(class: "unauthorized", until: now.adding(seconds: Self.tokenPause), reason: "\(error)")
      case .pauseAccount:
        .pauseAccount(class: "blocked", until: now.adding(seconds: Self.blockedPause), reason: "\(error)")
      case .stop: .discard(class: "refused", reason: "\(error)")
      }
  }

  /// How long until a rejected token is tried again, in seconds; somebody may have replaced it by then.
  private static let tokenPause: Int64 = 900
  /// How long until an account that Meta has blocked is tried again, in seconds.
  private static let blockedPause: Int64 = 6 * 3_600
}
