import Formats
import Values

/// A JSON Schema (2020-12) of a request or an answer, with the named schemas that it refers to.
package struct Schema: Sendable {
  /// The schema's own JSON.
  package private(set) var json: JSONValue
  /// The named schemas that ``json`` refers to.
  package private(set) var components: [String: JSONValue] = [:]

  fileprivate init(_ members: [(key: String, value: JSONValue)], components: [String: JSONValue] = [:]) {
    json = .object(JSONObject(members))
    self.components = components
  }

  /// Any text of `length` characters.
  package static func string(_ description: String, length: ClosedRange<Int>? = nil, pattern: String? = nil) -> Schema {
    var members: [(key: String, value: JSONValue)] = [("type", "string"), ("description", .string(description))]
    if let length {
      members.append(("minLength", .number("\(length.lowerBound)")))
      members.append(("maxLength", .number("\(length.upperBound)")))
    }
    if let pattern { members.append(("pattern", .string(pattern))) }
    return Schema(members)
  }

  /// Text of `length` characters from outside, by the rule of ``PlainText``.
  package static func text(_ description: String, length: ClosedRange<Int>? = nil) -> Schema {
    string(description, length: length, pattern: PlainText.pattern())
  }

  /// One of the given words.
  package static func choice(_ description: String, _ words: [String]) -> Schema {
    Schema([
      ("type", "string"), ("description", .string(description)), ("enum", .array(words.map(JSONValue.string))),
    ])
  }

  /// A text in a format that JSON Schema names, such as `date` or `date-time`.
  package static func formatted(_ description: String, _ format: String) -> Schema {
    Schema([("type", "string"), ("description", .string(description)), ("format", .string(format))])
  }

  /// A whole number within `range`.
  package static func integer(_ description: String, _ range: ClosedRange<Int>? = nil) -> Schema {
    numeric("integer", description, range?.lowerBound.description, range?.upperBound.description)
  }

  /// A number within `range`.
  package static func number(_ description: String, _ range: ClosedRange<Double>? = nil) -> Schema {
    numeric("number", description, range.map { text($0.lowerBound) }, range.map { text($0.upperBound) })
  }

  /// A truth value.
  package static func bool(_ description: String) -> Schema {
    Schema([("type", "boolean"), ("description", .string(description))])
  }

  /// A list of `count` elements.
  package static func array(
    of element: Schema, count: ClosedRange<Int>? = nil, description: String? = nil
  ) -> Schema {
    var members: [(key: String, value: JSONValue)] = [("type", "array"), ("items", element.json)]
    if let description { members.append(("description", .string(description))) }
    if let count {
      members.append(("minItems", .number("\(count.lowerBound)")))
      members.append(("maxItems", .number("\(count.upperBound)")))
    }
    return Schema(members, components: element.components)
  }

  /// An object whose values are all of one kind and whose keys are not fixed, or with at most `count` keys that match
  /// `keys`.
  package static func map(
    _ description: String, of value: Schema, keys: String? = nil, count: Int? = nil
  ) -> Schema {
    var members: [(key: String, value: JSONValue)] = [
      ("type", "object"), ("description", .string(description)), ("additionalProperties", value.json),
    ]
    if let keys { members.append(("propertyNames", ["pattern": .string(keys)])) }
    if let count { members.append(("maxProperties", .number("\(count)"))) }
    return Schema(members, components: value.components)
  }

  /// An object with only these fields. An optional field may be absent or null.
  package static func object(
    required: [(String, Schema)] = [], optional: [(String, Schema)] = []
  ) -> Schema {
    let properties =
      required.map { (key: $0, value: $1.json) } + optional.map { (key: $0, value: $1.orNull().json) }
    var members: [(key: String, value: JSONValue)] = [
      ("type", "object"), ("properties", .object(JSONObject(properties))), ("additionalProperties", false),
    ]
    if !required.isEmpty { members.append(("required", .array(required.map { .string($0.0) }))) }
    let components = (required + optional).reduce(into: [String: JSONValue]()) { all, field in
      all.merge(field.1.components) { first, _ in first }
    }
    return Schema(members, components: components)
  }

  /// An object with at least these fields.
  package static func openObject(required: [(String, Schema)]) -> Schema {
    Schema(
      [
        ("type", "object"), ("properties", .object(JSONObject(required.map { (key: $0, value: $1.json) }))),
        ("required", .array(required.map { .string($0.0) })),
      ], components: required.reduce(into: [:]) { all, field in all.merge(field.1.components) { first, _ in first } })
  }

  /// Either of the two; no value may match both.
  package static func either(_ first: Schema, _ second: Schema) -> Schema {
    Schema(
      [("oneOf", .array([first.json, second.json]))],
      components: first.components.merging(second.components) { known, _ in known })
  }

  /// The same, or null.
  package func orNull() -> Schema {
    guard case .object(let object) = json, case .string(let type)? = object["type"], object["enum"] == nil else {
      return Schema([("anyOf", .array([json, ["type": "null"]]))], components: components)
    }
    let members = object.members.map { member in
      (key: member.key, value: member.key == "type" ? .array([.string(type), "null"]) : member.value)
    }
    return Schema(members, components: components)
  }

  /// Gives the schema a name and refers to it.
  package func named(_ name: String) -> Schema {
    var components = components
    components[name] = json
    return Schema([("$ref", .string("#/components/schemas/\(name)"))], components: components)
  }

  private static func numeric(_ type: String, _ description: String, _ low: String?, _ high: String?) -> Schema {
    var members: [(key: String, value: JSONValue)] = [("type", .string(type)), ("description", .string(description))]
    if let low { members.append(("minimum", .number(low))) }
    if let high { members.append(("maximum", .number(high))) }
    return Schema(members)
  }

  private static func text(_ number: Double) -> String {
    number == number.rounded() ? FixedDecimal.text(number, decimals: 0) : "\(number)"
  }
}

extension Schema {
  /// An amount in major units, 0 to 10^9: a number, rounded to the nearest millionth, or a decimal string.
  package static func amount(_ description: String) -> Schema {
    Schema(
      [
        ("type", ["number", "string"]), ("description", .string(description + " " + FieldReader.amountRule)),
        ("minimum", 0),
        ("maximum", 1_000_000_000), ("pattern", #"^\d{1,9}(\.\d{1,9})?$"#),
      ])
  }

  /// An amount in major units as in answers: always a number.
  package static func answeredAmount(_ description: String) -> Schema {
    .number(description)
  }
}

extension Schema {
  /// Any JSON value.
  package static let anything = Schema([])
}
