import Jobs
import Values
import Web

/// Why something is not kept: the account may have no more of it.
package struct QuotaError: FeatureError, Equatable {
  /// What there would be too much of.
  package let resource: AccountQuotas.Resource
  /// Whose it is.
  package let account: AccountID
  /// How much it may have.
  package let limit: Int
  /// How much it would have.
  package let wanted: Int

  package var code: String { "quota_exceeded" }

  package var description: String {
    let what =
      switch resource {
      case .decisions: "keep \(limit) decisions"
      case .ads: "have \(limit) ads"
      case .waitingJobs: "let \(limit) jobs wait"
      }
    let remedy = secondsToRoom == nil ? "ask who runs this server for more" : "try again later"
    return "account \(account) may \(what), and this would make it \(wanted); \(remedy)"
  }

  package var verdict: JobVerdict {
    guard let secondsToRoom else { return .discard(class: code, reason: description) }
    return .retry(class: code, after: .seconds(secondsToRoom))
  }

  /// Jobs are done in time; decisions are removed only after many days, and ads never: nil.
  var secondsToRoom: Int? {
    switch resource {
    case .waitingJobs: 60
    case .decisions, .ads: nil
    }
  }
}
