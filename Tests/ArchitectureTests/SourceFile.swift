/// A Swift file of the checkout, or a sample that stands for one.
struct SourceFile {
  /// The path from the top of the checkout, such as `Sources/Measurement/Ads/AdService.swift`.
  let path: String
  let lineCount: Int
  let text: SwiftText
  let imports: [Import]

  init(_ path: String, _ source: String) {
    self.path = path
    lineCount = source.split(separator: "\n", omittingEmptySubsequences: false).count - (source.hasSuffix("\n") ? 1 : 0)
    text = SwiftText(source)
    imports = Import.all(in: text)
  }

  var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// The target of a file below `Sources`.
  var target: String? {
    let parts = path.split(separator: "/")
    return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
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
