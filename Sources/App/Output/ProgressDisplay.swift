import Features
import Foundation
import Synchronization

/// Shows how far a long import has come: a bar on a terminal, a line for every tenth otherwise.
final class ProgressDisplay: Sendable {
  /// Files below this size, in bytes, are through before anybody reads a bar.
  private static let shownFrom: Int64 = 4 << 20

  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let lastShown = Mutex(-1)

  func show(_ progress: ImportProgress) {
    guard let total = progress.totalBytes, total >= Self.shownFrom else { return }
    let percent = Int(progress.bytesRead * 100 / total)
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
      write("\r\(bar) \(percent) %  \(progress.file)")
    } else {
      write("\(progress.file): \(step) %\n")
    }
  }

  func finish() {
    if isTerminal, lastShown.withLock({ $0 }) >= 0 { write("\r\u{1B}[2K") }
  }

  private func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}
