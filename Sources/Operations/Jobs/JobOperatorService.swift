import Accounts
import Formats
import Jobs
import Storage
import Values

/// Retries and cancels jobs for people, and records in the audit log who did so.
package struct JobOperatorService: Sendable {
  private let database: any Database
  private let queue: DatabaseJobQueue
  private let audit: AuditService
  private let quotas = QuotaService()

  package init(database: any Database, queue: DatabaseJobQueue, audit: AuditService) {
    self.database = database
    self.queue = queue
    self.audit = audit
  }

  /// Makes a job of an account, or of no account, available now where it is dead, cancelled or scheduled. The audit log
  /// records only actions on an account's jobs.
  ///
  /// Throws a ``JobOperatorError`` where the account has no such job or its state does not allow it, and a
  /// ``QuotaError`` where the account has as many waiting jobs as it may.
  package func retry(_ id: JobID, of account: AccountID?, by actor: AuditActor) async throws {
    let name = try await refusing {
      try await database.write { [queue, audit, quotas] transaction in
        guard let account else { return try queue.retry(id, of: nil, in: transaction) }
        let name = try quotas.hold(.waitingJobs, of: account, in: transaction) {
          try queue.retry(id, of: account, in: transaction)
        }
        try audit.record(.jobRetried, of: id.description, by: actor, account: account, in: transaction)
        return name
      }
    }
    queue.wake(name)
  }

  /// Cancels a waiting job, or asks the worker of a running one to stop it.
  ///
  /// Throws a ``JobOperatorError`` where the account has no such job or it has ended.
  package func cancel(_ id: JobID, of account: AccountID?, by actor: AuditActor) async throws {
    try await refusing {
      try await database.write { [queue, audit] transaction in
        let state = try queue.cancel(id, of: account, in: transaction)
        guard let account else { return }
        try audit.record(
          .jobCancelled, of: id.description, by: actor, account: account,
          after: ["state": .string(state.rawValue)], in: transaction)
      }
    }
  }

  /// Does `work` and converts a queue's refusal into a ``JobOperatorError``.
  private func refusing<Result>(_ work: () async throws -> Result) async throws -> Result {
    do {
      return try await work()
    } catch let error as JobQueueError {
      throw JobOperatorError(error)
    }
  }
}
