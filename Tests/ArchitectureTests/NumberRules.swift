/// Floating point becomes an integer only where it is said what happens to numbers that do not fit.
///
/// The module `Values` takes the place of the standard library's conversions, which stop the program, in every file
/// that imports it; there the compiler holds the rule. A file that does not import it may convert nothing unlabelled.
enum NumberRules {
  private static let integers: Set<String> = [
    "Int", "Int8", "Int16", "Int32", "Int64", "Int128", "UInt", "UInt8", "UInt16", "UInt32", "UInt64", "UInt128",
  ]

  static func unchecked(in file: SourceFile) -> [Violation] {
    guard !file.imports.contains(where: { $0.module == "Values" }) else { return [] }
    let tokens = file.text.tokens
    return tokens.indices.filter { converts(at: $0, in: tokens) }.map {
      Violation(file.path, tokens[$0].line, "\(tokens[$0].text) of what may not fit it: import Values, or name a label")
    }
  }

  /// Whether an integer is made of something without a label, or its initializer is handed on.
  private static func converts(at index: Int, in tokens: [Token]) -> Bool {
    let text = { (offset: Int) in index + offset < tokens.count ? tokens[index + offset].text : "" }
    guard integers.contains(text(0)) else { return false }
    if text(1) == ".", text(2) == "init" { return text(3) != "(" || isUnlabelled(text(4), text(5)) }
    return text(1) == "(" && tokens[index + 1].isGlued && isUnlabelled(text(2), text(3))
  }

  private static func isUnlabelled(_ first: String, _ second: String) -> Bool {
    first != ")" && !(second == ":" && first.first?.isLetter == true)
  }
}
