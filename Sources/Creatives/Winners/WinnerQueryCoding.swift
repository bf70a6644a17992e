import Formats
import Values
import Web

/// The bodies of requests about winners.
enum WinnerQueryCoding {
  private static let known =
    "query, query_embedding, ad_id, model, top_k, min_similarity, min_ctr, min_roas, won_since, won_before, only_winning, "
    + "account_id"

  static func read(_ body: [UInt8], caller: Principal) throws -> WinnerQuery {
    var otherAccount: String?
    let query = try FieldReader.read(body) { json, fields in
      var reading = Reading()
      try json.readObject { key, json in
        if try json.readNull() { return }
        if key == "account_id" {
          otherAccount = try fields.foreignAccount(key, &json, of: caller)
        } else {
          try reading.take(key, &json, &fields)
        }
      }
      return reading.finish(&fields)
    }
    if let otherAccount { _ = try caller.ownAccount(named: otherAccount, field: "account_id") }
    return query
  }

  /// What has been read of a search.
  private struct Reading {
    private var text: String?
    private var embedding: [Float]?
    private var adID: AdID?
    private var model: String?
    private var subjects: [String] = []
    private var query = WinnerQuery(.text(""))

    mutating func take(_ key: String, _ json: inout JSONReader, _ fields: inout FieldReader) throws {
      switch key {
      case "query":
        subjects.append(key)
        text = try fields.string(key, &json, at: .root, maxBytes: WinnerQuery.textLimit)
        if let text, text.isEmpty { fields.note(key, "", "must not be empty") }
      case "query_embedding":
        subjects.append(key)
        embedding = try fields.embedding(key, &json)
      case "ad_id":
        subjects.append(key)
        adID = try fields.adID(key, &json, at: .root)
      case "model": model = try fields.string(key, &json, at: .root, maxBytes: 200)
      case "top_k":
        let range = Double(WinnerQuery.limits.lowerBound)...Double(WinnerQuery.limits.upperBound)
        query.limit = try fields.integer(key, &json, at: .root, in: range) ?? query.limit
      case "min_similarity": query.minSimilarity = try fields.number(key, &json, at: .root, in: -1...1)
      case "min_ctr": query.filter.minCTR = try fields.number(key, &json, at: .root, in: 0...1)
      case "min_roas": query.filter.minROAS = try fields.number(key, &json, at: .root, in: 0...1e9)
      case "won_since": query.filter.wonSince = try fields.instant(key, &json, at: .root)
      case "won_before": query.filter.wonBefore = try fields.instant(key, &json, at: .root)
      case "only_winning": query.filter.onlyWinning = try fields.flag(key, &json, at: .root) ?? false
      default: try fields.unknown(key, &json, at: .root, known: known)
      }
    }

    mutating func finish(_ fields: inout FieldReader) -> WinnerQuery? {
      guard subjects.count == 1 else {
        fields.note(
          "query", subjects.isEmpty ? "missing" : subjects.joined(separator: ", "),
          "exactly one of query, query_embedding and ad_id is required")
        return nil
      }
      if let model, subjects != ["query_embedding"] {
        fields.note("model", model, "goes with query_embedding alone")
      }
      if let text { query.subject = .text(text) }
      if let embedding { query.subject = .embedding(embedding, model: model) }
      if let adID { query.subject = .ad(adID) }
      return query
    }
  }

  static func readAddition(_ body: [UInt8], caller: Principal) throws -> (adID: AdID, dna: CreativeDNA?) {
    var otherAccount: String?
    let addition = try FieldReader.read(body) { json, fields in
      var (adID, dna, isGiven) = (AdID?.none, CreativeDNA?.none, false)
      try json.readObject { key, json in
        if key != "ad_id", try json.readNull() { return }
        switch key {
        case "ad_id":
          isGiven = true
          adID = try fields.adID(key, &json, at: .root)
        case "dna": dna = try CreativeDNA.read(&json, &fields, at: .member(of: "dna"))
        case "account_id": otherAccount = try fields.foreignAccount(key, &json, of: caller)
        default: try fields.unknown(key, &json, at: .root, known: "ad_id, dna, account_id")
        }
      }
      if !isGiven { fields.missing("ad_id", at: .root) }
      return adID.map { (adID: $0, dna: dna) }
    }
    if let otherAccount { _ = try caller.ownAccount(named: otherAccount, field: "account_id") }
    return addition
  }
}

extension FieldReader {
  /// The name of an account that is not the caller's; nil for its own.
  mutating func foreignAccount(_ key: String, _ json: inout JSONReader, of caller: Principal) throws -> String? {
    guard let name = try string(key, &json, at: .root), name != caller.accountID.value else { return nil }
    return name
  }

  /// An embedding of any length but zero.
  mutating func embedding(_ key: String, _ json: inout JSONReader) throws -> [Float]? {
    guard try json.peekKind() == .array else {
      note(key, "another kind of value", "must be an array of \(VectorColumn.dimension) numbers")
      try json.skipValue()
      return nil
    }
    var numbers: [Float] = []
    var isWhole = true
    try json.readArray { _, json in
      guard let number = try json.readDoubleIfNumber() else {
        isWhole = false
        return try json.skipValue()
      }
      isWhole = isWhole && abs(number) <= 1e18 && numbers.count < VectorColumn.dimension
      if isWhole { numbers.append(Float(number)) }
    }
    guard isWhole, numbers.count == VectorColumn.dimension, CheckedEmbedder.unit(numbers) != nil else {
      note(
        key, "\(numbers.count) numbers", "must be \(VectorColumn.dimension) numbers up to 1e18, not all of them 0")
      return nil
    }
    return numbers
  }

  mutating func instant(
    _ key: String, _ json: inout JSONReader, at path: FieldPath
  ) throws -> Instant? {
    guard let text = try string(key, &json, at: path) else { return nil }
    guard let moment = Instant(text) else {
      note(path.appending(key), text, "must be a moment such as 2026-05-01T00:00:00Z")
      return nil
    }
    return moment
  }

  fileprivate mutating func flag(_ key: String, _ json: inout JSONReader, at path: FieldPath) throws -> Bool? {
    guard try json.peekKind() == .bool else {
      note(path.appending(key), "another kind of value", "must be true or false")
      try json.skipValue()
      return nil
    }
    return try json.readBool()
  }
}
