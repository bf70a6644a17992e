import Formats
import Foundation

/// The rows that an import refused, in a file beside the one they came from.
///
/// It gets its final name only when the import has been committed; until then it has another one. Only its owner may
/// read it, because it contains what the file contains.
final class RejectsFile {
  /// The final path.
  private let path: String
  private var handle: FileHandle?

  init(besides file: String, _ kind: SourceRow<some Any>.Original) {
    path =
      switch kind {
      case .cells: file + Self.endings.cells
      case .json: file + Self.endings.json
      }
  }

  /// Removes the file of an import that failed.
  deinit {
    if handle != nil { try? FileManager.default.removeItem(atPath: temporaryPath) }
  }

  private static let endings = (cells: ".rejects.csv", json: ".rejects.jsonl")
  private static let temporaryEnding = ".part"

  private var temporaryPath: String { path + Self.temporaryEnding }

  func write(_ original: SourceRow<some Any>.Original, _ problem: RowProblem) throws {
    let handle = try handle ?? open(original)
    self.handle = handle
    switch original {
    case .cells(let cells, _): try handle.write(contentsOf: Data(line(cells + [problem.description]).utf8))
    case .json(let bytes):
      var json = JSONWriter()
      json.object { json in
        json.member("problem", problem.description)
        json.member("row", String(decoding: bytes, as: UTF8.self))
      }
      try handle.write(contentsOf: Data(json.bytes + [UInt8(ascii: "\n")]))
    }
  }

  /// Completes the file and returns its final path; nil where nothing was refused.
  func finish() throws -> String? {
    guard let handle else { return nil }
    try handle.close()
    self.handle = nil
    return path
  }

  /// Renames a completed file to its final path, and returns where it is: its temporary path where renaming fails.
  static func putInPlace(_ path: String) -> String {
    let temporaryPath = path + temporaryEnding
    return rename(temporaryPath, path) == 0 ? path : temporaryPath
  }

  /// Removes the file of an import that did not take place.
  static func discard(besides file: String) {
    for ending in [endings.cells, endings.json] { unlink(file + ending + temporaryEnding) }
  }

  private func open(_ kind: SourceRow<some Any>.Original) throws -> FileHandle {
    guard
      FileManager.default.createFile(
        atPath: temporaryPath, contents: nil, attributes: [.posixPermissions: 0o600]),
      let handle = FileHandle(forWritingAtPath: temporaryPath)
    else { throw ImportError.badFile(file: temporaryPath, rule: "cannot be written; it is to hold the refused rows") }
    if case .cells(_, let header) = kind { try handle.write(contentsOf: Data(line(header + ["problem"]).utf8)) }
    return handle
  }

  private func line(_ cells: [String]) -> String {
    let line = CSVWriter.line(cells)
    return line.hasSuffix("\n") ? line : line + "\n"
  }
}

/// The rows of a file that violate rules, in the file's order.
struct RefusedRows {
  private let file: String
  private let keepsThem: Bool
  private var first: [RowProblem] = []
  private var rejects: RejectsFile?
  /// How many there are.
  private(set) var count = 0

  private static let shown = 20

  /// With `keepsThem` they are set aside in a file beside `file`; otherwise one of them refuses the whole file.
  init(file: String, keepsThem: Bool) {
    self.file = file
    self.keepsThem = keepsThem
  }

  mutating func add(_ original: SourceRow<some Any>.Original?, _ problem: RowProblem) throws {
    count += 1
    var problem = problem
    problem.file = file
    if first.count < Self.shown { first.append(problem) }
    guard keepsThem, let original else { return }
    let rejects = rejects ?? RejectsFile(besides: file, original)
    self.rejects = rejects
    try rejects.write(original, problem)
  }

  /// The file with the rows that were set aside; nil where there are none. Throws ``ImportError/badRows(_:count:)``
  /// where they must not be set aside.
  func finish() throws -> String? {
    guard first.isEmpty || keepsThem else { throw ImportError.badRows(first, count: count) }
    return try rejects?.finish()
  }
}
