import Formats
import Workbooks

/// A row of a file: what it says, or what is wrong with it.
struct SourceRow<Record> {
  let line: Int
  let original: Original
  let record: Result<Record, RowProblem>

  /// The row as it stands in the file.
  enum Original {
    case cells([String], header: [String])
    case json([UInt8])
  }
}

/// Something that reads records from a file, row by row and in constant memory.
protocol RecordSource<Record> {
  associatedtype Record

  /// What the records come from, such as `meta_insights`.
  var name: String { get }

  /// Which column each field was read from, once the file has been read.
  var columns: [String] { get }

  /// Rows that sum up others and were left out.
  var totalRows: Int { get }

  /// Rows that sum up the parts of a breakdown and were left out.
  var subtotalRows: Int { get }

  /// What the user should know of how the file was read, a sentence each.
  var notes: [String] { get }

  /// Hands over each row. Throws an ``ImportError`` where the file as a whole cannot be read.
  mutating func read(
    _ path: String, progress: (ImportProgress) -> Void, _ row: (SourceRow<Record>) throws -> Void) throws
}

extension RecordSource {
  /// Nothing more to say of the file than of most.
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
  /// Feeds a file's bytes to `feed` and turns the readers' errors into ones that name the file.
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
