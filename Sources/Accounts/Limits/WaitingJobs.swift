import Jobs
import Storage
import Values
import Web

extension Quota {
  /// Jobs that are waiting. Recurring jobs, and jobs that other jobs push, are not limited by it.
  package static let waitingJobs = Quota(
    "waiting_jobs", "Jobs that wait", allowance: { "let \($0) jobs wait" }, retryAfter: 60,
    count: DatabaseJobQueue.waitingCount)
}

extension QuotaService {
  /// Those of `jobs` for which their accounts still have room beside what is waiting already, in order.
  package func admitted<J: AccountJob>(_ jobs: [J], in transaction: any Transaction) throws -> [J] {
    var room: [AccountID: Int] = [:]
    return try jobs.filter { job in
      let account = job.accountID
      let left = try room[account] ?? self.room(for: .waitingJobs, of: account, in: transaction)
      room[account] = max(0, left - 1)
      return left > 0
    }
  }
}
