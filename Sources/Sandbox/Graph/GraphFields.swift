/// The fields that are asked for, some with fields of their own: `id,creative{id,video_id}`.
struct GraphFields: Sendable {
  struct Field: Sendable {
    let name: String
    let fields: GraphFields?
  }

  let fields: [Field]

  /// Takes plain names.
  init(_ names: [String]) {
    fields = names.map { Field(name: $0, fields: nil) }
  }

  /// Reads a list separated by commas, or a JSON list of such texts; no fields where there is none.
  init(of call: GraphCall) throws(GraphError) {
    let text = call.parameters["fields"] ?? ""
    let list = text.hasPrefix("[") ? (try call.list("fields") ?? []).joined(separator: ",") : text
    var rest = list[...]
    fields = try Self.read(&rest)
    guard rest.isEmpty else { throw .invalid("Syntax error in field list", field: "fields") }
  }

  private init(fields: [Field]) {
    self.fields = fields
  }

  private static func read(_ text: inout Substring) throws(GraphError) -> [Field] {
    var fields: [Field] = []
    while let first = text.first, first != "}" {
      if first == "," || first.isWhitespace {
        text.removeFirst()
        continue
      }
      let name = text.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
      text = text.dropFirst(name.count)
      // Modifiers such as `.limit(5)` change nothing here.
      while text.first == "." { text = text.drop { $0 != ")" }.dropFirst() }
      var inner: GraphFields?
      if text.first == "{" {
        text.removeFirst()
        inner = GraphFields(fields: try read(&text))
        guard text.first == "}" else {
          throw .invalid("Syntax error in field list", field: "fields")
        }
        text.removeFirst()
      }
      guard !name.isEmpty else { throw .invalid("Syntax error in field list", field: "fields") }
      fields.append(Field(name: String(name), fields: inner))
    }
    return fields
  }
}
