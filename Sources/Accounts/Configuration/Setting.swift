import Formats
import Web

/// One field of an account's configuration: storage, the API and its document, the history and the commands are all
/// derived from it.
///
/// A new setting is a property of ``AccountConfiguration`` with its default, and one of these in
/// ``AccountSettings/standard``. It needs no migration: where it is not stored yet, it has its default.
package struct Setting: Sendable {
  /// A change of one field or several.
  package typealias Change = @Sendable (inout AccountConfiguration) -> Void

  /// Its name in JSON and in commands.
  package let name: String
  /// A description in one or two sentences.
  package let description: String
  /// The schema of its values in requests and answers.
  let schema: Schema
  /// Reads a value as a change; nil, with the problem recorded, where the value violates a rule.
  let read: @Sendable (_ json: inout JSONReader, _ fields: inout FieldReader) throws -> Change?
  /// Writes the value of a configuration.
  let write: @Sendable (_ configuration: AccountConfiguration, _ form: SettingForm, _ json: inout JSONWriter) -> Void

  /// A setting whose values are of `kind` and are stored in the property `path`.
  package init<Value: Sendable>(
    _ name: String, _ description: String,
    _ path: any WritableKeyPath<AccountConfiguration, Value> & Sendable, _ kind: SettingKind<Value>
  ) {
    self.name = name
    self.description = description
    schema = kind.schema(description)
    read = { json, fields in
      guard let value = try kind.read(name, &json, &fields) else { return nil }
      return { $0[keyPath: path] = value }
    }
    write = { configuration, form, json in kind.write(configuration[keyPath: path], form, &json) }
  }

  /// The value in `configuration`, as in answers.
  func value(of configuration: AccountConfiguration) throws -> JSONValue {
    var json = JSONWriter()
    write(configuration, .answered, &json)
    return try JSONReader.read(json.bytes) { try $0.readValue() }
  }
}

/// The purpose for which a value is written.
package enum SettingForm: Sendable {
  /// For the database: an amount is a decimal string, so that no reader converts it to binary floating point.
  case stored
  /// For answers and commands: an amount is a number, as everywhere in the API.
  case answered
}

/// How the values of one kind of setting are described, read and written.
package struct SettingKind<Value: Sendable>: Sendable {
  /// The schema of a value, given a description of the setting.
  let schema: @Sendable (_ description: String) -> Schema
  /// Reads a value of the setting `name`; nil, with the problem recorded, where it violates a rule. Reads both forms.
  let read: @Sendable (_ name: String, _ json: inout JSONReader, _ fields: inout FieldReader) throws -> Value?
  /// Writes a value.
  let write: @Sendable (_ value: Value, _ form: SettingForm, _ json: inout JSONWriter) -> Void
}
