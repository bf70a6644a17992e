import Formats
import Values

extension CreativeDNA {
  /// Whether nothing is known of the creative.
  package var isEmpty: Bool { self == CreativeDNA() }

  /// Writes an object with the groups of which something is known, under the names that come first. Equal values are
  /// written alike.
  package func write(to json: inout JSONWriter) {
    json.object { json in
      for group in DNAGroup.allCases { write(group, to: &json) }
      for (name, value) in open(in: nil) {
        json.key(name)
        value.write(to: &json)
      }
    }
  }

  private func write(_ group: DNAGroup, to json: inout JSONWriter) {
    let fields = DNAField.all.filter { $0.group == group && isKnown($0) }
    let open = open(in: group)
    guard !fields.isEmpty || !open.isEmpty else { return }
    json.key(group.rawValue)
    json.object { json in
      for field in fields {
        json.key(field.key)
        write(field, to: &json)
      }
      for (name, value) in open {
        json.key(name)
        value.write(to: &json)
      }
    }
  }

  /// The open fields of a group, by the bytes of their names.
  func open(in group: DNAGroup?) -> [(name: String, value: JSONValue)] {
    openFields.filter { $0.key.group == group }.map { (name: $0.key.name, value: $0.value) }
      .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  private func isKnown(_ field: DNAField) -> Bool {
    switch field.kind {
    case .term(let path, _): self[keyPath: path] != nil
    case .text(let path, _): self[keyPath: path] != nil
    case .texts(let path): !self[keyPath: path].isEmpty
    case .flag(let path): self[keyPath: path] != nil
    case .number(let path, _): self[keyPath: path] != nil
    case .count(let path): self[keyPath: path] != nil
    }
  }

  private func write(_ field: DNAField, to json: inout JSONWriter) {
    switch field.kind {
    case .term(let path, _): if let term = self[keyPath: path] { json.value(term.value) }
    case .text(let path, _): if let text = self[keyPath: path] { json.value(text) }
    case .texts(let path):
      json.array { json in
        for text in self[keyPath: path] { json.value(text) }
      }
    case .flag(let path): if let flag = self[keyPath: path] { json.value(flag) }
    case .number(let path, _): if let number = self[keyPath: path] { json.value(number) }
    case .count(let path): if let count = self[keyPath: path] { json.value(count) }
    }
  }
}

extension CreativeDNA {
  /// The version of what ``canonicalText`` makes of a value. Vectors of texts of different versions are not compared.
  package static let textVersion = 1

  /// What is embedded: the same for equal values, in the order that `docs/creative-dna.md` gives. Empty where nothing
  /// can be said.
  package var canonicalText: String {
    Self.saidOrder.compactMap { group, label in
      let parts = said(group)
      guard let last = parts.last?.last else { return nil }
      return "\(label): \(parts.joined(separator: ", "))" + (".!?…".contains(last) ? "" : ".")
    }.joined(separator: " ")
  }

  /// The longest texts come last: a model reads no more than its first few hundred words.
  private static let saidOrder: [(DNAGroup, String)] = [
    (.hook, "Hook"), (.callToAction, "Call to action"), (.visual, "Visual"), (.audio, "Audio"), (.pacing, "Pacing"),
    (.copy, "Copy"),
  ]

  private func said(_ group: DNAGroup) -> [String] {
    let known = DNAField.all.filter { $0.group == group }.flatMap(said)
    let open = open(in: group).flatMap { name, value in
      let texts = value.arrayValue ?? [value]
      return texts.compactMap(\.stringValue).map { "\(DNATerm.folded(name).replacing("_", with: " ")) \($0)" }
    }
    return known.map { $0.cut(toBytes: DNAField.saidLimit) } + open.map { $0.cut(toBytes: DNAField.saidLimit) }
  }

  private func said(_ field: DNAField) -> [String] {
    guard let phrase = field.phrase else { return [] }
    switch (field.kind, phrase) {
    case (.term(let path, _), _): return self[keyPath: path].flatMap(\.words).map { [$0] } ?? []
    case (.text(let path, _), _): return self[keyPath: path].map { [$0] } ?? []
    case (.texts(let path), _): return self[keyPath: path].sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    case (.flag(let path), .whenTrue(let words)): return self[keyPath: path] == true ? [words] : []
    case (.number(let path, _), .seconds):
      return self[keyPath: path].map { ["\(FixedDecimal.text($0, decimals: 0)) seconds"] } ?? []
    case (.flag, _), (.number, _), (.count, _): return []
    }
  }
}
