/// A declaration of a type's or file's body, found by its keyword.
struct Declaration {
  /// `func`, `struct`, `case`, ...
  let kind: String
  let name: String
  let modifiers: Set<String>
  /// The line of its first attribute, modifier or keyword.
  let firstLine: Int
  /// The type or extension around it; nil at the top of the file.
  let owner: Owner?

  struct Owner {
    let kind: String
    let name: String
    let modifiers: Set<String>
  }

  /// Whether other modules can see it, as far as its own file tells.
  var isPublic: Bool {
    if !modifiers.isDisjoint(with: ["public", "open"]) { return true }
    guard let owner, !owner.modifiers.isDisjoint(with: ["public", "open"]),
      modifiers.isDisjoint(with: ["private", "fileprivate", "internal", "package"])
    else { return false }
    switch owner.kind {
    case "protocol", "extension": return true
    case "enum": return kind == "case"
    default: return false
    }
  }

  static let typeKeywords: Set<String> = ["struct", "class", "enum", "actor", "protocol", "extension"]
  private static let otherKeywords: Set<String> = [
    "func", "var", "let", "init", "subscript", "typealias", "associatedtype", "case", "macro", "operator",
    "precedencegroup",
  ]
  private static let modifierKeywords: Set<String> = [
    "public", "open", "internal", "private", "fileprivate", "package", "static", "final", "indirect", "mutating",
    "nonmutating", "lazy", "weak", "unowned", "override", "required", "convenience", "dynamic", "nonisolated",
    "prefix", "postfix", "infix", "borrowing", "consuming", "distributed", "optional", "class",
  ]

  /// The declarations of `text` outside function bodies, in their order.
  static func all(in text: SwiftText) -> [Declaration] {
    var reader = Reader(tokens: text.tokens)
    return reader.read()
  }

  private struct Reader {
    let tokens: [Token]
    var found: [Declaration] = []
    /// The braces, parentheses and brackets that are open; a declaration's body has its declaration.
    var open: [Declaration?] = []
    var opening: Declaration?
    var modifiers: Set<String> = []
    var first: Int?

    mutating func read() -> [Declaration] {
      var index = 0
      while index < tokens.count { index = step(index) }
      return found
    }

    /// Reads what begins at `index`; returns where the next begins.
    private mutating func step(_ index: Int) -> Int {
      let token = tokens[index]
      switch token.text {
      case "{", "(", "[":
        open.append(token.text == "{" ? opening : nil)
        if token.text == "{" { opening = nil }
        clear()
        return index + 1
      case "}", ")", "]":
        _ = open.popLast()
        clear()
        return index + 1
      default: break
      }
      guard open.allSatisfy({ $0 != nil }) else { return index + 1 }
      if token.text == "@", first != nil || startsStatement(index) {
        first = first ?? index
        return afterArguments(index + 2)
      }
      guard first != nil || startsStatement(index) else { return index + 1 }
      if isModifier(index) {
        first = first ?? index
        modifiers.insert(token.text)
        return afterArguments(index + 1)
      }
      if typeKeywords.contains(token.text) || otherKeywords.contains(token.text) {
        declare(index)
        clear()
        return index + 2 < tokens.count && nameCanBeKeyword(index) ? index + 2 : index + 1
      }
      clear()
      return index + 1
    }

    private mutating func declare(_ index: Int) {
      let keyword = tokens[index]
      let name = ["init", "subscript"].contains(keyword.text) ? keyword.text : text(index + 1) ?? ""
      let owner = open.last ?? nil
      let declaration = Declaration(
        kind: keyword.text, name: name, modifiers: modifiers, firstLine: tokens[first ?? index].line,
        owner: owner.map { Owner(kind: $0.kind, name: $0.name, modifiers: $0.modifiers) })
      found.append(declaration)
      opening = typeKeywords.contains(keyword.text) ? declaration : nil
    }

    private mutating func clear() {
      modifiers = []
      first = nil
    }

    private func text(_ index: Int) -> String? {
      tokens.indices.contains(index) ? tokens[index].text : nil
    }

    private func nameCanBeKeyword(_ index: Int) -> Bool {
      !["init", "subscript"].contains(tokens[index].text) && tokens[index + 1].text.first?.isLetter == true
    }

    private func startsStatement(_ index: Int) -> Bool {
      guard index > 0 else { return true }
      let previous = tokens[index - 1]
      return previous.line < tokens[index].line || ["{", "}", ";"].contains(previous.text)
    }

    /// `class` alone declares a type; before another keyword it is a modifier.
    private func isModifier(_ index: Int) -> Bool {
      guard modifierKeywords.contains(tokens[index].text) else { return false }
      return tokens[index].text != "class" || ["func", "var", "subscript", "override"].contains(text(index + 1))
    }

    private func afterArguments(_ index: Int) -> Int {
      guard text(index) == "(" else { return index }
      var depth = 0
      for position in index..<tokens.count {
        if tokens[position].text == "(" { depth += 1 }
        if tokens[position].text == ")" { depth -= 1 }
        if depth == 0 { return position + 1 }
      }
      return tokens.count
    }
  }
}

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
