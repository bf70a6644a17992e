extension JSONWriter {
  /// Formats a value for people: two spaces per level, one member or element per line.
  public static func pretty(_ value: JSONValue) -> String {
    var text = ""
    appendPretty(value, indent: "", to: &text)
    return text
  }

  private static func appendPretty(_ value: JSONValue, indent: String, to text: inout String) {
    switch value {
    case .array(let elements) where !elements.isEmpty:
      appendLines(elements, "[", "]", indent: indent, to: &text) { element, inner, text in
        appendPretty(element, indent: inner, to: &text)
      }
    case .object(let object) where !object.members.isEmpty:
      appendLines(object.members, "{", "}", indent: indent, to: &text) { member, inner, text in
        text += compact(.string(member.key)) + ": "
        appendPretty(member.value, indent: inner, to: &text)
      }
    default:
      text += compact(value)
    }
  }

  private static func appendLines<Entry>(
    _ entries: [Entry], _ open: String, _ close: String, indent: String, to text: inout String,
    _ append: (Entry, _ indent: String, inout String) -> Void
  ) {
    let inner = indent + "  "
    text += open
    for (index, entry) in entries.enumerated() {
      text += (index == 0 ? "\n" : ",\n") + inner
      append(entry, inner, &text)
    }
    text += "\n" + indent + close
  }

  private static func compact(_ value: JSONValue) -> String {
    var writer = JSONWriter()
    value.write(to: &writer)
    return writer.string
  }
}
