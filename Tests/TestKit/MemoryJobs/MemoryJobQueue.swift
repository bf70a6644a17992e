import Jobs
import Storage
import Synchronization
import Values

/// Jobs in memory, for tests of what pushes and handles jobs: it keeps the promises of ``JobQueue`` but one. What a
/// handler finishes within a transaction stays finished where that rolls back.
package final class MemoryJobQueue: JobQueue {
  private let clock: @Sendable () -> Instant
  private let ids: JobIDMaker
  private let jobs = Mutex(MemoryJobs())
  private let signals = WakeSignals()

  /// Makes an empty queue with a clock and what ids are drawn from.
  package init(
    clock: @escaping @Sendable () -> Instant,
    generator: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
  ) {
    self.clock = clock
    ids = JobIDMaker(generator)
  }

  /// Adds jobs, in their order, and wakes the workers of their queues.
  package func push(_ drafts: [JobDraft], _ options: PushOptions) async throws -> [Pushed] {
    guard drafts.count <= JobLimits.batch else { throw JobQueueError.batchTooLarge(drafts.count) }
    let now = clock()
    let pushed = jobs.withLock { jobs in
      drafts.map { jobs.push($0, options, id: ids.next(at: now), at: now) }
    }
    for queue in Set(drafts.map(\.queue)) { wake(queue) }
    return pushed
  }

  /// Hands over jobs that are ready, by priority, turn and id.
  package func claim(_ request: ClaimRequest) async throws -> [ClaimedJob] {
    guard !request.isVoid else { return [] }
    return jobs.withLock { $0.claim(request, at: clock()) }
  }

  /// Holds jobs for `duration` from now.
  package func heartbeat(_ leases: [Lease], for duration: Duration) async throws -> [LeaseStatus] {
    jobs.withLock { jobs in leases.map { jobs.heartbeat($0, until: clock().adding(duration)) } }
  }

  /// Parts with jobs.
  package func settle(_ settlements: [Settlement]) async throws -> [Bool] {
    guard settlements.count <= JobLimits.batch else { throw JobQueueError.batchTooLarge(settlements.count) }
    return jobs.withLock { jobs in settlements.map { jobs.settle($0, at: clock()) } }
  }

  /// Parts with jobs and claims others.
  package func settle(
    _ settlements: [Settlement], thenClaim request: ClaimRequest
  ) async throws -> (answers: [Bool], claimed: [ClaimedJob]) {
    (try await settle(settlements), try await claim(request))
  }

  /// Completes a job at once, whatever becomes of the transaction.
  package func finish(_ lease: Lease, report: JobReport?, in transaction: any Transaction) throws {
    let wasHeld = jobs.withLock { $0.settle(Settlement(lease, .completed(report)), at: clock()) }
    if !wasHeld { throw LeaseLost(id: lease.id) }
  }

  /// Jobs that pass the filter, newest first.
  package func list(_ filter: JobFilter) async throws -> [JobRecord] {
    jobs.withLock { $0.list(filter) }
  }

  /// A job of the account.
  package func job(_ id: JobID, of accountID: AccountID?) async throws -> JobRecord? {
    jobs.withLock { $0.job(id, of: accountID) }
  }

  /// Makes a job that is dead, cancelled or scheduled available now.
  package func retry(_ id: JobID, of accountID: AccountID?) async throws {
    wake(try jobs.withLock { try $0.retry(id, of: accountID, at: clock()) })
  }

  /// Calls off a job that waits, or asks the worker of one that runs to stop.
  @discardableResult
  package func cancel(_ id: JobID, of accountID: AccountID?) async throws -> JobState {
    try jobs.withLock { try $0.cancel(id, of: accountID, at: clock()) }
  }

  /// Lets the account's jobs of a queue wait until `end`.
  package func pause(_ accountID: AccountID, in queue: QueueName, until end: Instant, reason: String) async throws {
    jobs.withLock { $0.pause(accountID, in: queue, until: end) }
  }

  /// Ends a pause before its time.
  @discardableResult
  package func resume(_ accountID: AccountID, in queue: QueueName) async throws -> Bool {
    let wasPaused = jobs.withLock { $0.resume(accountID, in: queue, at: clock()) }
    if wasPaused { wake(queue) }
    return wasPaused
  }

  /// How many jobs there are, by queue and state, in order.
  package func counts() async throws -> [JobCount] {
    jobs.withLock { $0.counts() }
  }

  /// For each queue with available jobs, the moment since which the oldest of them could have run.
  package func oldestWaiting() async throws -> [QueueName: Instant] {
    jobs.withLock { $0.oldestWaiting() }
  }

  /// How attempts have ended since the first, in order.
  package func counters() async throws -> [JobCounter] {
    jobs.withLock { jobs in jobs.counters.map { JobCounter(key: $0, count: $1) }.sorted { $0.key < $1.key } }
  }

  /// Removes jobs that ended longer ago than `retention`, at most `limit` at once.
  package func prune(_ retention: JobRetention, limit: Int) async throws -> Int {
    jobs.withLock { $0.prune(retention, limit: limit, at: clock()) }
  }

  /// Tells the workers of a queue that there may be something to do.
  package func wake(_ queue: QueueName) {
    signals.wake(queue)
  }

  /// A signal that ``wake(_:)`` raises for any of the queues.
  package func signal(for queues: Set<QueueName>) -> WakeSignal {
    signals.signal(for: queues)
  }
}
