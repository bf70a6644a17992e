import Formats
import Storage

/// Refusals as stored text.
enum RefusalCoding {
  /// The most refusals of a batch that are stored.
  static let limit = 2_000

  static func write(_ refusals: [RefusalRecord], to json: inout JSONWriter) {
    json.array { json in
      for refusal in refusals {
        json.object { json in
          json.member("object_id", refusal.object)
          json.member("code", refusal.code)
          json.member("reason", refusal.text)
        }
      }
    }
  }

  static func text(_ refusals: [RefusalRecord]) -> String {
    var json = JSONWriter()
    write(Array(refusals.prefix(limit)), to: &json)
    return json.string
  }

  static func read(_ text: String) throws -> [RefusalRecord] {
    guard let list = try JSONReader.read(text, { try $0.readValue() }).arrayValue else {
      throw DatabaseError.unreadableColumn("refusals")
    }
    return try list.map { refusal in
      guard let object = refusal["object_id"]?.stringValue, let code = refusal["code"]?.stringValue,
        let text = refusal["reason"]?.stringValue
      else { throw DatabaseError.unreadableColumn("refusals") }
      return RefusalRecord(object: object, code: code, text: text)
    }
  }
}
