import Accounts
import Formats
import Values
import Web

/// Creative DNA over HTTP.
package struct CreativeDNARoutes: Sendable {
  private let creatives: CreativeDNAService

  package init(creatives: CreativeDNAService) {
    self.creatives = creatives
  }

  package var endpoints: [Endpoint] {
    [
      Endpoint(
        .get, "/api/creative-dna/{ad_id}", operationID: "getCreativeDNA", summary: "What is known of an ad's creative.",
        tag: "Creatives", access: .role(.viewer), response: CreativeDNASchemas.answer
      ) { call in
        let adID = try call.adID()
        let found = try await creatives.dna(of: adID, account: call.caller().accountID)
        return Reply.object { json in
          json.member("ad_id", adID.value)
          json.key("dna")
          found.dna.write(to: &json)
          json.member("updated_at", found.updatedAt.description)
        }
      },
      Endpoint(
        .put, "/api/creative-dna/{ad_id}", operationID: "putCreativeDNA",
        summary: "Takes the DNA of the creative of an ad that is known, in place of what was known of it.",
        tag: "Creatives", access: .role(.operator), request: CreativeDNASchemas.dna,
        response: CreativeDNASchemas.taken, otherAnswers: [.notFound]
      ) { call in
        let adID = try call.adID()
        let dna = try CreativeDNACoding.read(call.body)
        try await creatives.put(dna, of: adID, account: call.caller().accountID)
        return CreativeDNACoding.taken(1)
      },
      Endpoint(
        .post, "/api/creative-dna", operationID: "importCreativeDNA",
        summary: "Takes the DNA of many ads' creatives, all or none; the ads need not be known yet.", tag: "Creatives",
        access: .role(.operator),
        request: CreativeDNASchemas.batch, bodyLimit: Endpoint.largeBodyLimit, response: CreativeDNASchemas.taken
      ) { call in
        let batch = try CreativeDNACoding.readBatch(call.body)
        try await creatives.take(batch, of: call.caller().accountID)
        return CreativeDNACoding.taken(batch.count)
      },
    ]
  }
}

extension Call {
  /// The ad in the path. Throws an ``APIError`` of status 404 for what cannot be one.
  func adID() throws -> AdID {
    let text = pathParameters["ad_id"] ?? ""
    guard let id = AdID(text) else { throw APIError.notFound("ad \(text)") }
    return id
  }
}

/// The bodies and answers of creative DNA.
enum CreativeDNACoding {
  static func read(_ body: [UInt8]) throws -> CreativeDNA {
    try FieldReader.read(body) { json, fields in try CreativeDNA.read(&json, &fields, at: .root) }
  }

  static func readBatch(_ body: [UInt8]) throws -> [(adID: AdID, dna: CreativeDNA)] {
    try FieldReader.read(body) { json, fields in
      var batch: [(adID: AdID, dna: CreativeDNA)]?
      try json.readObject { key, json in
        guard key == "creatives" else { return try fields.unknown(key, &json, at: .root, known: "creatives") }
        batch = try readCreatives(&json, &fields)
      }
      if batch == nil { fields.missing("creatives", at: .root) }
      return batch
    }
  }

  private static func readCreatives(
    _ json: inout JSONReader, _ fields: inout FieldReader
  ) throws -> [(adID: AdID, dna: CreativeDNA)] {
    var batch: [(adID: AdID, dna: CreativeDNA)] = []
    try json.readArray { index, json in
      let path = FieldPath.element(of: "creatives", index)
      guard index < CreativeDNAService.batch else {
        if index == CreativeDNAService.batch {
          fields.note("creatives", "more", "must be at most \(CreativeDNAService.batch)")
        }
        return try json.skipValue()
      }
      var (adID, dna) = (AdID?.none, CreativeDNA?.none)
      try json.readObject { key, json in
        switch key {
        case "ad_id": adID = try fields.adID(key, &json, at: path)
        case "dna": dna = try CreativeDNA.read(&json, &fields, at: path)
        default: try fields.unknown(key, &json, at: path, known: "ad_id, dna")
        }
      }
      if adID == nil, fields.problems.isEmpty { fields.missing("ad_id", at: path) }
      if dna == nil, fields.problems.isEmpty { fields.missing("dna", at: path) }
      if let adID, let dna { batch.append((adID, dna)) }
    }
    return batch
  }

  static func taken(_ count: Int) -> Reply { Reply.object { $0.member("taken", count) } }
}

enum CreativeDNASchemas {
  static let dna = Schema.map(
    "What an ad is made of, in the groups hook, visual, audio, pacing, copy and cta, or with their fields side by side. "
      + "Fields of no known kind are kept.", of: .anything, keys: PlainText.pattern("{1,200}")
  ).named("CreativeDNA")

  static let answer = Schema.object(required: [
    ("ad_id", .string("The ad.")), ("dna", dna), ("updated_at", .formatted("When it came.", "date-time")),
  ]).named("AdCreativeDNA")

  static let batch = Schema.object(required: [
    (
      "creatives",
      .array(
        of: .object(required: [("ad_id", .text("The ad's id.", length: 1...128)), ("dna", dna)]),
        count: 0...CreativeDNAService.batch)
    )
  ]).named("CreativeDNABatch")

  static let taken = Schema.object(required: [("taken", .integer("How many ads' DNA was taken."))])
    .named("CreativeDNATaken")
}
