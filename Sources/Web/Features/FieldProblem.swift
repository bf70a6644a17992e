/// What is wrong with one field of some input: a request, a setting, a row of a file.
package struct FieldProblem: Hashable, Sendable, CustomStringConvertible {
  /// The path of the field, such as `ad_states[3].clicks`, shortened.
  package let field: String
  /// The value as it was given, shortened.
  package let value: String
  /// What it must be.
  package let rule: String

  /// Shortens `field` to 200 characters, `value` to 80 and `rule` to 1,000: each may contain what was sent.
  package init(field: String, value: String, rule: String) {
    self.field = Self.shortened(field, to: 200)
    self.value = Self.shortened(value, to: 80)
    self.rule = Self.shortened(rule, to: 1_000)
  }

  /// The field, its value and the rule that it violates, in a sentence.
  package var description: String { "\(field) is \(value): \(rule)" }

  /// Counts bytes first, because counting the characters of megabytes takes long.
  private static func shortened(_ text: String, to limit: Int) -> String {
    guard text.utf8.count > limit, text.dropFirst(limit).first != nil else { return text }
    return text.prefix(limit - 1) + "…"
  }
}
