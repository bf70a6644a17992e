import Testing

/// Each rule fails where it should: on small samples that break it.
@Suite("Rules of modules")
struct RuleTests {
  @Test("imports are found in all their forms")
  func importForms() {
    let file = SourceFile(
      "Sources/App/A.swift",
      """
      import A
      import struct B.Name
      @testable import C
      public import D.Sub
      #if canImport(Glibc)
        import Glibc
      #endif
      // import Comment
      let text = "import Text"
      """)
    #expect(file.imports.map(\.module) == ["A", "B", "C", "D", "Glibc"])
    #expect(file.imports.map(\.line) == [1, 2, 3, 4, 6])
  }

  @Test(
    "an import where it does not belong",
    arguments: [
      ("Sources/Values/Money.swift", "Foundation"), ("Sources/Formats/JSON/JSONReader.swift", "Glibc"),
      ("Sources/Web/Endpoints/Endpoint.swift", "Hummingbird"), ("Sources/DecisionEngine/A.swift", "Foundation"),
      ("Sources/Measurement/Ads/AdRoutes.swift", "Storage"), ("Sources/Web/Health/HealthRoutes.swift", "NIOCore"),
      ("Sources/Measurement/Ads/AdRepository.swift", "HTTPTypes"), ("Sources/App/AdService.swift", "Hummingbird"),
    ])
  func forbiddenImports(path: String, module: String) {
    let found = ModuleRules.violations(in: [SourceFile(path, "\n\nimport \(module)\n")])
    #expect(found.map(\.line) == [3])
  }

  @Test(
    "an import where it belongs",
    arguments: [
      ("Sources/Formats/FileBytes.swift", "Glibc"), ("Sources/Web/Endpoints/EndpointRouter.swift", "Hummingbird"),
      ("Sources/Web/Health/HealthRoutes.swift", "Storage"), ("Sources/Measurement/Ads/AdRepository.swift", "Storage"),
      ("Tests/AppTests/ServeTests.swift", "GRDB"),
    ])
  func allowedImports(path: String, module: String) {
    #expect(ModuleRules.violations(in: [SourceFile(path, "import \(module)\n")]) == [])
  }

  @Test("answers of the API where they do not belong")
  func answersOfTheAPI() {
    let found = { (path: String, code: String) in
      ErrorRules.answersOfTheAPI(in: SourceFile(path, code)).map(\.line)
    }
    let service = "Sources/Measurement/Ads/AdService.swift"
    #expect(found(service, "\nthrow APIError.notFound(name)") == [2])
    #expect(found("Sources/Decisions/DecisionJobs.swift", "extension A: APIErrorConvertible {}") == [1])
    #expect(found(service, "// APIError\nlet text = \"APIError\"") == [])
    for path in [
      "Sources/Measurement/Ads/AdErrorCoding.swift", "Sources/Measurement/Ads/AdRoutes.swift",
      "Sources/Web/Requests/FailureMiddleware.swift", "Sources/App/Connections/ConnectionGuard.swift",
    ] {
      #expect(found(path, "throw APIError.notFound(name)") == [], "\(path)")
    }
  }

  @Test("the table of targets is read from the text")
  func picture() {
    let text = """
      | target | holds | uses |
      |---|---|---|
      | `A` | the `B` of things | nothing |
      | `B` | more | `A`; zlib |

      | `table` | key | what `it` holds |
      """
    #expect(Picture.drawn(in: text) == ["A": [], "B": ["A"]])
  }

  @Test("the patterns of .gitignore")
  func ignored() {
    let ignored = Ignored("# comment\n.build/\n*.sqlite\nPackage.resolved\n/docs/out\ntmp*\n")
    for path in ["a.sqlite", "data/b.sqlite", "Package.resolved", "docs/out", "tmp1"] {
      #expect(ignored.covers(path, isFolder: false), "\(path)")
    }
    #expect(ignored.covers(".build", isFolder: true))
    #expect(ignored.covers(".git", isFolder: true))
    for path in [".build", ".gitignore", "sqlite", "x/docs/out", "Package.swift"] {
      #expect(!ignored.covers(path, isFolder: false), "\(path)")
    }
  }
}
