import Formats

/// Holds a value to a schema of the API's document, as far as the document's schemas go.
struct SchemaCheck {
  /// The document's named schemas.
  let components: JSONValue

  /// What is wrong with `value`, with its place; nil where it is what `schema` allows.
  func problem(_ value: JSONValue, _ schema: JSONValue, at path: String = "") -> String? {
    if let reference = schema["$ref"]?.stringValue {
      guard let target = components[String(reference.split(separator: "/").last ?? "")] else {
        return "\(path): \(reference) is not in the document"
      }
      return problem(value, target, at: path)
    }
    for key in ["oneOf", "anyOf"] {
      guard let choices = schema[key]?.arrayValue else { continue }
      let problems = choices.map { problem(value, $0, at: path) }
      return problems.contains { $0 == nil } ? nil : problems.compactMap { $0 }.first
    }
    if let words = schema["enum"]?.arrayValue { return words.contains(value) ? nil : "\(path): not one of the words" }
    if let problem = typeProblem(value, schema) { return "\(path): \(problem)" }
    switch value {
    case .object(let object): return objectProblem(object, schema, path)
    case .array(let elements):
      guard let items = schema["items"] else { return nil }
      return elements.enumerated().lazy.compactMap { problem($1, items, at: "\(path)[\($0)]") }.first
    case .number: return rangeProblem(value, schema).map { "\(path): \($0)" }
    case .null, .bool, .string: return nil
    }
  }

  private func typeProblem(_ value: JSONValue, _ schema: JSONValue) -> String? {
    guard let type = schema["type"] else { return nil }
    let types = (type.arrayValue ?? [type]).compactMap(\.stringValue)
    let isFine = types.contains { type in
      switch (type, value) {
      case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool), ("null", .null),
        ("number", .number):
        true
      case ("integer", .number): value.doubleValue.map { $0 == $0.rounded() } ?? false
      default: false
      }
    }
    return isFine ? nil : "is \(value.kind), not \(types.joined(separator: " or "))"
  }

  private func objectProblem(_ object: JSONObject, _ schema: JSONValue, _ path: String) -> String? {
    for name in (schema["required"]?.arrayValue ?? []).compactMap(\.stringValue) where object[name] == nil {
      return "\(path).\(name): missing"
    }
    let properties = schema["properties"]
    for member in object.members {
      let (key, value) = (member.key, member.value)
      if let known = properties?[key] {
        if let problem = problem(value, known, at: "\(path).\(key)") { return problem }
      } else if schema["additionalProperties"] == false {
        return "\(path).\(key): not in the schema"
      } else if let additional = schema["additionalProperties"], additional.kind == .object {
        if let problem = problem(value, additional, at: "\(path).\(key)") { return problem }
      }
    }
    return nil
  }

  private func rangeProblem(_ value: JSONValue, _ schema: JSONValue) -> String? {
    guard let number = value.doubleValue else { return "is no finite number" }
    if let low = schema["minimum"]?.doubleValue, number < low { return "\(number) is under \(low)" }
    if let high = schema["maximum"]?.doubleValue, number > high { return "\(number) is over \(high)" }
    return nil
  }
}
