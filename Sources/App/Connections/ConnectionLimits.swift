import NIOCore
import Values

/// How long a client may hold an idle connection, and how fast it must send and read.
package struct ConnectionLimits: Sendable {
  /// The limits that the program serves with.
  package init() {}

  /// From the start of the connection to the end of its first request's head.
  var firstHead = TimeAmount.seconds(15)
  /// From an answer to the end of the next request's head; longer than the usual minute of proxies, so that they,
  /// rather than the server, close a connection between requests.
  var nextHead = TimeAmount.seconds(75)
  /// For a request's body, plus a second for each ``leastRate`` bytes of it.
  var body = TimeAmount.seconds(20)
  /// For the client to read an answer, plus a second for each ``leastRate`` bytes of it.
  var answer = TimeAmount.seconds(30)
  /// The slowest accepted client, in bytes per second.
  var leastRate = 16 << 10
  /// For the client to close after the server has: what it still sends is dropped, because closing at once could
  /// destroy the answer that is being sent.
  var linger = TimeAmount.seconds(2)
  /// For requests in progress once the process is told to stop.
  var drain = TimeAmount.seconds(20)
  /// How much of the rest of a refused request's body is read to keep the connection, in bytes; with more it is closed.
  var drainedBody = 64 << 10

  /// `base` plus a second for each whole ``leastRate`` of bytes.
  func time(_ base: TimeAmount, for bytes: Int) -> TimeAmount {
    base + .seconds(Int64(bytes / max(leastRate, 1)))
  }
}
