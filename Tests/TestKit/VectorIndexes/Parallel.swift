import Dispatch

/// Runs `body` on `count` threads at once, and returns when all are done. Blocks the calling thread.
package func inParallel(_ count: Int, _ body: @Sendable @escaping (Int) -> Void) {
  DispatchQueue.concurrentPerform(iterations: count, execute: body)
}
