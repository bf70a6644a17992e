import DecisionEngine
import Formats
import Values
import Web

/// An account's configuration as JSON.
package enum ConfigurationCoding {
  /// A change of one field.
  package typealias Change = @Sendable (inout AccountConfiguration) -> Void

  private static let fieldNames = [
    "aov", "currency", "timezone", "mode", "ignorance_zone_days", "ignorance_zone_spend", "min_spend_for_kill",
    "kill_roas_threshold", "scale_roas_threshold", "blending_curve", "max_daily_change", "winner_roas_threshold",
    "winner_ctr_threshold", "stages", "exploration", "stage_values", "figures_warning_days", "figures_limit_days",
    "ad_id_properties", "ad_url_parameters", "attribution_window_days", "currency_rates", "crm_stages",
  ]

  /// Reads the fields of a JSON object as changes. Throws an ``InvalidInput`` that names each bad field.
  package static func readChanges(_ body: [UInt8]) throws -> [Change] {
    try FieldReader.read(body) { try readChanges(&$0, &$1) }
  }

  /// Reads what was stored of a configuration as changes of a new one. Throws where it is something else.
  package static func readStored(_ text: String) throws -> [Change] {
    try FieldReader.readStored(text) { try readChanges(&$0, &$1) }
  }

  private static func readChanges(_ json: inout JSONReader, _ fields: inout FieldReader) throws -> [Change] {
    var changes: [Change] = []
    try json.readObject { key, json in
      if let change = try readChange(key, &json, &fields) { changes.append(change) }
    }
    return changes
  }

  private static func readChange(
    _ key: String, _ json: inout JSONReader, _ fields: inout FieldReader
  ) throws -> Change? {
    if fieldNames.contains(key), try json.readNull() { return nil }
    switch key {
    case "aov": return try money(key, &json, &fields, \.aov)
    case "ignorance_zone_spend": return try money(key, &json, &fields, \.ignoranceZoneSpend)
    case "min_spend_for_kill": return try money(key, &json, &fields, \.minSpendForKill)
    case "ignorance_zone_days": return try number(key, &json, &fields, 0...365, \.ignoranceZoneDays)
    case "kill_roas_threshold": return try number(key, &json, &fields, 0...1000, \.killROASThreshold)
    case "scale_roas_threshold": return try number(key, &json, &fields, 0...1000, \.scaleROASThreshold)
    case "max_daily_change": return try number(key, &json, &fields, 0.01...10, \.maxDailyChange)
    case "winner_roas_threshold": return try number(key, &json, &fields, 0...1000, \.winnerROASThreshold)
    case "winner_ctr_threshold": return try number(key, &json, &fields, 0...1, \.winnerCTRThreshold)
    case "exploration": return try number(key, &json, &fields, 0...1, \.exploration)
    case "figures_warning_days": return try days(key, &json, &fields, \.figuresWarningDays)
    case "figures_limit_days": return try days(key, &json, &fields, \.figuresLimitDays)
    case "stage_values":
      return try fields.choice(key, &json, at: .root, as: AccountConfiguration.StageValueSource.self)
        .map(stageValues)
    case "timezone":
      return try fields.string(key, &json, at: .root, maxBytes: 64).map(timezone)
    case "mode":
      return try fields.choice(key, &json, at: .root, as: DecisionMode.self).map(mode)
    case "currency": return try currency(&json, &fields)
    case "blending_curve": return try curve(&json, &fields)
    case "stages": return try StageCoding.read(&json, &fields).map(stages)
    case "ad_id_properties", "ad_url_parameters", "attribution_window_days", "currency_rates", "crm_stages":
      return try CRMSettingsCoding.readChange(key, &json, &fields)
    default:
      try fields.unknown(key, &json, at: .root, known: fieldNames.joined(separator: ", "))
      return nil
    }
  }

  private static func money(
    _ key: String, _ json: inout JSONReader, _ fields: inout FieldReader,
    _ path: any WritableKeyPath<AccountConfiguration, Money> & Sendable
  ) throws -> Change? {
    guard let amount = try fields.amount(key, &json, at: .root) else { return nil }
    return { $0[keyPath: path] = amount }
  }

  private static func number(
    _ key: String, _ json: inout JSONReader, _ fields: inout FieldReader, _ range: ClosedRange<Double>,
    _ path: any WritableKeyPath<AccountConfiguration, Double> & Sendable
  ) throws -> Change? {
    guard let number = try fields.number(key, &json, at: .root, in: range) else { return nil }
    return { $0[keyPath: path] = number }
  }

  private static func days(
    _ key: String, _ json: inout JSONReader, _ fields: inout FieldReader,
    _ path: any WritableKeyPath<AccountConfiguration, Int> & Sendable
  ) throws -> Change? {
    guard let days = try fields.integer(key, &json, at: .root, in: 0...36_500) else { return nil }
    return { $0[keyPath: path] = days }
  }

  private static func currency(_ json: inout JSONReader, _ fields: inout FieldReader) throws -> Change? {
    guard let text = try fields.string("currency", &json, at: .root, maxBytes: 64) else { return nil }
    guard let currency = Currency(text) else {
      fields.note("currency", text, "must be three letters such as USD")
      return nil
    }
    return { $0.currency = currency }
  }

  private static func curve(_ json: inout JSONReader, _ fields: inout FieldReader) throws -> Change? {
    guard let text = try fields.string("blending_curve", &json, at: .root, maxBytes: 1024) else { return nil }
    do {
      let curve = try BlendingCurve(text)
      return { $0.blendingCurve = curve }
    } catch {
      fields.note("blending_curve", text, error.rule)
      return nil
    }
  }

  private static func timezone(_ name: String) -> Change {
    { $0.timezone = name }
  }

  private static func mode(_ mode: DecisionMode) -> Change {
    { $0.mode = mode }
  }

  private static func stageValues(_ source: AccountConfiguration.StageValueSource) -> Change {
    { $0.stageValues = source }
  }

  private static func stages(_ stages: StageValues) -> Change {
    { $0.stages = stages }
  }

  static func reply(_ account: AccountID, _ configuration: AccountConfiguration) -> Reply {
    Reply.object { json in
      json.member("account_id", account.value)
      write(configuration, to: &json)
    }.with("ETag", ConfigurationTag.text(configuration.version))
  }

  /// The configuration as the JSON object that is stored of it.
  package static func text(_ configuration: AccountConfiguration) -> String {
    var json = JSONWriter()
    json.object { write(configuration, to: &$0) }
    return json.string
  }

  /// The configuration's fields as JSON values, always in the same order.
  static func members(_ configuration: AccountConfiguration) throws -> [JSONObject.Member] {
    guard case .object(let object) = try JSONReader.read(text(configuration), { try $0.readValue() }) else { return [] }
    return object.members
  }

  /// Writes the configuration's fields into an open object.
  package static func write(_ configuration: AccountConfiguration, to json: inout JSONWriter) {
    json.member("version", configuration.version)
    json.money("aov", configuration.aov)
    json.member("currency", configuration.currency.code)
    json.member("timezone", configuration.timezone)
    json.member("mode", configuration.mode.rawValue)
    json.member("ignorance_zone_days", configuration.ignoranceZoneDays)
    json.money("ignorance_zone_spend", configuration.ignoranceZoneSpend)
    json.money("min_spend_for_kill", configuration.minSpendForKill)
    json.member("kill_roas_threshold", configuration.killROASThreshold)
    json.member("scale_roas_threshold", configuration.scaleROASThreshold)
    json.member("blending_curve", configuration.blendingCurve.description)
    json.member("max_daily_change", configuration.maxDailyChange)
    json.member("winner_roas_threshold", configuration.winnerROASThreshold)
    json.member("winner_ctr_threshold", configuration.winnerCTRThreshold)
    json.member("exploration", configuration.exploration)
    json.member("stage_values", configuration.stageValues.rawValue)
    json.member("figures_warning_days", configuration.figuresWarningDays)
    json.member("figures_limit_days", configuration.figuresLimitDays)
    json.key("stages")
    StageCoding.write(configuration.stages, to: &json)
    CRMSettingsCoding.write(configuration.crm, to: &json)
  }
}

extension JSONWriter {
  /// Writes an exact amount in major units as a number.
  package mutating func money(_ key: StaticString, _ amount: Money) {
    self.key(key)
    number(text: "\(amount)")
  }
}
