import Formats
import TextEmbedding
import Values
import Web

/// The body and the answer of `generate-embedding`.
enum EmbeddingCoding {
  private static let textCount = 1...100

  static let request = Schema.object(
    optional: [
      ("text", .text("A text: exactly one of this and texts is required.", length: 1...WinnerQuery.textLimit)),
      ("texts", .array(of: .text("A text.", length: 1...WinnerQuery.textLimit), count: textCount)),
      ("account_id", .text("The key's own account.", length: 1...64)),
    ]
  ).named("EmbeddingRequest")

  static let response = Schema.object(required: [
    ("model", .string("The model.")), ("dimension", .integer("How many numbers an embedding has.")),
    ("count", .integer("How many embeddings there are.")),
    (
      "embeddings",
      .array(
        of: .array(of: .number("A component.")), description: "An embedding of length 1 for each text, in order.")
    ),
  ]).named("Embeddings")

  static func read(_ body: [UInt8], caller: Principal) throws -> [String] {
    var otherAccount: String?
    let texts = try FieldReader.read(body) { json, fields in
      var (texts, given) = ([String](), 0)
      try json.readObject { key, json in
        if try json.readNull() { return }
        switch key {
        case "text":
          given += 1
          texts += try text(key, &json, &fields, at: .root)
        case "texts":
          given += 1
          texts += try self.texts(key, &json, &fields)
        case "account_id": otherAccount = try fields.foreignAccount(key, &json, of: caller)
        default: try fields.unknown(key, &json, at: .root, known: "text, texts, account_id")
        }
      }
      if given != 1 { fields.note("texts", given == 0 ? "missing" : "text, texts", "exactly one of both is required") }
      return texts
    }
    if let otherAccount { _ = try caller.ownAccount(named: otherAccount, field: "account_id") }
    return texts
  }

  private static func texts(
    _ key: String, _ json: inout JSONReader, _ fields: inout FieldReader
  ) throws -> [String] {
    guard try json.peekKind() == .array else {
      fields.note(key, "another kind of value", "must be an array of texts")
      try json.skipValue()
      return []
    }
    var (texts, count) = ([String](), 0)
    try json.readArray { index, json in
      count += 1
      guard count <= textCount.upperBound else { return try json.skipValue() }
      texts += try text("", &json, &fields, at: .element(of: "texts", index))
    }
    if !textCount.contains(count) {
      fields.note(key, "\(count) texts", "must be \(textCount.lowerBound) to \(textCount.upperBound)")
    }
    return texts
  }

  private static func text(
    _ key: String, _ json: inout JSONReader, _ fields: inout FieldReader, at path: FieldPath
  ) throws -> [String] {
    guard let text = try fields.string(key, &json, at: path, maxBytes: WinnerQuery.textLimit) else { return [] }
    if text.isEmpty { fields.note(path.appending(key), "", "must not be empty") }
    return [text]
  }

  static func reply(_ embedded: (model: EmbeddingModel, vectors: [[Float]])) -> Reply {
    Reply.object { json in
      json.member("model", embedded.model.name)
      json.member("dimension", embedded.model.dimension)
      json.member("count", embedded.vectors.count)
      json.key("embeddings")
      json.array { json in
        for vector in embedded.vectors {
          json.array { json in for number in vector { json.value(Double(number)) } }
        }
      }
    }
  }
}
