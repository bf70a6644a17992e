import Formats
import Values
import Web

/// The settings of a configuration, in the order in which they are written.
package struct AccountSettings: Sendable {
  /// Each name occurs once.
  package let all: [Setting]
  private let byName: [String: Setting]
  /// The members of a stored configuration, by name: the settings, and the version.
  private let stored: [String: Setting]

  /// It is stored and shown with the settings, but no request changes it.
  private static let version = Setting(
    "version", "Counts the changes, from 1.", \.version, .integer(in: 1...Int(Int32.max)))

  /// Takes settings with distinct names.
  package init(_ all: [Setting]) {
    self.all = all
    byName = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
    stored = byName.merging([Self.version.name: Self.version]) { setting, _ in setting }
  }

  /// Reads a request's JSON object as a change of the fields that it contains; null leaves a field unchanged.
  ///
  /// Throws an ``InvalidInput`` that names each invalid field.
  package func change(by body: [UInt8]) throws -> Setting.Change {
    try FieldReader.read(body) { json, fields in
      var changes: [Setting.Change] = []
      try json.readObject { key, json in
        guard let setting = byName[key] else {
          return try fields.unknown(key, &json, at: .root, known: all.map(\.name).joined(separator: ", "))
        }
        if try !json.readNull(), let change = try setting.read(&json, &fields) { changes.append(change) }
      }
      return { [changes] configuration in for change in changes { change(&configuration) } }
    }
  }

  /// Writes the version and the settings of a configuration as members of an open object, as in answers.
  package func write(_ configuration: AccountConfiguration, to json: inout JSONWriter) {
    write(configuration, as: .answered, to: &json)
  }

  /// The schema of a change.
  var request: Schema { Schema.object(optional: fields).named("ConfigurationChange") }

  /// The schema of what ``write(_:to:)`` writes, with the account.
  var response: Schema {
    Schema.object(
      required: [("account_id", .string("The account.")), (Self.version.name, Self.version.schema)] + fields
    ).named("Configuration")
  }

  private var fields: [(String, Schema)] { all.map { ($0.name, $0.schema) } }

  private func write(_ configuration: AccountConfiguration, as form: SettingForm, to json: inout JSONWriter) {
    for setting in [Self.version] + all {
      json.key(setting.name)
      setting.write(configuration, form, &json)
    }
  }
}

extension AccountSettings {
  /// The JSON text that is stored for a configuration.
  package func text(_ configuration: AccountConfiguration) -> String {
    var json = JSONWriter()
    json.object { write(configuration, as: .stored, to: &$0) }
    return json.string
  }

  /// The configuration that this or an earlier release stored as `text`. Missing settings have their defaults.
  ///
  /// Throws where this release cannot read it; the caller adds which row it is.
  package func configuration(stored text: String) throws -> AccountConfiguration {
    var configuration = AccountConfiguration()
    try forEach(stored: text) { $1(&configuration) }
    return configuration
  }

  /// A stored configuration as in answers, without settings newer than it.
  ///
  /// Throws as ``configuration(stored:)`` does.
  func answer(stored text: String) throws -> JSONValue {
    var (configuration, settings) = (AccountConfiguration(), [Setting]())
    try forEach(stored: text) { setting, change in
      change(&configuration)
      settings.append(setting)
    }
    let members = try settings.map { JSONObject.Member(key: $0.name, value: try $0.value(of: configuration)) }
    return .object(JSONObject(members))
  }

  private func forEach(stored text: String, _ body: (Setting, Setting.Change) -> Void) throws {
    try FieldReader.readStored(text) { json, fields in
      try json.readObject { key, json in
        guard let setting = stored[key] else {
          fields.note(key, "unknown", "is a setting of another release")
          return try json.skipValue()
        }
        if try !json.readNull(), let change = try setting.read(&json, &fields) { body(setting, change) }
      }
    }
  }

  /// A setting that has another value after a change.
  struct Difference: Sendable {
    let name: String
    let before: JSONValue
    let after: JSONValue
  }

  /// The settings in which two configurations differ, in their order.
  func differences(_ before: AccountConfiguration, _ after: AccountConfiguration) throws -> [Difference] {
    try all.compactMap { setting in
      let (old, new) = (try setting.value(of: before), try setting.value(of: after))
      return old == new ? nil : Difference(name: setting.name, before: old, after: new)
    }
  }
}
