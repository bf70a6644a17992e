import Jobs
import Values
import Web

/// Why something is not stored: the account's quota is reached.
package struct QuotaError: FeatureError, Equatable {
  /// The name of the quota.
  package let quota: String
  /// Whose it is.
  package let account: AccountID
  /// How much it may have.
  package let limit: Int
  /// How much it would have.
  package let wanted: Int
  /// Whole seconds after which there may be room again without anybody acting; nil where there will be none.
  let retryAfter: Int?
  private let allowance: String

  init(_ quota: Quota, of account: AccountID, limit: Int, wanted: Int) {
    self.quota = quota.name
    self.account = account
    self.limit = limit
    self.wanted = wanted
    retryAfter = quota.retryAfter
    allowance = quota.allowance(limit)
  }

  package var code: String { "quota_exceeded" }

  package var description: String {
    let remedy = retryAfter == nil ? "ask who runs this server for more" : "try again later"
    return "account \(account) may \(allowance), and this would make it \(wanted); \(remedy)"
  }

  package var verdict: JobVerdict {
    guard let retryAfter else { return .discard(class: code, reason: description) }
    return .retry(class: code, after: .seconds(retryAfter))
  }
}
