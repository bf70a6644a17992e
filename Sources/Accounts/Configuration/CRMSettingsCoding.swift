import Formats
import Values
import Web

/// How an account reads its CRM, as JSON: in storage, and as fields of the account's configuration.
enum CRMSettingsCoding {
  static func text(_ settings: CRMSettings) -> String {
    var json = JSONWriter()
    json.object { write(settings, to: &$0) }
    return json.string
  }

  /// Writes the settings' fields into an open object.
  static func write(_ settings: CRMSettings, to json: inout JSONWriter) {
    json.key("ad_id_properties")
    write(settings.adIDProperties, to: &json)
    json.key("ad_url_parameters")
    write(settings.adURLParameters, to: &json)
    json.member("attribution_window_days", settings.attributionWindowDays)
    json.key("currency_rates")
    json.object { json in
      for (currency, rate) in settings.currencyRates.sorted(by: { $0.key < $1.key }) {
        json.key(currency)
        json.value(rate)
      }
    }
    json.key("crm_stages")
    json.object { json in
      for (stage, name) in settings.stages.sorted(by: { $0.key < $1.key }) {
        json.key(stage)
        json.value(name)
      }
    }
  }

  private static func write(_ words: [String], to json: inout JSONWriter) {
    json.array { json in for word in words { json.value(word) } }
  }

  /// Reads one of the fields as a change; nil, with a note, where it breaks a rule.
  static func readChange(
    _ key: String, _ json: inout JSONReader, _ fields: inout FieldReader
  ) throws -> ConfigurationCoding.Change? {
    switch key {
    case "ad_id_properties": return set(try readNames(key, &json, &fields), \.adIDProperties)
    case "ad_url_parameters": return set(try readNames(key, &json, &fields), \.adURLParameters)
    case "attribution_window_days":
      return set(try fields.integer(key, &json, at: .root, in: 1...3650), \.attributionWindowDays)
    case "currency_rates": return set(try readRates(&json, &fields), \.currencyRates)
    default: return set(try readStages(&json, &fields), \.stages)
    }
  }

  private static func set<Value: Sendable>(
    _ value: Value?, _ path: any WritableKeyPath<CRMSettings, Value> & Sendable
  ) -> ConfigurationCoding.Change? {
    guard let value else { return nil }
    return { $0.crm[keyPath: path] = value }
  }

  private static func readNames(
    _ key: String, _ json: inout JSONReader, _ fields: inout FieldReader
  ) throws -> [String]? {
    guard try json.peekKind() == .array else {
      fields.note(key, try json.peekKind().rawValue, "must be a list of names")
      try json.skipValue()
      return nil
    }
    let before = fields.problems.count
    var names: [String] = []
    try json.readArray { index, json in
      guard let name = try fields.canonicalString("\(key)[\(index)]", &json, at: .root, maxBytes: 100) else { return }
      if name.isEmpty || names.contains(name) {
        fields.note("\(key)[\(index)]", name, "must be a name that is not in the list yet")
      } else if names.count == CRMSettings.entryLimit {
        fields.note(key, "\(index + 1)", "must have at most \(CRMSettings.entryLimit) names")
      } else {
        names.append(name)
      }
    }
    return fields.problems.count == before ? names : nil
  }

  private static func readRates(_ json: inout JSONReader, _ fields: inout FieldReader) throws -> [String: Double]? {
    try readTable("currency_rates", &json, &fields) { currency, json, fields in
      guard Currency(currency)?.code == currency else {
        fields.note("currency_rates.\(currency)", currency, "must be a currency's three letters such as EUR")
        try json.skipValue()
        return nil
      }
      return try fields.number("currency_rates.\(currency)", &json, at: .root, in: 1e-6...1e6)
    }
  }

  private static func readStages(_ json: inout JSONReader, _ fields: inout FieldReader) throws -> [String: String]? {
    try readTable("crm_stages", &json, &fields) { stage, json, fields in
      guard (1...200).contains(stage.utf8.count), fields.isPlain(stage) else {
        fields.note(
          "crm_stages.\(stage)", stage, "must name a stage of the CRM in 1 to 200 bytes without control characters")
        try json.skipValue()
        return nil
      }
      return try fields.canonicalString("crm_stages.\(stage)", &json, at: .root, maxBytes: 64)
    }
  }

  private static func readTable<Entry>(
    _ key: String, _ json: inout JSONReader, _ fields: inout FieldReader,
    _ entry: (String, inout JSONReader, inout FieldReader) throws -> Entry?
  ) throws -> [String: Entry]? {
    guard try json.peekKind() == .object else {
      fields.note(key, try json.peekKind().rawValue, "must be an object")
      try json.skipValue()
      return nil
    }
    let before = fields.problems.count
    var table: [String: Entry] = [:]
    try json.readObject { name, json in
      table[name.canonical] = try entry(name, &json, &fields)
    }
    if table.count > CRMSettings.entryLimit {
      fields.note(key, "\(table.count)", "must have at most \(CRMSettings.entryLimit) entries")
    }
    return fields.problems.count == before ? table : nil
  }

  /// The schemas of the fields.
  static let changeable: [(String, Schema)] = [
    ("ad_id_properties", names("Properties of a deal or contact that may hold the ad's id, first one first.")),
    ("ad_url_parameters", names("Parameters of a landing page's address that may hold the ad's id.")),
    (
      "attribution_window_days",
      .integer("Days before a deal's making within which a click or visit may have brought it.", 1...3650)
    ),
    (
      "currency_rates",
      .map(
        "What one unit of another currency is worth in the account's, by its letters.",
        of: .number("The rate.", 1e-6...1e6), keys: "^[A-Z]{3}$", count: CRMSettings.entryLimit)
    ),
    (
      "crm_stages",
      .map(
        "The account's stage for a stage of the CRM, by `pipeline/stage` or `stage`.",
        of: .text("One of the account's stages.", length: 1...64), keys: PlainText.pattern("{1,200}"),
        count: CRMSettings.entryLimit)
    ),
  ]

  private static func names(_ description: String) -> Schema {
    .array(of: .text(description, length: 1...100), count: 0...CRMSettings.entryLimit)
  }
}
