import Foundation
import Synchronization
import Values

/// Runs computations that take more than a moment on a few threads of their own, with lower priority than the threads
/// of connections and the database.
///
/// Only one computation of an account runs at a time, and accounts take turns, so that a caller with large requests
/// delays only its own. Quick computations run on the calling thread.
package final class ComputeGate: Sendable {
  private struct Job {
    let run: @Sendable () -> Void
    let giveUp: @Sendable (any Error) -> Void
  }

  private struct State {
    var queue = ComputeQueue<Job>()
    var lastID: UInt64 = 0
    var hasThreads = false
  }

  private let threadCount: Int
  private let state = Mutex(State())
  private let signal = DispatchSemaphore(value: 0)

  /// Uses `threads` threads, at least 1; they are started with the first computation.
  package init(threads: Int = max(2, ProcessInfo.processInfo.activeProcessorCount)) {
    threadCount = max(1, threads)
  }

  /// Returns the result of `work`, whose estimated cost is `cost`, for an account.
  ///
  /// With `isBounded` it throws a ``ComputeOverload`` where too much is waiting already. Throws `CancellationError`
  /// where the task is cancelled before the computation begins.
  package func run<Result: Sendable>(
    of account: AccountID, _ cost: ComputeCost, isBounded: Bool = true, _ work: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    guard cost.microseconds > ComputeCost.quick else { return try work() }
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    return try await withTaskCancellationHandler {
      try Task.checkCancellation()
      return try await withCheckedThrowingContinuation { continuation in
        let job = Job(
          run: { continuation.resume(with: Swift.Result { try work() }) },
          giveUp: { continuation.resume(throwing: $0) })
        submit(job, id, of: account, cost, isBounded: isBounded)
      }
    } onCancel: {
      let job = state.withLock { $0.queue.remove(id, of: account) }
      job?.giveUp(CancellationError())
    }
  }

  /// How many bounded computations are waiting.
  var waitingCount: Int { state.withLock { $0.queue.waitingCount } }

  private func submit(_ job: Job, _ id: UInt64, of account: AccountID, _ cost: ComputeCost, isBounded: Bool) {
    let (refusal, startsThreads) = state.withLock { state -> (ComputeOverload?, Bool) in
      do throws(ComputeOverload) {
        try state.queue.add(job, id: id, of: account, cost: cost.microseconds, isBounded: isBounded)
      } catch {
        return (error, false)
      }
      defer { state.hasThreads = true }
      return (nil, !state.hasThreads)
    }
    if let refusal { return job.giveUp(refusal) }
    if startsThreads { startThreads() }
    signal.signal()
  }

  private func startThreads() {
    for number in 1...threadCount {
      let thread = Thread { [self] in serve() }
      thread.name = "compute \(number)"
      thread.qualityOfService = .utility
      thread.start()
    }
  }

  private func serve() {
    #if os(Linux)
      // On Linux a priority belongs to a thread: 0 is the calling one.
      setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
    #endif
    while true {
      signal.wait()
      // Waiters for an account's turn were signalled while it ran.
      while let (account, job) = state.withLock({ $0.queue.next() }) {
        job.run()
        state.withLock { $0.queue.end(of: account) }
      }
    }
  }
}
