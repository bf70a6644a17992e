import Glibc

/// Checks on a socket that do not block.
enum Socket {
  /// Linux's `POLLRDHUP`, which Glibc's headers define only for GNU sources.
  private static let endedByPeer: Int16 = 0x2000

  /// Whether the other end has closed the connection, or it is broken; data sent before that may still be unread.
  static func isEndedByPeer(_ socket: Int32) -> Bool {
    var query = pollfd(fd: socket, events: endedByPeer, revents: 0)
    return poll(&query, 1, 0) != 0
  }
}
