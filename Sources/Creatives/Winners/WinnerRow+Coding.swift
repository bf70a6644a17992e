import Formats
import Values
import Web

extension WinnerRow {
  /// The names of its fields, in the order in which they are written.
  package static let fields = [
    "ad_id", "reason", "won_at", "lost_at", "impressions", "clicks", "spend", "pipeline_value", "ctr", "pipeline_roas",
    "model", "text_version", "text_hash", "embedding", "dna",
  ]

  /// Writes an object with the fields of which something is known.
  package func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("ad_id", adID.value)
      json.member("reason", reason.rawValue)
      if let wonAt { json.member("won_at", wonAt.description) }
      if let lostAt { json.member("lost_at", lostAt.description) }
      if let impressions = then.impressions { json.member("impressions", impressions) }
      if let clicks = then.clicks { json.member("clicks", clicks) }
      if let spend = then.spend { json.member("spend", "\(spend)") }
      if let value = then.pipelineValue { json.member("pipeline_value", "\(value)") }
      if let ctr = then.ctr { json.member("ctr", ctr) }
      if let roas = then.pipelineROAS { json.member("pipeline_roas", roas) }
      if let model { json.member("model", model) }
      if let textVersion { json.member("text_version", textVersion) }
      if let textHash { json.member("text_hash", textHash) }
      if let embedding {
        json.key("embedding")
        json.array { json in for number in embedding { json.value(Double(number)) } }
      }
      if let dna {
        json.key("dna")
        dna.write(to: &json)
      }
    }
  }

  /// The cells of a table's row, in the order of ``fields``: JSON where a value is no single one.
  package var cells: [String] {
    get throws {
      var json = JSONWriter()
      write(to: &json)
      let value = try JSONReader.read(json.bytes) { try $0.readValue() }
      return Self.fields.map { field in
        switch value[field] {
        case nil, .null: ""
        case .string(let text): text
        case .number(let text): text
        case let other?: other.compactText
        }
      }
    }
  }

  /// Reads an object that ``write(to:)`` may have written, or one with an ad's id and any of the other fields. Throws an
  /// ``InvalidInput`` that names each bad field.
  package static func read(_ line: [UInt8]) throws -> WinnerRow {
    try FieldReader.read(line) { json, fields in
      var reading = Reading()
      try json.readObject { key, json in
        if key != "ad_id", try json.readNull() { return }
        try reading.take(key, &json, &fields)
      }
      return reading.finish(&fields)
    }
  }

  /// Reads the cells of a table's row by the names of their columns: cells of JSON as such, others as texts or numbers.
  /// Columns of creative DNA may stand beside those of a winner. Throws an ``InvalidInput``.
  package static func read(columns: [(name: String, cell: String)]) throws -> WinnerRow {
    let own = columns.filter { fields.contains($0.name) && !$0.cell.isEmpty }
    var json = JSONWriter()
    json.object { json in
      for (name, cell) in own {
        json.key(name)
        if ["embedding", "dna"].contains(name) {
          if let value = try? JSONReader.read(cell, { try $0.readValue() }) {
            value.write(to: &json)
          } else {
            json.value(cell)
          }
        } else if numbers.contains(name) {
          json.number(text: cell)
        } else {
          json.value(cell)
        }
      }
    }
    var row = try read(json.bytes)
    let others = columns.filter { !fields.contains($0.name) && !$0.cell.isEmpty }
    if row.dna == nil, !others.isEmpty {
      let dna = try CreativeDNA.read(columns: others)
      if !dna.isEmpty { row.dna = dna }
    }
    return row
  }

  private static let numbers: Set<String> = ["impressions", "clicks", "ctr", "pipeline_roas", "text_version"]

  /// What has been read of a winner.
  private struct Reading {
    private var adID: AdID?
    private var isGiven = false
    private var changes: [(inout WinnerRow) -> Void] = []

    mutating func take(_ key: String, _ json: inout JSONReader, _ fields: inout FieldReader) throws {
      switch key {
      case "ad_id":
        isGiven = true
        adID = try fields.adID(key, &json, at: .root)
      case "reason": set(\.reason, try fields.choice(key, &json, at: .root, as: WinReason.self))
      case "won_at": set(\.wonAt, try fields.instant(key, &json, at: .root))
      case "lost_at": set(\.lostAt, try fields.instant(key, &json, at: .root))
      case "impressions": set(\.then.impressions, try fields.count(key, &json, at: .root))
      case "clicks": set(\.then.clicks, try fields.count(key, &json, at: .root))
      case "spend": set(\.then.spend, try fields.amount(key, &json, at: .root))
      case "pipeline_value": set(\.then.pipelineValue, try fields.amount(key, &json, at: .root))
      case "ctr": set(\.then.ctr, try fields.number(key, &json, at: .root, in: 0...1))
      case "pipeline_roas": set(\.then.pipelineROAS, try fields.number(key, &json, at: .root, in: 0...1e18))
      case "model": set(\.model, try fields.string(key, &json, at: .root, maxBytes: 200))
      case "text_version": set(\.textVersion, try fields.integer(key, &json, at: .root, in: 1...1e9))
      case "text_hash": set(\.textHash, try hash(key, &json, &fields))
      case "embedding":
        set(\.embedding, try fields.embedding(key, &json).flatMap(CheckedEmbedder.unit))
      case "dna": set(\.dna, try CreativeDNA.read(&json, &fields, at: .member(of: "dna")))
      default: try fields.unknown(key, &json, at: .root, known: WinnerRow.fields.joined(separator: ", "))
      }
    }

    private func hash(_ key: String, _ json: inout JSONReader, _ fields: inout FieldReader) throws -> String? {
      guard let text = try fields.string(key, &json, at: .root) else { return nil }
      guard text.utf8.count == 64, Hex.bytes(text) != nil else {
        fields.note(key, text, "must be a SHA-256 in hexadecimal digits")
        return nil
      }
      return text.lowercased()
    }

    private mutating func set<Value>(_ path: WritableKeyPath<WinnerRow, Value>, _ value: Value?) {
      guard let value else { return }
      changes.append { $0[keyPath: path] = value }
    }

    func finish(_ fields: inout FieldReader) -> WinnerRow? {
      if !isGiven { fields.missing("ad_id", at: .root) }
      guard let adID else { return nil }
      var row = WinnerRow(adID)
      for change in changes { change(&row) }
      if (row.model == nil) != (row.embedding == nil) {
        fields.note("model", row.model ?? "missing", "goes with embedding: both or neither are given")
      }
      if let wonAt = row.wonAt, let lostAt = row.lostAt, lostAt < wonAt {
        fields.note("lost_at", "\(lostAt)", "must not be before won_at (\(wonAt))")
      }
      return row
    }
  }
}

extension JSONValue {
  fileprivate var compactText: String {
    var json = JSONWriter()
    write(to: &json)
    return json.string
  }
}
