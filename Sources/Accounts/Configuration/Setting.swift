import Formats
import Web

/// One field of an account's configuration: all that storage, the API with its document, the history and the commands
/// know of it.
///
/// A new setting is a property of ``AccountConfiguration`` with its default, and one of these in
/// ``AccountSettings/standard``. It needs no step of the schema: where it is not stored yet, it has its default.
package struct Setting: Sendable {
  /// A change of one field or several.
  package typealias Change = @Sendable (inout AccountConfiguration) -> Void

  /// Its name in JSON and at the command line.
  package let name: String
  /// What it says, in a sentence or two.
  package let description: String
  /// What a value of it looks like in requests and answers.
  let schema: Schema
  /// Reads a value as a change; nil, with a note of the rule, where the value breaks one.
  let read: @Sendable (_ json: inout JSONReader, _ fields: inout FieldReader) throws -> Change?
  /// Writes the value that a configuration has.
  let write: @Sendable (_ configuration: AccountConfiguration, _ form: SettingForm, _ json: inout JSONWriter) -> Void

  /// A setting whose values are of `kind` and stand at `path`.
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

  /// The value that `configuration` has, as answers give it.
  func value(of configuration: AccountConfiguration) throws -> JSONValue {
    var json = JSONWriter()
    write(configuration, .answered, &json)
    return try JSONReader.read(json.bytes) { try $0.readValue() }
  }
}

/// What a value is written for.
package enum SettingForm: Sendable {
  /// For the database: an amount is a decimal string, so that no reader takes it for a binary floating-point number.
  case stored
  /// For answers and commands: an amount is a number, as everywhere in the API.
  case answered
}

/// How the values of settings of one kind are described, read and written.
package struct SettingKind<Value: Sendable>: Sendable {
  /// The schema of a value, with a description of the setting.
  let schema: @Sendable (_ description: String) -> Schema
  /// Reads the value of the setting `name`; nil, with a note of the rule, where the value breaks one. Takes both forms.
  let read: @Sendable (_ name: String, _ json: inout JSONReader, _ fields: inout FieldReader) throws -> Value?
  /// Writes a value.
  let write: @Sendable (_ value: Value, _ form: SettingForm, _ json: inout JSONWriter) -> Void
}
