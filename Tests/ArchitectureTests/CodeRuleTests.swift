import Testing

@Suite("Rules of the code's text")
struct CodeRuleTests {
  private func undocumented(_ source: String) -> [String] {
    CodeRules.undocumented(in: SourceFile("Sources/A/A.swift", source)).map { "\($0.line)" }
  }

  private func dangers(_ source: String) -> Int {
    CodeRules.unexplained(in: SourceFile("Sources/A/A.swift", source)).count
  }

  @Test(
    "public declarations without a documentation comment",
    arguments: [
      "public struct A {}", "// plain\npublic struct A {}", "/// far\n\npublic struct A {}",
      "struct A {\n  public let a = 1\n}", "struct A { public func f() {} }",
      "/// A.\npublic enum A {\n  case a\n}", "/// A.\npublic enum A { case a }",
      "/// P.\npublic protocol P {\n  var x: Int { get }\n}", "/// P.\npublic protocol P {\n  associatedtype T\n}",
      "extension A {\n  public init() {}\n}", "public extension A {\n  func f() {}\n}",
      "extension A: P {\n  @inlinable\n  public static func == (a: A, b: A) -> Bool { true }\n}",
      "@available(macOS 15, *)\npublic func f() {}", "public private(set) var a = 1",
      "/// A.\npublic struct A {\n  public subscript(i: Int) -> Int { i }\n}", "open class A {}",
      "/// E.\npublic enum E {\n  /// A.\n  case a\n  case b(Int)\n}", "public typealias T = Int",
      "struct A {\n  func f() { let x = 1 }\n  public var b: Int { 1 }\n}",
      "/// A.\npublic struct A {\n  let s = \"\"\"\n    { \\(1) {\n    \"\"\"\n  public let b = 1\n}",
    ])
  func missingDocumentation(source: String) {
    #expect(undocumented(source).count == 1)
  }

  @Test(
    "declarations that need no more documentation",
    arguments: [
      "/// A.\npublic struct A {}", "/** A. */\npublic struct A {}", "struct A { let b = 1 }",
      "/// A.\n@available(macOS 15, *)\n@frozen\npublic struct A {}", "public extension A {\n  private func f() {}\n}",
      "/// E.\npublic enum E {\n  /// A.\n  case a\n  /// F.\n  public func f() { switch self { case .a: break } }\n}",
      "enum E {\n  case a\n}", "protocol P {\n  func f()\n}",
      "/// A.\npublic struct A {\n  struct B {}\n  enum C { case d }\n}",
      "/// A.\npublic func f(public a: Int, case b: Int) {\n  let public = 1\n}", "// public struct A {}",
      "let text = \"public struct A {}\"", "extension A: P {}",
      "/// A.\npublic final class A: @unchecked Sendable {\n  init() {}\n  deinit {}\n}",
    ])
  func documentation(source: String) {
    #expect(undocumented(source) == [])
  }

  @Test("an account's turn without its configuration")
  func turn() {
    let call = "func f() async throws {\n  try await database.write(inTurnOf: account.value) { _ in }\n}"
    let found = { CodeRules.turnsWithoutConfiguration(in: SourceFile($0, call)).map(\.line) }
    #expect(found("Sources/Measurement/Ads/AdService.swift") == [2])
    #expect(found("Sources/Measurement/Accounts/AccountService.swift") == [])
    #expect(found("Sources/Jobs/JobQueue.swift") == [])
  }

  @Test("the line of a declaration is that of its first attribute")
  func declarationLine() {
    #expect(undocumented("\n\n@frozen\npublic struct A {}") == ["3"])
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
