import Formats
import Values
import Web

extension CreativeDNAService {
  /// Takes the DNA of every ad of a file, a thousand ads to a transaction, and returns how many. A JSON record is an object
  /// with `ad_id` and the fields of DNA, beside it or under `dna`; a table has them as columns.
  ///
  /// Throws a ``RecordFileError`` before anything is taken, and what ``take(_:of:)`` throws.
  package func importFile(_ path: String, into account: AccountID) async throws -> Int {
    let records = try RecordFile.read(path, json: Self.record, columns: Self.record)
    for start in stride(from: 0, to: records.count, by: Self.batch) {
      try await take(Array(records[start..<min(start + Self.batch, records.count)]), of: account)
    }
    return records.count
  }

  private static func record(_ object: [UInt8]) throws -> (adID: AdID, dna: CreativeDNA) {
    try FieldReader.read(object) { json, fields in
      guard case .object(let object) = try json.readValue() else { return nil }
      guard case .string(let text)? = object["ad_id"], let adID = AdID(text) else {
        fields.note("ad_id", "\(object["ad_id"]?.stringValue ?? "missing")", "must be \(AdID.rule)")
        return nil
      }
      var json = JSONWriter()
      (object["dna"] ?? .object(JSONObject(object.members.filter { $0.key != "ad_id" }))).write(to: &json)
      return (adID, try CreativeDNACoding.read(json.bytes))
    }
  }

  private static func record(_ columns: [(name: String, cell: String)]) throws -> (adID: AdID, dna: CreativeDNA) {
    let text = columns.first { $0.name == "ad_id" }?.cell
    guard let adID = text.flatMap({ AdID($0) }) else {
      throw InvalidInput.fields([FieldProblem(field: "ad_id", value: text ?? "missing", rule: "must be \(AdID.rule)")])
    }
    return (adID, try CreativeDNA.read(columns: columns.filter { $0.name != "ad_id" }))
  }
}
