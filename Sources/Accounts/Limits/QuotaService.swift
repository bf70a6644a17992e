import Jobs
import Storage
import Values
import Web

/// Holds accounts to what they may keep. Rows are counted where they are, in the transaction that adds some, so that
/// any number of processes agree; and only for accounts with a quota.
package struct QuotaService: Sendable {
  private let quotas = AccountQuotaRepository()
  private let rows = AccountRowsRepository()

  package init() {}

  /// Does `work`, and refuses it where the account then has more of `resource` than it may, and more than before.
  ///
  /// Throws an ``APIError`` of status 429; the caller's transaction rolls back.
  package func hold<Result>(
    _ resource: AccountQuotas.Resource, of account: AccountID, in transaction: any Transaction,
    _ work: () throws -> Result
  ) throws -> Result {
    guard let limit = try quotas.get(of: account, in: transaction)[resource] else { return try work() }
    let before = try count(resource, of: account, in: transaction)
    let result = try work()
    let after = try count(resource, of: account, in: transaction)
    guard after > before else { return result }
    try quotas.claim(resource, of: account, in: transaction)
    guard after <= limit else { throw Self.refusal(resource, of: account, limit: limit, wanted: after) }
    return result
  }

  /// Refuses early what ``hold(_:of:in:_:)`` would refuse: one more of `resource` than the account may have.
  package func requireRoom(
    for resource: AccountQuotas.Resource, of account: AccountID, in transaction: any Transaction
  ) throws {
    guard let limit = try quotas.get(of: account, in: transaction)[resource] else { return }
    let wanted = try count(resource, of: account, in: transaction) + 1
    guard wanted <= limit else { throw Self.refusal(resource, of: account, limit: limit, wanted: wanted) }
  }

  /// Those of `jobs` that their accounts may let wait beside what waits already, in their order.
  package func admitted<J: AccountJob>(_ jobs: [J], in transaction: any Transaction) throws -> [J] {
    var room: [AccountID: Int] = [:]
    return try jobs.filter { job in
      let account = job.accountID
      let left = try room[account] ?? self.room(of: account, in: transaction)
      room[account] = max(0, left - 1)
      return left > 0
    }
  }

  /// How many more jobs of the account may wait.
  private func room(of account: AccountID, in transaction: any Transaction) throws -> Int {
    guard let limit = try quotas.get(of: account, in: transaction)[.waitingJobs] else { return .max }
    return limit - (try count(.waitingJobs, of: account, in: transaction))
  }

  /// How much of `resource` the account has.
  func count(
    _ resource: AccountQuotas.Resource, of account: AccountID, in transaction: any Transaction
  ) throws -> Int {
    switch resource {
    case .decisions: try rows.count("decisions", of: account, in: transaction)
    case .ads: try rows.count("ad_states", of: account, in: transaction)
    case .waitingJobs: try DatabaseJobQueue.waitingCount(of: account, in: transaction)
    }
  }

  /// Jobs are done in time; decisions are removed only after many days, and ads never.
  private static func refusal(
    _ resource: AccountQuotas.Resource, of account: AccountID, limit: Int, wanted: Int
  ) -> APIError {
    let what =
      switch resource {
      case .decisions: "keep \(limit) decisions"
      case .ads: "have \(limit) ads"
      case .waitingJobs: "let \(limit) jobs wait"
      }
    let remedy = resource == .waitingJobs ? "try again later" : "ask who runs this server for more"
    return APIError(
      .tooManyRequests, "quota_exceeded", "account \(account) may \(what), and this would make it \(wanted); \(remedy)",
      retryAfter: resource == .waitingJobs ? 60 : nil)
  }
}
