import Foundation
import HummingbirdCore
import Web

/// Bounds the connections that are open at once: while there are that many, further ones wait in the kernel's queue.
struct ConnectionCount: AvailableConnectionsDelegate {
  /// The bound.
  let limit: Int
  /// Told when the bound is reached.
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

/// How many files and connections the process may have open.
enum OpenFiles {
  /// What the database, its files and the standard streams take.
  private static let reserve = 128

  /// Raises the limit to what the system allows, and returns it.
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

  /// How many connections may be open where nobody says: as many as the limit of files leaves room for, 10,000 at most.
  static func connections(ofLimit limit: Int) -> Int {
    min(max(limit - reserve, limit / 2), 10_000)
  }

  #if os(Linux)
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  #else
    private static let resource = RLIMIT_NOFILE
  #endif
}
