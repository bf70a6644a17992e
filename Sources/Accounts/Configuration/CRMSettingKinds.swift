import Formats
import Values
import Web

extension SettingKind where Value == [String] {
  /// Names in order of preference.
  package static let names = SettingKind(
    schema: { .array(of: .text("A name.", length: 1...100), count: 0...CRMSettings.entryLimit, description: $0) },
    read: { name, json, fields in try readNames(name, &json, &fields) },
    write: { names, _, json in json.array { json in for name in names { json.value(name) } } })

  private static func readNames(
    _ key: String, _ json: inout JSONReader, _ fields: inout FieldReader
  ) throws -> [String]? {
    guard try json.peekKind() == .array else {
      fields.note(key, try json.peekKind().rawValue, "must be a list of names")
      try json.skipValue()
      return nil
    }
    let before = fields.problems.count
    var names: [String] = []
    try json.readArray { index, json in
      guard let name = try fields.canonicalString("\(key)[\(index)]", &json, at: .root, maxBytes: 100) else { return }
      if name.isEmpty || names.contains(name) {
        fields.note("\(key)[\(index)]", name, "must be a name that is not in the list yet")
      } else if names.count == CRMSettings.entryLimit {
        fields.note(key, "\(index + 1)", "must have at most \(CRMSettings.entryLimit) names")
      } else {
        names.append(name)
      }
    }
    return fields.problems.count == before ? names : nil
  }
}

extension SettingKind where Value == [String: Double] {
  /// The worth of one unit of other currencies, by their codes.
  package static let rates = SettingKind(
    schema: {
      .map($0, of: .number("The rate.", rateRange), keys: "^[A-Z]{3}$", count: CRMSettings.entryLimit)
    },
    read: { name, json, fields in
      try readTable(name, &json, &fields) { currency, json, fields in
        guard Currency(currency)?.code == currency else {
          fields.note("\(name).\(currency)", currency, "must be a currency's three letters such as EUR")
          try json.skipValue()
          return nil
        }
        return try fields.number("\(name).\(currency)", &json, at: .root, in: rateRange)
      }
    },
    write: { rates, _, json in writeTable(rates, to: &json) { $1.value($0) } })

  private static let rateRange = 1e-6...1e6
}

extension SettingKind where Value == [String: String] {
  /// Stages of the account by stages of the CRM.
  package static let stageNames = SettingKind(
    schema: {
      .map(
        $0, of: .text("One of the account's stages.", length: 1...64), keys: PlainText.pattern("{1,200}"),
        count: CRMSettings.entryLimit)
    },
    read: { name, json, fields in
      try readTable(name, &json, &fields) { stage, json, fields in
        guard (1...200).contains(stage.utf8.count), fields.isPlain(stage) else {
          fields.note(
            "\(name).\(stage)", stage, "must name a stage of the CRM in 1 to 200 bytes without control characters")
          try json.skipValue()
          return nil
        }
        return try fields.canonicalString("\(name).\(stage)", &json, at: .root, maxBytes: 64)
      }
    },
    write: { names, _, json in writeTable(names, to: &json) { $1.value($0) } })
}

private func readTable<Entry>(
  _ key: String, _ json: inout JSONReader, _ fields: inout FieldReader,
  _ entry: (String, inout JSONReader, inout FieldReader) throws -> Entry?
) throws -> [String: Entry]? {
  guard try json.peekKind() == .object else {
    fields.note(key, try json.peekKind().rawValue, "must be an object")
    try json.skipValue()
    return nil
  }
  let before = fields.problems.count
  var table: [String: Entry] = [:]
  try json.readObject { name, json in
    table[name.canonical] = try entry(name, &json, &fields)
  }
  if table.count > CRMSettings.entryLimit {
    fields.note(key, "\(table.count)", "must have at most \(CRMSettings.entryLimit) entries")
  }
  return fields.problems.count == before ? table : nil
}

/// Writes entries in the order of their names.
private func writeTable<Entry>(
  _ table: [String: Entry], to json: inout JSONWriter, _ write: (Entry, inout JSONWriter) -> Void
) {
  json.object { json in
    for (name, entry) in table.sorted(by: { $0.key < $1.key }) {
      json.key(name)
      write(entry, &json)
    }
  }
}
