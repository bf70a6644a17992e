import DecisionEngine
import Formats
import Values
import Web

/// Pipeline stages as JSON, in storage and in the API.
package enum StageCoding {
  package static func write(_ stages: StageValues, as form: SettingForm, to json: inout JSONWriter) {
    json.array { json in
      for stage in stages.stages {
        json.object { json in
          json.member("name", stage.name)
          json.key("value")
          json.amount(stage.value, as: form)
          json.member("confidence", stage.confidence)
          json.member("kind", stage.kind.rawValue)
        }
      }
    }
  }

  /// Reads a stored list of stages. Throws where it is something else.
  package static func read(_ text: String) throws -> StageValues {
    try FieldReader.readStored(text) { try read(&$0, &$1) }
  }

  /// Reads a list of stages and records its problems.
  static func read(_ json: inout JSONReader, _ fields: inout FieldReader) throws -> StageValues? {
    guard try json.peekKind() == .array else {
      fields.note("stages", try json.peekKind().rawValue, "must be a list of stages")
      try json.skipValue()
      return nil
    }
    var stages: [DealStage] = []
    try json.readArray { index, json in
      if let stage = try readStage(&json, &fields, at: .element(of: "stages", index)) { stages.append(stage) }
    }
    guard fields.problems.isEmpty else { return nil }
    do {
      return try StageValues(stages)
    } catch {
      fields.note("stages.\(error.field)", error.value, error.rule)
      return nil
    }
  }

  private static func readStage(
    _ json: inout JSONReader, _ fields: inout FieldReader, at path: FieldPath
  ) throws -> DealStage? {
    guard try json.peekKind() == .object else {
      fields.note(path.appending("stage"), try json.peekKind().rawValue, "must be an object")
      try json.skipValue()
      return nil
    }
    var (name, value, confidence, kind) = (String?.none, Money?.none, Double?.none, DealStage.Kind?.none)
    var given = Set<String>()
    try json.readObject { key, json in
      given.insert(key)
      switch key {
      case "name": name = try fields.canonicalString(key, &json, at: path, maxBytes: 64)
      case "value": value = try fields.amount(key, &json, at: path)
      case "confidence": confidence = try fields.number(key, &json, at: path, in: 0...1)
      case "kind": kind = try fields.choice(key, &json, at: path)
      default: try fields.unknown(key, &json, at: path, known: "name, value, confidence, kind")
      }
    }
    for key in ["name", "value", "confidence", "kind"] where !given.contains(key) {
      fields.missing(key, at: path)
    }
    guard let name, let kind, let confidence, let value else { return nil }
    return DealStage(name: name, value: value, confidence: confidence, kind: kind)
  }

  package static let schema = Schema.object(required: [
    ("name", .text("The stage's name; letters and digits must differ from the others'.", length: 1...64)),
    ("value", .amount("Expected revenue of a deal in this stage.")),
    ("confidence", .number("How reliable the value is.", 0...1)),
    ("kind", .choice("What the stage means for the deal.", DealStage.Kind.allCases.map(\.rawValue))),
  ]).named("Stage")
}
