import Synchronization

/// Lines that come in one by one, from any thread.
package final class Lines: Sendable {
  private let lines = Mutex<[String]>([])

  /// Starts with none.
  package init() {}

  /// Adds a line.
  package func add(_ line: String) {
    lines.withLock { $0.append(line) }
  }

  /// All lines in order.
  package var sorted: [String] { lines.withLock { $0.sorted() } }
}
