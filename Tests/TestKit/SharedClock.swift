import Foundation
import Values

/// A clock that several processes go by: the machine's, and so much more as a file says. Between two moves it goes as the
/// machine's does.
package final class SharedClock: Sendable {
  private let descriptor: Int32

  /// Makes the file, with nothing added yet.
  package init(making path: String) throws {
    descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
    guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
    set(ahead: 0)
  }

  /// Goes by the file of another process.
  package init(reading path: String) throws {
    descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw CocoaError(.fileNoSuchFile) }
  }

  deinit {
    close(descriptor)
  }

  /// Shows the time of `microseconds` ahead of the machine's clock from now on, less than 0 for one that is behind it.
  package func set(ahead microseconds: Int64) {
    var bytes = microseconds
    pwrite(descriptor, &bytes, 8, 0)
  }

  /// What it shows.
  package var now: Instant {
    var ahead = Int64(0)
    pread(descriptor, &ahead, 8, 0)
    let machine = Int64(clamping: (Date().timeIntervalSince1970 * 1_000_000).rounded())
    return Instant(microseconds: machine + ahead)
  }
}
