import Foundation
import Measurement
import Synchronization
import Values

/// Shows the progress of long work: a bar on a terminal, a line for every tenth otherwise.
final class ProgressBar: Sendable {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let lastShown = Mutex(-1)

  /// Shows that `done` of `total` (above 0) is done.
  func show(_ done: Int64, of total: Int64, _ label: String) {
    let percent = Int(done * 100 / total)
    let step = isTerminal ? percent : percent / 10 * 10
    guard
      lastShown.withLock({ last in
        defer { last = step }
        return step > last
      })
    else { return }
    if isTerminal {
      let filled = percent * 40 / 100
      let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: 40 - filled)
      write("\r\(bar) \(percent) %  \(Printable.line(label))")
    } else {
      write("\(Printable.line(label)): \(step) %\n")
    }
  }

  /// Removes the bar.
  func finish() {
    if isTerminal, lastShown.withLock({ $0 }) >= 0 { write("\r\u{1B}[2K") }
  }

  private func write(_ text: String) {
    _ = StandardStream.error.write(text)
  }
}

/// Shows the progress of a long import.
final class ProgressDisplay: Sendable {
  /// Files below this size, in bytes, are done before anybody could read a bar.
  private static let shownFrom: Int64 = 4 << 20

  private let bar = ProgressBar()

  func show(_ progress: ImportProgress) {
    guard let total = progress.totalBytes, total >= Self.shownFrom else { return }
    bar.show(progress.bytesRead, of: total, progress.file)
  }

  func finish() {
    bar.finish()
  }
}
