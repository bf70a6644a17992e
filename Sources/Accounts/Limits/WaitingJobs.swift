import Jobs
import Storage
import Values
import Web

extension Quota {
  /// Jobs that wait. Those that recur, and those that jobs leave, are not held up by it.
  package static let waitingJobs = Quota(
    "waiting_jobs", "Jobs that wait", allowance: { "let \($0) jobs wait" }, retryAfter: 60,
    count: DatabaseJobQueue.waitingCount)
}

extension QuotaService {
  /// Those of `jobs` that their accounts may let wait beside what waits already, in their order.
  package func admitted<J: Job>(_ jobs: [J], in transaction: any Transaction) throws -> [J] {
    var room: [AccountID: Int] = [:]
    return try jobs.filter { job in
      let account = job.accountID
      let left = try room[account] ?? self.room(for: .waitingJobs, of: account, in: transaction)
      room[account] = max(0, left - 1)
      return left > 0
    }
  }
}
