import NIOCore
import Values

/// How long a client may hold a connection without using it, and how fast it must send and read.
package struct ConnectionLimits: Sendable {
  /// What the program serves by.
  package init() {}

  /// From the connection's beginning to the end of its first request's head.
  var firstHead = TimeAmount.seconds(15)
  /// From an answer to the end of the next request's head; longer than the usual minute of proxies, so that they, and
  /// not the server, end a connection between requests.
  var nextHead = TimeAmount.seconds(75)
  /// For a request's body, besides a second for each ``leastRate`` bytes of it.
  var body = TimeAmount.seconds(20)
  /// For the client to take an answer, besides a second for each ``leastRate`` bytes of it.
  var answer = TimeAmount.seconds(30)
  /// The slowest client that is served, in bytes a second.
  var leastRate = 16 << 10
  /// For the client to close after the server has: what it still sends is dropped, for closing at once would destroy
  /// the answer on its way.
  var linger = TimeAmount.seconds(2)
  /// For requests under way once the process is told to stop.
  var drain = TimeAmount.seconds(20)
  /// The rest of a refused request's body that is read to keep the connection, in bytes; it is closed for more.
  var drainedBody = 64 << 10

  /// `base` and a second for each whole ``leastRate`` of bytes.
  func time(_ base: TimeAmount, for bytes: Int) -> TimeAmount {
    base + .seconds(Int64(bytes / max(leastRate, 1)))
  }
}
