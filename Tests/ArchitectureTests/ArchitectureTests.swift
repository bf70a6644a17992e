import Testing

/// The rules of docs/architecture.md, checked against the checkout itself.
@Suite("Architecture")
struct ArchitectureTests {
  @Test("the checkout is found")
  func checkout() throws {
    #expect(Checkout.paths.contains("Package.swift"))
    #expect(!Checkout.swiftFiles(in: "Sources").isEmpty)
    #expect(!Checkout.swiftFiles(in: "Tests").isEmpty)
    #expect(!Checkout.paths.contains { $0.hasPrefix(".build/") || $0.hasPrefix(".git/") })
  }

  @Test("the picture in docs/architecture.md is that of the manifest, and drivers are named by App alone")
  func picture() throws {
    let drawn = Picture.drawn(in: try #require(Checkout.text(of: "docs/architecture.md")))
    let built = try Picture.built(at: Checkout.root)
    #expect(drawn == built)
    for driver in ["StoragePostgres", "StorageSQLite"] {
      #expect(built.filter { $0.value.contains(driver) }.keys.sorted() == ["App"], "\(driver)")
    }
  }

  @Test("modules from outside are imported where they belong; routes know HTTP, repositories SQL")
  func modules() {
    expectNone(ModuleRules.violations(in: Checkout.swiftFiles(in: "Sources")))
  }

  @Test("services, repositories, jobs and pure code throw their feature's errors, not answers of the API")
  func errors() {
    expectNone(Checkout.swiftFiles(in: "Sources").flatMap(ErrorRules.answersOfTheAPI))
  }

  @Test("no file is too long")
  func length() {
    expectNone(Checkout.swiftFiles.flatMap(CodeRules.tooLong))
  }

  @Test("what can stop the program says why it cannot")
  func dangers() {
    expectNone(Checkout.swiftFiles(in: "Sources").flatMap(CodeRules.unexplained))
  }

  @Test("numbers that do not fit stop nothing")
  func numbers() {
    expectNone(Checkout.swiftFiles(in: "Sources").filter { $0.target != "Values" }.flatMap(NumberRules.unchecked))
  }

  @Test("an account's turn is taken with its configuration")
  func turns() {
    expectNone(Checkout.swiftFiles(in: "Sources").flatMap(CodeRules.turnsWithoutConfiguration))
  }

  @Test("tests do not wait for time to pass")
  func sleeping() {
    expectNone(Checkout.swiftFiles(in: "Tests").flatMap(CodeRules.sleeping))
  }

  @Test("nothing is left to be done, and no file knows where it was written")
  func words() {
    expectNone(
      Checkout.paths.filter { $0 != "LICENSE" }.flatMap { path in
        Checkout.text(of: path).map { WordRules.violations(path: path, text: $0) } ?? []
      })
  }

  private func expectNone(_ violations: [Violation]) {
    for violation in violations { Issue.record("\(violation)") }
  }
}
