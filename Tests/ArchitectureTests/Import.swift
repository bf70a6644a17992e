/// An import of a module.
struct Import: Equatable {
  let module: String
  let line: Int

  private static let kinds: Set<String> = [
    "struct", "class", "enum", "protocol", "typealias", "func", "var", "let", "actor",
  ]

  /// The modules that `text` imports, `import struct Module.Name` included.
  static func all(in text: SwiftText) -> [Import] {
    let tokens = text.tokens
    return tokens.indices.compactMap { index in
      guard tokens[index].text == "import", index + 1 < tokens.count,
        index == 0 || tokens[index - 1].text != "."
      else { return nil }
      let next = kinds.contains(tokens[index + 1].text) ? index + 2 : index + 1
      guard next < tokens.count, tokens[next].line == tokens[index].line else { return nil }
      return Import(module: tokens[next].text, line: tokens[index].line)
    }
  }
}
