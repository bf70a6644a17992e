import Dispatch
import Foundation
import Synchronization

/// A thread that owns a value that no other thread sees, and runs jobs on it one at a time.
///
/// Its jobs may block: that is what it is for.
final class OwnedThread<Value>: Sendable {
  typealias Job = @Sendable (inout Value) -> Void

  private struct Queue {
    var jobs: [Job] = []
    var isStopped = false
  }

  private let queue = Mutex(Queue())
  private let signal = DispatchSemaphore(value: 0)

  /// How long the thread must be without jobs to count as idle: long enough for the caller that received the last
  /// result to enqueue its next job.
  private static var idleAfter: DispatchTimeInterval { .milliseconds(1) }

  /// Starts the thread with a value that is created on it. `whenIdle` is called once each time the thread becomes idle.
  init(
    name: String, whenIdle: @escaping Job = { _ in }, _ makeValue: @escaping @Sendable () -> Value
  ) {
    let thread = Thread { [self] in run(makeValue(), whenIdle) }
    thread.name = name
    thread.start()
  }

  /// Adds a job; no effect after ``stop()``.
  func enqueue(_ job: @escaping Job) {
    let isTaken = queue.withLock { queue in
      guard !queue.isStopped else { return false }
      queue.jobs.append(job)
      return true
    }
    if isTaken { signal.signal() }
  }

  /// Ends the thread once the jobs it has are done.
  func stop() {
    queue.withLock { $0.isStopped = true }
    signal.signal()
  }

  private func run(_ value: consuming Value, _ whenIdle: Job) {
    var value = value
    while true {
      if signal.wait(timeout: .now() + Self.idleAfter) == .timedOut {
        whenIdle(&value)
        signal.wait()
      }
      let (jobs, isStopped) = queue.withLock { queue in
        defer { queue.jobs = [] }
        return (queue.jobs, queue.isStopped)
      }
      for job in jobs { job(&value) }
      if isStopped { return }
    }
  }
}
