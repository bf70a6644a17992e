import Foundation
import Synchronization
import Values

/// Where what computes for more than a moment runs: on a few threads of its own, which give way to those that serve
/// connections and the database.
///
/// One computation of an account runs at a time and accounts take turns, so that a caller who asks for much waits for
/// itself alone. What is quick runs where it is asked for.
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

  /// Computes on `threads` threads, at least 1; they begin with the first computation.
  package init(threads: Int = max(2, ProcessInfo.processInfo.activeProcessorCount)) {
    threadCount = max(1, threads)
  }

  /// Returns what `work`, which is about to take `cost`, gives for an account.
  ///
  /// With `isBounded` it throws a ``ComputeOverload`` where too much waits already. Throws `CancellationError` where the
  /// task is cancelled before the computation begins.
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

  /// How many bounded computations wait.
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
      // There a priority is a thread's own: 0 is the thread that calls.
      setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
    #endif
    while true {
      signal.wait()
      // Whoever waits for an account's turn was signalled while it ran.
      while let (account, job) = state.withLock({ $0.queue.next() }) {
        job.run()
        state.withLock { $0.queue.end(of: account) }
      }
    }
  }
}
