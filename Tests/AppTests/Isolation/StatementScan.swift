import Foundation

/// The functions that write or read an account's rows, found in the sources: every function that others can call of
/// every file of the product with SQL in it. The steps of the schema are left out.
enum StatementScan {
  /// Their names, such as `DealRepository.get(_:of:in:)`.
  static func functions() throws -> Set<String> {
    let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources")
    var names: Set<String> = []
    for target in ["App", "Jobs", "Web", "Accounts", "Measurement", "Decisions", "Creatives", "Platforms", "Operations"] {
      let folder = sources.appending(path: target)
      let walk = FileManager.default.enumerator(atPath: folder.path)
      while let path = walk?.nextObject() as? String {
        guard path.hasSuffix(".swift"), !path.hasSuffix("Migrations.swift") else { continue }
        names.formUnion(functions(in: try String(contentsOf: folder.appending(path: path), encoding: .utf8)))
      }
    }
    return names
  }

  /// The functions of a file's text that other files can call; none where it has no SQL.
  static func functions(in text: String) -> Set<String> {
    guard text.contains(#/\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM) /#) else { return [] }
    var names: Set<String> = []
    var owner = (name: "", isPrivate: false)
    var rest = text[...]
    while let line = rest.prefixMatch(of: #/[^\n]*\n?/#)?.output, !line.isEmpty {
      if let type = line.prefixMatch(of: #/((?:\w+ )*)(?:struct|class|enum|actor|extension|protocol) (\w+)/#) {
        owner = (String(type.2), isPrivate(type.1))
      } else if let function = line.prefixMatch(of: #/([@\w() ]*?)\bfunc (\w+)(?:<[^>]*>)?\(/#), !owner.isPrivate,
        !isPrivate(function.1)
      {
        let labels = labels(after: rest[function.range.upperBound...])
        names.insert("\(owner.name).\(function.2)(\(labels.map { $0 + ":" }.joined()))")
      }
      rest = rest[line.endIndex...]
    }
    return names
  }

  private static func isPrivate(_ modifiers: Substring) -> Bool {
    modifiers.contains("private")
  }

  /// The labels of the parameters up to the parenthesis that ends them.
  private static func labels(after opening: Substring) -> [String] {
    var (depth, parameter, labels) = (0, "", [String]())
    for character in opening {
      if depth == 0, character == "," || character == ")" {
        if let label = parameter.split(whereSeparator: { " \n:".contains($0) }).first { labels.append(String(label)) }
        parameter = ""
        if character == ")" { break }
      } else {
        if "([<{".contains(character) { depth += 1 }
        if ")]}".contains(character) { depth -= 1 }
        if character == ">", !parameter.hasSuffix("-") { depth -= 1 }
        parameter.append(character)
      }
    }
    return labels
  }
}
