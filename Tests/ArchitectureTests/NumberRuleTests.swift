import Testing

@Suite("Rules of numbers")
struct NumberRuleTests {
  private func unchecked(_ source: String, path: String = "Sources/A/A.swift") -> Int {
    NumberRules.unchecked(in: SourceFile(path, source)).count
  }

  @Test(
    "conversions that may stop the program",
    arguments: [
      "let a = Int(b)", "let a = UInt64(b * 2)", "let a = b.map(Int64.init)", "let a = Int.init(b)", "f(Int8(-b))",
      "let a = \"\\(UInt8(b))\"", "let a = Int((b).rounded())", "let a = Int(1.5)",
    ])
  func unlabelled(source: String) {
    #expect(unchecked(source) == 1)
    #expect(unchecked("import Values\n" + source) == 0)
  }

  @Test(
    "conversions that say what becomes of what does not fit",
    arguments: [
      "let a = Int(exactly: b)", "let a = UInt8(ascii: \"x\")", "let a = Int64(truncatingIfNeeded: b)", "let a = Int()",
      "let a = b.map { Int(exactly: $0) }", "let a = [Int](b)", "let a: Int = b", "let a = Int.max", "// Int(b)",
      "let a = \"Int(b)\"", "let a = Interval(b)", "let a = Int.init(exactly: b)",
    ])
  func labelled(source: String) {
    #expect(unchecked(source) == 0)
  }
}
