extension JSONValue {
  /// JSON text that is the same for the same value, however that was written: without blanks, each object's members by
  /// the bytes of their keys, and each number as the nearest double.
  ///
  /// A database that keeps JSON in a type of its own writes blanks, the order of members and numbers anew.
  public var canonicalText: String {
    var json = JSONWriter()
    canonical.write(to: &json)
    return json.string
  }

  private var canonical: JSONValue {
    switch self {
    case .number(let text): .number(doubleValue.map { "\($0)" } ?? text)
    case .array(let elements): .array(elements.map(\.canonical))
    case .object(let object):
      .object(
        JSONObject(
          object.members.map { (key: $0.key, value: $0.value.canonical) }
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }))
    case .null, .bool, .string: self
    }
  }
}
