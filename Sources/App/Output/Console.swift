import Foundation
import Values

/// Results on standard output, everything else on standard error.
enum Console {
  /// The exit status of a command whose output cannot be written: `EX_IOERR` of `sysexits.h`.
  static let outputFailure: Int32 = 74

  /// Prints a line. Where standard output cannot be written, reports that in one line on standard error, followed by
  /// `note`, and exits with status 74; where the reader has gone, it exits silently, as SIGPIPE would.
  ///
  /// It exits rather than throws because no command can do anything useful without its output.
  static func print(_ text: String, ifLost note: String? = nil) {
    let failure = StandardStream.output.write(Printable.text(text) + "\n")
    guard failure != 0 else { return }
    if failure == EPIPE {
      signal(SIGPIPE, SIG_DFL)
      raise(SIGPIPE)
    }
    error(
      "standard output cannot be written: \(String(cString: strerror(failure)))" + (note.map { "; \($0)" } ?? ""))
    exit(outputFailure)
  }

  /// Prints a line on standard error, if that can be written.
  static func error(_ text: String) {
    _ = StandardStream.error.write(Printable.text(text) + "\n")
  }
}

/// Standard output or standard error, written without `FileHandle`, which traps where writing fails.
enum StandardStream: Int32 {
  case output = 1
  case error = 2

  /// Writes all of `text`. Returns 0, or the `errno` of the failure.
  func write(_ text: String) -> Int32 {
    let bytes = Array(text.utf8)
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { Foundation.write(rawValue, $0.baseAddress, $0.count) }
      if count >= 0 {
        written += count
      } else if errno == EAGAIN {
        // Another process that shares the terminal or pipe may have made it non-blocking.
        var waiting = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
        _ = poll(&waiting, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }
}

/// The three descriptors that a program starts with.
package enum StandardStreams {
  /// Occupies closed ones, so that no file or connection opened later gets their number and receives what is printed.
  /// Writing to an occupied one fails as writing to a closed one does.
  package static func occupyClosed() {
    for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
      // `open` returns the lowest free descriptor.
      _ = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
    }
  }
}
