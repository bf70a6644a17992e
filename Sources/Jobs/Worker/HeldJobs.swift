import Synchronization
import Values

/// The jobs that a worker has leased.
final class HeldJobs: Sendable {
  /// Why a job's handler was told to stop.
  enum StopReason: Sendable {
    case cancelRequested
    case leaseLost
    case timedOut
  }

  private struct Held {
    let lease: Lease
    var stop: (@Sendable () -> Void)?
    var deadline: Instant?
    var stopReason: StopReason?
  }

  private let jobs = Mutex<[JobID: Held]>([:])

  func add(_ claimed: [ClaimedJob]) {
    jobs.withLock { jobs in
      for job in claimed { jobs[job.lease.id] = Held(lease: job.lease) }
    }
  }

  /// Registers how to stop the job's handler, and by when it must end; stops it at once where that was requested
  /// already.
  func started(_ id: JobID, until deadline: Instant, stop: @escaping @Sendable () -> Void) {
    let isUnwanted = jobs.withLock { jobs in
      jobs[id]?.stop = stop
      jobs[id]?.deadline = deadline
      return jobs[id]?.stopReason != nil
    }
    if isUnwanted { stop() }
  }

  /// Tells a job's handler to stop.
  func stop(_ id: JobID, because reason: StopReason) {
    let stop = jobs.withLock { jobs -> (@Sendable () -> Void)? in
      jobs[id]?.stopReason = reason
      return jobs[id]?.stop
    }
    stop?()
  }

  /// Tells handlers that have exceeded their time limit to stop.
  func stopOverdue(at now: Instant) {
    let overdue = jobs.withLock { jobs in
      jobs.filter { $0.value.stopReason == nil && $0.value.deadline.map { $0 <= now } ?? false }.map(\.key)
    }
    for id in overdue { stop(id, because: .timedOut) }
  }

  /// Why the job's handler was told to stop; nil where it was not.
  func stopReason(of id: JobID) -> StopReason? {
    jobs.withLock { $0[id]?.stopReason }
  }

  /// Forgets a job whose lease has ended.
  func remove(_ id: JobID) {
    jobs.withLock { _ = $0.removeValue(forKey: id) }
  }

  /// All leases that are not lost.
  var leases: [Lease] {
    jobs.withLock { jobs in jobs.values.filter { $0.stopReason != .leaseLost }.map(\.lease) }
  }

  /// How many jobs of a queue are leased, by account, not counting those of `leases`.
  func counts(in queue: QueueName, without leases: [Lease] = []) -> [AccountID?: Int] {
    let left = Set(leases.map(\.id))
    return jobs.withLock { jobs in
      var counts: [AccountID?: Int] = [:]
      for held in jobs.values where held.lease.queue == queue && !left.contains(held.lease.id) {
        counts[held.lease.accountID, default: 0] += 1
      }
      return counts
    }
  }

  /// Whether no job of a queue is leased.
  func isIdle(in queue: QueueName) -> Bool {
    jobs.withLock { jobs in !jobs.values.contains { $0.lease.queue == queue } }
  }
}
