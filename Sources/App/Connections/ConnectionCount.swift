import Foundation
import HummingbirdCore
import Web

/// Limits the connections that are open at once: when the limit is reached, further ones wait in the kernel's queue.
struct ConnectionCount: AvailableConnectionsDelegate {
  /// The bound.
  let limit: Int
  /// Called when the limit is reached.
  let onRefusal: @Sendable (Refusal) -> Void
  private var count = 0

  /// Bounds connections to `limit`, at least 1.
  init(limit: Int, onRefusal: @escaping @Sendable (Refusal) -> Void) {
    self.limit = max(limit, 1)
    self.onRefusal = onRefusal
  }

  mutating func connectionOpened() {
    count += 1
    if count == limit { onRefusal(.tooManyConnections) }
  }

  mutating func connectionClosed() {
    count -= 1
  }

  func isAcceptingNewConnections() -> Bool {
    count < limit
  }
}

/// The process's limit of open files and connections.
enum OpenFiles {
  /// Descriptors reserved for the database, its files and the standard streams.
  private static let reserve = 128

  /// Raises the limit to the maximum that the system allows, and returns it.
  static func raiseLimit() -> Int {
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { return 1024 }
    if limit.rlim_cur < limit.rlim_max {
      var raised = limit
      raised.rlim_cur = limit.rlim_max
      if setrlimit(resource, &raised) == 0 { limit = raised }
    }
    return Int(clamping: limit.rlim_cur)
  }

  /// The default for the most open connections: as many as the limit of open files allows, but at most 10,000.
  static func connections(ofLimit limit: Int) -> Int {
    min(max(limit - reserve, limit / 2), 10_000)
  }

  #if os(Linux)
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  #else
    private static let resource = RLIMIT_NOFILE
  #endif
}
