import Formats
import Foundation

/// A file to import, in a form that can be read again: conflicts with other writes may restart the import.
///
/// Input from a pipe is stored in a temporary file before the import's transaction begins, so that a slow pipe does not
/// keep others from writing.
struct ImportInput: Sendable {
  /// The file as it was given; `-` is standard input.
  let file: String
  private let spool: SpooledFile?

  /// The most bytes that are read from a pipe: 1 GiB.
  private static let pipeLimit: Int64 = 1 << 30

  /// Reads input that cannot be read twice to its end. Throws an ``ImportError``.
  init(_ file: String, progress: @escaping @Sendable (ImportProgress) -> Void) async throws {
    self.file = file
    guard !FileBytes.canBeReadAgain(path: file) else {
      spool = nil
      return
    }
    let folder = FileManager.default.temporaryDirectory.path
    spool = try await withCheckedThrowingContinuation { continuation in
      // The writer of the pipe may take long: waiting for it must not block a thread that others need.
      Thread.detachNewThread {
        continuation.resume(
          with: Result {
            try Self.spooled(file, folder) { progress(ImportProgress(file: file, bytesRead: $0, totalBytes: nil)) }
          })
      }
    }
  }

  private static func spooled(
    _ file: String, _ folder: String, _ progress: (Int64) -> Void
  ) throws -> SpooledFile {
    do {
      return try SpooledFile(of: file, in: folder, limit: pipeLimit, progress: progress)
    } catch let error as FileError where error.code == EFBIG {
      throw ImportError.badFile(
        file: file, rule: "has more than \(pipeLimit) bytes, the most that are taken from a pipe; give it as a file")
    } catch let error as FileError where error.path == folder {
      throw ImportError.badFile(file: file, rule: "cannot be kept in \(folder): \(error.message); set TMPDIR")
    } catch let error as FileError {
      throw ImportError.badFile(file: file, rule: error.message)
    }
  }

  /// Passes the path to read from to `body`; errors and progress name the file as it was given.
  func read(
    progress: @escaping (ImportProgress) -> Void,
    _ body: (_ path: String, @escaping (ImportProgress) -> Void) throws -> Void
  ) throws {
    guard let spool else { return try body(file, progress) }
    do {
      try body(spool.path) { [file] in
        progress(ImportProgress(file: file, bytesRead: $0.bytesRead, totalBytes: $0.totalBytes))
      }
    } catch ImportError.badFile(let place, let rule) where place.hasPrefix(spool.path) {
      throw ImportError.badFile(file: file + place.dropFirst(spool.path.count), rule: rule)
    }
  }
}
