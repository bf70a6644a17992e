import DecisionEngine
import Formats
import Values
import Web

extension SettingKind where Value == Money {
  /// An amount, 0 to 10^9 major units.
  package static let amount = SettingKind(
    schema: { .amount($0) }, read: { name, json, fields in try fields.amount(name, &json, at: .root) },
    write: { value, form, json in json.amount(value, as: form) })
}

extension SettingKind where Value == Double {
  /// A number within `range`.
  package static func number(in range: ClosedRange<Double>) -> SettingKind {
    SettingKind(
      schema: { .number($0, range) },
      read: { name, json, fields in try fields.number(name, &json, at: .root, in: range) },
      write: { value, _, json in json.value(value) })
  }
}

extension SettingKind where Value == Int {
  /// An integer within `range`, which lies within ±2^53.
  package static func integer(in range: ClosedRange<Int>) -> SettingKind {
    let bounds = Double(range.lowerBound)...Double(range.upperBound)
    return SettingKind(
      schema: { .integer($0, range) },
      read: { name, json, fields in try fields.integer(name, &json, at: .root, in: bounds) },
      write: { value, _, json in json.value(value) })
  }
}

extension SettingKind where Value == String {
  /// Text of 1 to `maxBytes` bytes.
  package static func text(maxBytes: Int) -> SettingKind {
    SettingKind(
      schema: { .text($0, length: 1...maxBytes) },
      read: { name, json, fields in try fields.string(name, &json, at: .root, maxBytes: maxBytes) },
      write: { value, _, json in json.value(value) })
  }
}

extension SettingKind where Value: RawRepresentable<String> & CaseIterable {
  /// One of the raw values of an enumeration.
  package static var choice: SettingKind {
    SettingKind(
      schema: { .choice($0, Value.allCases.map(\.rawValue)) },
      read: { name, json, fields in try fields.choice(name, &json, at: .root) },
      write: { value, _, json in json.value(value.rawValue) })
  }
}

extension SettingKind where Value == Currency {
  /// A currency by its code.
  package static let letters = SettingKind(
    schema: { .string($0, length: 3...3, pattern: "^[A-Za-z]{3}$") },
    read: { name, json, fields in
      guard let text = try fields.string(name, &json, at: .root, maxBytes: 64) else { return nil }
      guard let currency = Currency(text) else {
        fields.note(name, text, "must be three letters such as USD")
        return nil
      }
      return currency
    },
    write: { value, _, json in json.value(value.code) })
}

extension SettingKind where Value == BlendingCurve {
  /// A blending curve by its name, or by its points.
  package static let points = SettingKind(
    schema: { .text($0, length: 1...1024) },
    read: { name, json, fields in
      guard let text = try fields.string(name, &json, at: .root, maxBytes: 1024) else { return nil }
      do throws(BlendingCurveError) {
        return try BlendingCurve(text)
      } catch {
        fields.note(name, text, error.rule)
        return nil
      }
    },
    write: { value, _, json in json.value(value.description) })
}

extension SettingKind where Value == StageValues {
  /// A sales pipeline, stage by stage.
  package static let stages = SettingKind(
    schema: { .array(of: StageCoding.schema, count: StageValues.stageCount, description: $0) },
    read: { _, json, fields in try StageCoding.read(&json, &fields) },
    write: { StageCoding.write($0, as: $1, to: &$2) })
}

extension JSONWriter {
  /// Writes an exact amount in major units.
  mutating func amount(_ amount: Money, as form: SettingForm) {
    switch form {
    case .stored: value("\(amount)")
    case .answered: number(text: "\(amount)")
    }
  }

  /// Writes an exact amount in major units as a number.
  package mutating func money(_ key: StaticString, _ amount: Money) {
    self.key(key)
    self.amount(amount, as: .answered)
  }
}
