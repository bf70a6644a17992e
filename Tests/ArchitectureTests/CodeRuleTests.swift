import Testing

@Suite("Rules of the code's text")
struct CodeRuleTests {
  private func dangers(_ source: String) -> Int {
    CodeRules.unexplained(in: SourceFile("Sources/A/A.swift", source)).count
  }

  @Test("an account's turn without its configuration")
  func turn() {
    let call = "func f() async throws {\n  try await database.write(inTurnOf: account.value) { _ in }\n}"
    let found = { CodeRules.turnsWithoutConfiguration(in: SourceFile($0, call)).map(\.line) }
    #expect(found("Sources/Measurement/Ads/AdService.swift") == [2])
    #expect(found("Sources/Measurement/Accounts/AccountService.swift") == [])
    #expect(found("Sources/Jobs/JobQueue.swift") == [])
  }

  @Test(
    "what can stop the program",
    arguments: [
      "let a = b!", "let a = b!.c", "f()!", "a[0]!", "let a = $0!", "var a: Int!", "a?.b!.c()", "try! f()", "a as! B",
      "fatalError()", "final class A: @unchecked Sendable {}", "let a = \"\\(b!)\"", "a! = 1", "// why\n\nlet a = b!",
    ])
  func dangerous(source: String) {
    #expect(dangers(source) == 1)
  }

  @Test(
    "what cannot, or says why",
    arguments: [
      "let a = !b", "if a != b {}", "if a !== b {}", "guard !f() else {}", "f(!a)", "[!a]", "// a!", "let a = \"b!\"",
      "let a = #\"b\"!\"#", "let a = b!  // checked above", "// checked above\nlet a = b!", "try f()", "try !f()",
      "a as? B", "let a = \"\"\"\n  fatalError() a!\n  \"\"\"", "/* a! */ let b = 1",
    ])
  func safe(source: String) {
    #expect(dangers(source) == 0)
  }

  @Test("files that are too long")
  func length() {
    let full = String(repeating: "\n", count: CodeRules.longestFile)
    #expect(CodeRules.tooLong(SourceFile("Sources/A/A.swift", full)) == [])
    #expect(CodeRules.tooLong(SourceFile("Sources/A/A.swift", full + "x")).map(\.line) == [401])
  }

  @Test("tests that wait")
  func sleeping() {
    for call in ["try await Task.sleep(for: .seconds(1))", "sleep(1)", "usleep(5)", "Thread.sleep(forTimeInterval: 1)"]
    {
      #expect(CodeRules.sleeping(in: SourceFile("Tests/A/A.swift", call)).count == 1, "\(call)")
    }
    for call in ["asleep(1)", "// sleep(1)", "let a = \"sleep(1)\"", "func isSleeping() {}"] {
      #expect(CodeRules.sleeping(in: SourceFile("Tests/A/A.swift", call)) == [], "\(call)")
    }
  }

  @Test("words that may not stand", arguments: WordRules.words)
  func words(word: String) {
    for text in [word, "a\n  // \(word) b", word.lowercased(), "\"\(word)1\"", "file://\(word)"] {
      #expect(WordRules.violations(path: "a.md", text: text).count == 1, "\(text)")
    }
    #expect(WordRules.violations(path: "a.md", text: "x\ny \(word)").map(\.line) == [2])
  }

  @Test("words that only hold them")
  func partsOfWords() {
    let texts = [
      "masto" + "don", "(to" + "dos)", "docs/" + "work/notes", "https://example.com/" + "home/x", "homework",
      "./" + "root/a",
    ]
    for text in texts {
      #expect(WordRules.violations(path: "a.md", text: text) == [], "\(text)")
    }
  }

  @Test("literals of every form hide their text and keep their interpolations")
  func literals() {
    let source = """
      let a = "x \\(b + "y \\(c)") z", d = #"e \\(f) \\#(g)"#
      let h = \"\"\"
        i " \\(j)
        \"\"\"
      k /* l /* m */ n */ o // p
      """
    let words = SwiftText(source).tokens.map(\.text).filter { $0.first?.isLetter == true }
    #expect(words == ["let", "a", "b", "c", "d", "g", "let", "h", "j", "k", "o"])
    #expect(SwiftText(source).tokens.last?.line == 5)
  }
}
