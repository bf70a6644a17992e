import Testing

/// Each rule fails where it should: on small samples that break it.
@Suite("Rules of imports and circles")
struct RuleTests {
  private func feature(_ folder: String, _ name: String, _ source: String) -> SourceFile {
    SourceFile("Sources/Features/\(folder)/\(name).swift", source)
  }

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
    "an import that the table does not have",
    arguments: [
      ("Sources/Values/Money.swift", "Foundation"), ("Sources/Formats/JSON/JSONReader.swift", "Glibc"),
      ("Sources/DecisionEngine/Scoring/AdScore.swift", "Database"), ("Sources/Database/SQL.swift", "GRDB"),
      ("Sources/DatabaseSQLite/SQLiteDatabase.swift", "Features"),
      ("Sources/Features/Ads/AdService.swift", "DatabaseSQLite"),
      ("Sources/Features/HTTP/Endpoint.swift", "Hummingbird"), ("Sources/App/Serve.swift", "GRDB"),
      ("Sources/geminivideo/main.swift", "DatabaseSQLite"), ("Sources/Unheard/File.swift", "Values"),
      ("Sources/stray.swift", "Values"),
    ])
  func forbiddenImports(path: String, module: String) {
    #expect(ImportRules.violations(in: [SourceFile(path, "\nimport \(module)\n")]).count == 1)
  }

  @Test(
    "an import that the table has",
    arguments: [
      ("Sources/Formats/FileBytes.swift", "Glibc"), ("Sources/DecisionEngine/Scoring/AdScore.swift", "Values"),
      ("Sources/Features/HTTP/EndpointRouter.swift", "Hummingbird"), ("Sources/App/Serve.swift", "DatabaseSQLite"),
      ("Sources/geminivideo/main.swift", "App"), ("Tests/AppTests/ServeTests.swift", "GRDB"),
    ])
  func allowedImports(path: String, module: String) {
    #expect(ImportRules.violations(in: [SourceFile(path, "import \(module)\n")]) == [])
  }

  @Test("a driver in another row than App's")
  func driverInTable() {
    #expect(ImportRules.tableViolations(["Features": .init(modules: ["DatabaseSQLite"])]) == ["Features"])
  }

  @Test("a violation tells the file, the line and the rule")
  func description() {
    let found = ImportRules.violations(in: [SourceFile("Sources/Values/A.swift", "\n\nimport Foundation\n")])
    #expect(found.map(\.description) == ["Sources/Values/A.swift:3: Values may not import Foundation"])
  }

  @Test(
    "a kind of file that imports what it may not",
    arguments: [
      ("AdRoutes", "Database"), ("AdRoutes", "GRDB"), ("AdRoutes", "Hummingbird"), ("HealthRoutes", "Hummingbird"),
      ("HealthRoutes", "GRDB"), ("AdRepository", "HTTPTypes"), ("AdRepository", "Hummingbird"),
      ("AdService", "Hummingbird"), ("AdMigrations", "Values"),
    ])
  func forbiddenKinds(name: String, module: String) {
    #expect(ImportRules.kindViolations(in: [feature("Ads", name, "import \(module)\n")]).count == 1)
  }

  @Test(
    "a kind of file that imports what it may",
    arguments: [
      ("HealthRoutes", "Database"), ("AdRoutes", "Formats"), ("AdRepository", "Database"), ("AdService", "Database"),
      ("AdMigrations", "Database"), ("EndpointRouter", "Hummingbird"),
    ])
  func allowedKinds(name: String, module: String) {
    #expect(ImportRules.kindViolations(in: [feature("Ads", name, "import \(module)\n")]) == [])
  }

  @Test("targets in a circle")
  func targetCircle() {
    let files = [
      SourceFile("Sources/A/A.swift", "import B"), SourceFile("Sources/B/B.swift", "import C"),
      SourceFile("Sources/C/C.swift", "import A"), SourceFile("Sources/D/D.swift", "import A"),
    ]
    let graph = CircleRules.targetGraph(of: files)
    #expect(graph.circles == [["A", "B", "C"]])
    #expect(graph.violations.count == 3)
    #expect(CircleRules.targetGraph(of: Array(files.dropFirst())).circles == [])
  }

  @Test("features in a circle, and what does not make one")
  func featureCircle() {
    let ads = feature("Ads", "Ad", "public struct Ad { let deal: Deal? }")
    let deals = feature("Deals", "Deal", "struct Deal { func f(_ ads: [Ad]) {} }")
    #expect(CircleRules.featureGraph(of: [ads, deals]).circles == [["Ads", "Deals"]])
    let harmless = [
      "struct Deal {} // Ad", "struct Deal { let text = \"Ad\" }", "struct Deal { let a = Other.Ad }",
      "struct Deal { struct Inner {} }", "struct Deal {}\nstruct Add {}", "struct Deal { let a: Ad }\nstruct Ad {}",
    ]
    for source in harmless {
      #expect(CircleRules.featureGraph(of: [ads, feature("Deals", "Deal", source)]).circles == [])
    }
    #expect(
      CircleRules.featureGraph(of: [ads, feature("Deals", "Deal", "struct Deal { let t = \"\\(Ad.self)\" }")]).circles
        == [["Ads", "Deals"]], "an interpolation is code")
  }

  @Test("the common ground may be named by all, and names only roles and principals")
  func commonGround() {
    let files = [
      feature("Accounts", "Role", "enum Role {}\nstruct Principal {}\nstruct Account { let call: Call }"),
      feature("HTTP", "Call", "struct Call {\n  let role: Role\n  let principal: Principal\n}"),
    ]
    #expect(CircleRules.featureGraph(of: files).circles == [])
    #expect(CircleRules.commonGroundViolations(in: files) == [])
    let wrong = feature("HTTP", "Bad", "struct Bad {\n  let account: Account\n}")
    #expect(CircleRules.commonGroundViolations(in: files + [wrong]).map(\.line) == [2])
  }

  @Test("a repository named outside its feature")
  func repository() {
    let owner = feature("Ads", "AdRepository", "struct AdRepository {}")
    let files = [
      owner, feature("Ads", "AdService", "let a = AdRepository()"), feature("Deals", "D", "\nlet a = AdRepository()"),
      SourceFile("Sources/App/Serve.swift", "let a: AdRepository? = nil"),
    ]
    #expect(
      RepositoryRules.violations(in: files).map(\.path) == [
        "Sources/Features/Deals/D.swift", "Sources/App/Serve.swift",
      ])
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
