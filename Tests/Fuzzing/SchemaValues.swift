import Formats

/// Makes values that a JSON schema of the API's document allows, and now and then one that it does not.
struct SchemaValues {
  /// The document's named schemas.
  let components: JSONValue
  /// Texts that mean something to the system, by the name of the field or parameter.
  let known: [String: [String]]

  /// A value of `schema` for the field called `name`.
  func value(of schema: JSONValue, named name: String, depth: Int = 0, using random: inout FuzzRandom) -> FuzzJSON {
    if random.chance(1, in: 40) || depth > 12 { return random.hostileValue() }
    if let reference = schema["$ref"]?.stringValue {
      let target = components[String(reference.split(separator: "/").last ?? "")] ?? .null
      return value(of: target, named: name, depth: depth + 1, using: &random)
    }
    for key in ["oneOf", "anyOf"] {
      if let choices = schema[key]?.arrayValue, !choices.isEmpty {
        return value(of: random.pick(choices), named: name, depth: depth + 1, using: &random)
      }
    }
    if let words = schema["enum"]?.arrayValue, !words.isEmpty { return json(random.pick(words)) }
    switch type(of: schema, using: &random) {
    case "object": return object(schema, depth, &random)
    case "array": return array(schema, name, depth, &random)
    case "string": return .string(text(schema, name, &random))
    case "integer": return .raw(integer(schema, name, &random))
    case "number": return .raw(number(schema, &random))
    case "boolean": return .raw(random.pick(["true", "false"]))
    case "null": return .raw("null")
    default: return random.hostileValue()
    }
  }

  private func type(of schema: JSONValue, using random: inout FuzzRandom) -> String? {
    guard let types = schema["type"]?.arrayValue, !types.isEmpty else { return schema["type"]?.stringValue }
    return random.pick(types).stringValue
  }

  private func object(_ schema: JSONValue, _ depth: Int, _ random: inout FuzzRandom) -> FuzzJSON {
    guard case .object(let properties)? = schema["properties"] else { return map(schema, depth, &random) }
    let required = Set((schema["required"]?.arrayValue ?? []).compactMap(\.stringValue))
    var members: [(key: String, value: FuzzJSON)] = []
    for member in properties.members {
      let name = member.key
      guard required.contains(name) ? !random.chance(1, in: 60) : random.chance(2, in: 5) else { continue }
      members.append((name, value(of: member.value, named: name, depth: depth + 1, using: &random)))
    }
    if random.chance(1, in: 50) { members.append((random.hostileText(), random.hostileValue())) }
    if random.chance(1, in: 50), let member = members.first { members.append((member.key, random.hostileValue())) }
    if random.chance(1, in: 4) { members.shuffle(using: &random) }
    return .object(members)
  }

  /// An object whose keys are free.
  private func map(_ schema: JSONValue, _ depth: Int, _ random: inout FuzzRandom) -> FuzzJSON {
    guard let element = schema["additionalProperties"], element.kind == .object else {
      return .object((0..<random.small(5)).map { _ in (random.hostileText(), random.hostileValue()) })
    }
    let keys = known.values.flatMap { $0 }
    return .object(
      (0..<random.small(30)).map { _ in
        let key = random.chance(1, in: 3) || keys.isEmpty ? random.hostileText() : random.pick(keys.sorted())
        return (key, value(of: element, named: key, depth: depth + 1, using: &random))
      })
  }

  private func array(_ schema: JSONValue, _ name: String, _ depth: Int, _ random: inout FuzzRandom) -> FuzzJSON {
    let least = schema["minItems"]?.doubleValue.flatMap { Int(exactly: $0) } ?? 0
    let count = random.chance(1, in: 30) ? 0 : max(least, random.small(60))
    let element = schema["items"] ?? .null
    return .array((0..<count).map { _ in value(of: element, named: name, depth: depth + 1, using: &random) })
  }

  /// A text for the field called `name`, mostly one that means something there.
  func text(_ schema: JSONValue, _ name: String, _ random: inout FuzzRandom) -> String {
    if random.chance(1, in: 12) { return random.hostileText() }
    if let known = known[name], !known.isEmpty, !random.chance(1, in: 6) { return random.pick(known) }
    switch schema["format"]?.stringValue {
    case "date": return random.pick(HostileValues.days)
    case "date-time": return random.pick(HostileValues.moments)
    default: break
    }
    if schema["pattern"] != nil { return random.pick(["1", "12.5", "0.000001", "999999999", "a", "id.1", "abc_d"]) }
    let most = schema["maxLength"]?.doubleValue.flatMap { Int(exactly: $0) } ?? 20
    let length = random.chance(1, in: 20) ? min(most, 2_000) : min(most, random.int(1...12))
    return String((0..<length).map { _ in random.pick(Array("abcdefghij0123456789_-.")) })
  }

  private func integer(_ schema: JSONValue, _ name: String, _ random: inout FuzzRandom) -> String {
    if random.chance(1, in: 12) { return random.hostileNumber() }
    let low = schema["minimum"]?.doubleValue.flatMap { Int(exactly: $0) } ?? 0
    let high = schema["maximum"]?.doubleValue.flatMap { Int(exactly: $0) } ?? 1_000_000
    guard low <= high else { return "\(low)" }
    return "\(random.pick([low, high, random.int(low...high), min(high, low + random.int(0...100))]))"
  }

  private func number(_ schema: JSONValue, _ random: inout FuzzRandom) -> String {
    if random.chance(1, in: 12) { return random.hostileNumber() }
    let (low, high) = (schema["minimum"]?.doubleValue ?? 0, schema["maximum"]?.doubleValue ?? 1e6)
    guard low < high else { return "\(low)" }
    return random.pick([
      "\(low)", "\(high)", "\(Double.random(in: low...high, using: &random))",
      "\(min(high, low + Double(random.int(0...10_000)) / 100))", "\(low.nextUp)", "\(high.nextDown)",
    ])
  }

  private func json(_ value: JSONValue) -> FuzzJSON {
    var writer = JSONWriter()
    value.write(to: &writer)
    return .raw(writer.string)
  }
}
