import Formats
import Workbooks

/// A row of a file: its record, or what is wrong with it.
struct SourceRow<Record> {
  let line: Int
  let original: Original
  let record: Result<Record, RowProblem>

  /// The row in its original form.
  enum Original {
    case cells([String], header: [String])
    case json([UInt8])
  }
}

/// Reads records from a file, row by row and in constant memory.
protocol RecordSource<Record> {
  associatedtype Record

  /// The kind of source, such as `meta_insights`.
  var name: String { get }

  /// Which column each field was read from, once the file has been read.
  var columns: [String] { get }

  /// How many rows with totals were left out.
  var totalRows: Int { get }

  /// How many rows that sum up the parts of a breakdown were left out.
  var subtotalRows: Int { get }

  /// What the user should know about how the file was read, one sentence each.
  var notes: [String] { get }

  /// Passes each row to `body`. Throws an ``ImportError`` where the file as a whole cannot be read.
  mutating func read(
    _ path: String, progress: (ImportProgress) -> Void, _ row: (SourceRow<Record>) throws -> Void) throws
}

extension RecordSource {
  var subtotalRows: Int { 0 }
  var notes: [String] { [] }

  /// Feeds a file's bytes to `feed`: see ``SourceFile/forEachChunk(_:progress:_:finish:)``.
  func chunks(
    _ path: String, progress: (ImportProgress) -> Void, _ feed: (UnsafeRawBufferPointer) throws -> Void,
    finish: () throws -> Void
  ) throws {
    try SourceFile.forEachChunk(path, progress: progress, feed, finish: finish)
  }
}

/// A file that records are read from.
enum SourceFile {
  /// Feeds a file's bytes to `feed` and converts the readers' errors into ones that name the file.
  static func forEachChunk(
    _ path: String, progress: (ImportProgress) -> Void, _ feed: (UnsafeRawBufferPointer) throws -> Void,
    finish: () throws -> Void
  ) throws {
    var isEmpty = true
    do {
      try FileBytes.forEachChunk(path: path) { chunk, bytesRead, totalBytes in
        isEmpty = isEmpty && chunk.isEmpty
        try feed(chunk)
        progress(ImportProgress(file: path, bytesRead: bytesRead, totalBytes: totalBytes))
      }
      try finish()
    } catch let error as CSVError {
      throw ImportError.badFile(file: "\(path):\(error.line):\(error.column)", rule: "is not CSV: \(error.rule)")
    } catch let error as JSONStreamError {
      throw ImportError.badFile(file: "\(path):\(error.line):\(error.column)", rule: "is not JSON: \(error.rule)")
    } catch let error as WorkbookError {
      throw ImportError.badFile(file: path, rule: error.description)
    } catch let error as FileError {
      throw ImportError.badFile(file: path, rule: error.message)
    }
    if isEmpty { throw ImportError.badFile(file: path, rule: "is empty") }
  }
}
