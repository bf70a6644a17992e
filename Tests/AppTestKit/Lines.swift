import Synchronization

/// Lines that come in one by one, from any thread.
public final class Lines: Sendable {
  private let lines = Mutex<[String]>([])

  /// Starts with none.
  public init() {}

  /// Adds a line.
  public func add(_ line: String) {
    lines.withLock { $0.append(line) }
  }

  /// All lines in order.
  public var sorted: [String] { lines.withLock { $0.sorted() } }
}
