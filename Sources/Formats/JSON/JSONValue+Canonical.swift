extension JSONValue {
  /// JSON text that is the same for equal values, however they were written: without white space, with each object's
  /// members sorted by the bytes of their keys, and with each number as the nearest double.
  ///
  /// A database with its own JSON type rewrites white space, the order of members, and numbers.
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
