import CLibPQ
import Foundation
import Glibc
import Synchronization
import Values

/// What arrives on `NOTIFY` channels.
public enum PostgresNotification: Equatable, Sendable {
  /// Listening has begun, for the first time or again after the connection broke. Earlier notifications are lost, so
  /// check now for anything you wait for.
  case listening
  /// Somebody has notified a channel.
  case received(channel: String, payload: String)
}

/// Listens to channels on its own connection and thread, and reconnects whenever the connection breaks.
final class Listener: Sendable {
  private let address: ServerAddress
  private let channels: [String]
  private let tell: @Sendable (PostgresNotification) -> Void
  private let isStopped = Mutex(false)
  private let alarm = Alarm()

  /// Pauses between connection attempts, in microseconds.
  private static let pauses = Backoff(first: 100_000, longest: 5_000_000)

  /// Starts listening; `tell` is called on the listener's thread and must not block.
  init(_ settings: PostgresSettings, channels: [String], _ tell: @escaping @Sendable (PostgresNotification) -> Void) {
    address = ServerAddress(settings)
    self.channels = channels
    self.tell = tell
    let thread = Thread { [self] in run() }
    thread.name = "postgres listener"
    thread.start()
  }

  /// Ends the listening soon.
  func stop() {
    isStopped.withLock { $0 = true }
    alarm.ring()
  }

  private func run() {
    var failures = 0
    var generator = SystemRandomNumberGenerator()
    while !isStopped.withLock({ $0 }) {
      if listenUntilBroken() { failures = 0 }
      failures += 1
      let pause = Self.pauses.pause(after: failures, using: &generator)
      _ = alarm.wait(with: nil, milliseconds: Int32(clamping: pause / 1_000))
    }
  }

  /// Returns when the connection breaks or the listener is stopped: whether it ever started listening.
  private func listenUntilBroken() -> Bool {
    guard let connection = try? address.connect() else { return false }
    defer { PQfinish(connection) }
    guard listen(on: connection) else { return false }
    tell(.listening)
    while !isStopped.withLock({ $0 }) {
      while let notice = PQnotifies(connection) {
        defer { PQfreemem(notice) }
        tell(
          .received(channel: String(cString: notice.pointee.relname), payload: String(cString: notice.pointee.extra)))
      }
      guard alarm.wait(with: PQsocket(connection), milliseconds: -1), PQconsumeInput(connection) == 1 else { break }
    }
    return true
  }

  private func listen(on connection: OpaquePointer) -> Bool {
    channels.allSatisfy { channel in
      guard let name = PQescapeIdentifier(connection, channel, channel.utf8.count) else { return false }
      defer { PQfreemem(name) }
      return PQexec(connection, "LISTEN \(String(cString: name))").map(ServerResult.init)?.isUsable ?? false
    }
  }
}

/// Wakes a thread that is waiting for a socket.
private final class Alarm: Sendable {
  private let reading: Int32
  private let writing: Int32

  /// If no file descriptors are left, the alarm never rings.
  init() {
    var ends: [Int32] = [-1, -1]
    if pipe(&ends) == 0 { for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) } }
    (reading, writing) = (ends[0], ends[1])
  }

  deinit {
    close(reading)
    close(writing)
  }

  func ring() {
    _ = write(writing, [1], 1)
  }

  /// Waits until `socket` is readable, the alarm rings or the time has passed (-1: no limit).
  ///
  /// Returns false where waiting itself failed.
  func wait(with socket: Int32?, milliseconds: Int32) -> Bool {
    var queries = [pollfd(fd: reading, events: Int16(POLLIN), revents: 0)]
    if let socket { queries.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0)) }
    return poll(&queries, nfds_t(queries.count), milliseconds) >= 0 || errno == EINTR
  }
}
