import Foundation
import Values

/// Results on standard output, everything else on standard error.
enum Console {
  /// The exit status of a command whose output cannot be written: `EX_IOERR` of `sysexits.h`.
  static let outputFailure: Int32 = 74

  /// Prints a line. Where standard output cannot be written, says so in one line on standard error, followed by `note`,
  /// and ends the process with status 74; a reader that has gone ends it without a word, as SIGPIPE does.
  ///
  /// It ends the process rather than throw because no command can do anything useful once nobody hears it.
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

/// Standard output or standard error, written without `FileHandle`, which ends the program where writing fails.
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
        // Whoever shares the terminal or pipe may have set it not to block.
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
  /// Occupies those that are closed, so that no file or connection that is opened later takes their place and gets what
  /// is printed. Writing to an occupied one fails as writing to a closed one does.
  package static func occupyClosed() {
    for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
      // The lowest free descriptor is the one that `open` returns.
      _ = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
    }
  }
}
