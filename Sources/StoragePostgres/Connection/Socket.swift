import Glibc

/// Questions to a socket that are answered without waiting.
enum Socket {
  /// Linux's `POLLRDHUP`, which Glibc's headers show to GNU sources alone.
  private static let endedByPeer: Int16 = 0x2000

  /// Whether the other end has closed it, or it is broken; data that were sent before may still be unread.
  static func isEndedByPeer(_ socket: Int32) -> Bool {
    var query = pollfd(fd: socket, events: endedByPeer, revents: 0)
    return poll(&query, 1, 0) != 0
  }
}
