/// A Swift file of the checkout, or a sample that stands for one.
struct SourceFile {
  /// The path from the top of the checkout, such as `Sources/Measurement/Ads/AdService.swift`.
  let path: String
  let lineCount: Int
  let text: SwiftText
  let imports: [Import]
  let declarations: [Declaration]

  init(_ path: String, _ source: String) {
    self.path = path
    lineCount = source.split(separator: "\n", omittingEmptySubsequences: false).count - (source.hasSuffix("\n") ? 1 : 0)
    text = SwiftText(source)
    imports = Import.all(in: text)
    declarations = Declaration.all(in: text)
  }

  var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// The target of a file below `Sources`.
  var target: String? {
    let parts = path.split(separator: "/")
    return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
  }

  /// The feature of a file: its folder in the target of a stage.
  var feature: String? {
    let parts = path.split(separator: "/")
    return parts.count > 3 && target.map(Self.stages.contains) == true ? String(parts[2]) : nil
  }

  private static let stages: Set<String> = ["Accounts", "Measurement", "Decisions", "Platforms", "Operations"]

  /// The types that other files can name, as they stand at the top of this one.
  var topLevelTypes: [String] {
    declarations.filter {
      $0.isTopLevel && $0.kind != "extension" && Declaration.typeKeywords.union(["typealias"]).contains($0.kind)
        && $0.modifiers.isDisjoint(with: ["private", "fileprivate"])
    }.map(\.name)
  }

  /// The words of the code that can be the name of a type, a member of the same name left aside.
  var namedWords: [Token] {
    text.tokens.indices.filter { index in
      text.tokens[index].text.first?.isUppercase == true && (index == 0 || text.tokens[index - 1].text != ".")
    }.map { text.tokens[$0] }
  }
}

/// A place that breaks a rule.
struct Violation: CustomStringConvertible, Equatable {
  let path: String
  let line: Int
  let rule: String

  init(_ path: String, _ line: Int, _ rule: String) {
    self.path = path
    self.line = line
    self.rule = rule
  }

  var description: String { "\(path):\(line): \(rule)" }
}
