import Formats
import Values
import Web

/// Reads files of one record for each ad: tables as CSV where the name says so, else JSON, as lines or as an array.
package enum RecordFile {
  /// How many records a file may have: all are held in memory, so that none is taken where one is bad.
  package static let recordLimit = 200_000
  /// How many problems are told.
  private static let problemLimit = 20

  /// Reads every record by one of both closures. Throws a ``RecordFileError`` that names the lines at fault.
  package static func read<Record>(
    _ path: String, json: (_ object: [UInt8]) throws -> Record,
    columns: (_ columns: [(name: String, cell: String)]) throws -> Record
  ) throws -> [Record] {
    var gathering = Gathering<Record>(path: path)
    do {
      if path.lowercased().hasSuffix(".csv") {
        try readTable(path) { line, row in try gathering.add(line) { try columns(row) } }
      } else {
        try readObjects(path) { line, bytes in try gathering.add(line) { try json(bytes) } }
      }
    } catch let error as FileError {
      throw RecordFileError.unreadable(path, error.message)
    } catch let error as CSVError {
      throw RecordFileError.unreadable(path, error.description)
    } catch let error as JSONStreamError {
      throw RecordFileError.unreadable(path, error.description)
    }
    guard gathering.problems.isEmpty else { throw RecordFileError.badRecords(gathering.problems) }
    return gathering.records
  }

  private static func readTable(
    _ path: String, _ row: (_ line: Int, _ columns: [(name: String, cell: String)]) throws -> Void
  ) throws {
    var (reader, header) = (CSVReader(), [String]?.none)
    func take(_ record: CSVRecord) throws {
      guard let names = header else { return header = record.fields }
      try row(record.line, zip(names, record.fields).map { (name: $0, cell: $1) })
    }
    try FileBytes.forEachChunk(path: path) { chunk, _, _ in try reader.feed(chunk, take) }
    try reader.finish(take)
  }

  private static func readObjects(_ path: String, _ object: (_ line: Int, _ bytes: [UInt8]) throws -> Void) throws {
    var stream = JSONElementStream(arrayMembers: ["winners", "creatives"])
    func take(_ element: JSONElementStream.Element) throws { try object(element.line, element.bytes) }
    try FileBytes.forEachChunk(path: path) { chunk, _, _ in try stream.feed(chunk, take) }
    try stream.finish(take)
  }

  /// The records and problems so far.
  private struct Gathering<Record> {
    let path: String
    var records: [Record] = []
    var problems: [String] = []

    init(path: String) {
      self.path = path
    }

    mutating func add(_ line: Int, _ record: () throws -> Record) throws {
      do {
        records.append(try record())
      } catch let error as InvalidInput {
        problems.append("line \(line): \(error)")
        guard problems.count < problemLimit else { throw RecordFileError.badRecords(problems) }
      }
      guard records.count <= recordLimit else { throw RecordFileError.tooMany(path) }
    }
  }
}

/// Why a file is not taken.
package enum RecordFileError: FeatureError, Equatable {
  case unreadable(String, String)
  case badRecords([String])
  case tooMany(String)

  package var code: String { "bad_file" }

  package var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)"
    case .badRecords(let problems): "nothing is taken: " + problems.joined(separator: "; ")
    case .tooMany(let path):
      "\(path) has more than \(RecordFile.recordLimit) records: take it in several files"
    }
  }
}
