/// Which modules the files of a target may import: the floors of the house.
struct ImportRules {
  struct Row {
    let modules: Set<String>
    /// What single files may import besides, by their path in the target.
    var besides: [String: Set<String>] = [:]
  }

  /// A row for every folder of `Sources`; one without a row may import nothing and is reported.
  static let table: [String: Row] = [
    "Values": Row(modules: [], besides: ["CanonicalText.swift": ["Foundation"]]),
    "Formats": Row(
      modules: ["Values"],
      besides: ["FileBytes.swift": ["Glibc", "Musl", "Darwin"], "SpooledFile.swift": ["Glibc", "Musl", "Darwin"]]),
    "CZlib": Row(modules: []),
    "CExpat": Row(modules: []),
    "Workbooks": Row(modules: ["CExpat", "CZlib", "Formats", "Values"]),
    "DecisionEngine": Row(modules: ["Values"]),
    "Database": Row(modules: ["Values", "Dispatch", "Synchronization"]),
    "CLibPQ": Row(modules: []),
    "DatabasePostgres": Row(
      modules: ["CLibPQ", "Database", "Values", "Dispatch", "Foundation", "Glibc", "Synchronization"]),
    "DatabaseSQLite": Row(modules: ["Database", "Values", "GRDB", "Foundation", "Glibc"]),
    "Jobs": Row(modules: ["Database", "Values", "Foundation", "Synchronization"]),
    "RemoteAPIs": Row(
      modules: ["Values", "Formats", "Foundation", "Synchronization", "HTTPTypes", "Crypto"],
      besides: ["Transport/AsyncHTTPTransport.swift": ["AsyncHTTPClient", "NIOCore", "NIOHTTP1"]]),
    "Features": Row(
      modules: [
        "Values", "Formats", "Workbooks", "DecisionEngine", "Database", "Jobs", "RemoteAPIs", "Foundation",
        "Synchronization", "HTTPTypes", "Crypto",
        "Logging",
      ],
      besides: [
        "HTTP/EndpointRouter.swift": ["Hummingbird", "NIOCore"],
        "HTTP/FailureMiddleware.swift": ["Hummingbird", "NIOCore"],
        "HTTP/RequestReading.swift": ["Hummingbird", "NIOCore"],
        "HTTP/ServerContext.swift": ["Hummingbird", "NIOCore"],
      ]),
    "App": Row(
      modules: [
        "Values", "Formats", "DecisionEngine", "Database", "DatabasePostgres", "DatabaseSQLite", "Features", "Jobs",
        "RemoteAPIs", "ArgumentParser",
        "Hummingbird", "HummingbirdCore", "ServiceLifecycle", "UnixSignals", "Logging", "NIOCore", "NIOHTTP1",
        "HTTPTypes",
        "Foundation",
        "Synchronization",
      ]),
    "geminivideo": Row(modules: ["App", "ArgumentParser"]),
  ]

  /// Targets that only App may know.
  static let drivers: Set<String> = ["DatabasePostgres", "DatabaseSQLite"]

  /// Holds every file below `Sources` to `table`.
  static func violations(in files: [SourceFile], table: [String: Row] = table) -> [Violation] {
    files.flatMap { file -> [Violation] in
      guard let target = file.target else {
        guard file.path.hasPrefix("Sources/") else { return [] }
        return [Violation(file.path, 1, "a file of Sources belongs to no target")]
      }
      guard let row = table[target] else {
        return [Violation(file.path, 1, "the target \(target) has no row in the table of imports")]
      }
      let inTarget = String(file.path.dropFirst("Sources/\(target)/".count))
      let allowed = row.modules.union(row.besides[inTarget] ?? []).union([target])
      return file.imports.filter { !allowed.contains($0.module) }.map {
        Violation(file.path, $0.line, "\(target) may not import \($0.module)")
      }
    }
  }

  /// The table itself: a driver stands in no row but App's.
  static func tableViolations(_ table: [String: Row] = table) -> [String] {
    table.filter { $0.key != "App" && !$0.value.modules.isDisjoint(with: drivers) }.map(\.key).sorted()
  }

  /// What a file of a kind may not import, by the end of its name.
  static func kindViolations(in files: [SourceFile]) -> [Violation] {
    files.filter { $0.target != nil }.flatMap { file in
      file.imports.filter { !isAllowed($0.module, in: file) }.map {
        Violation(file.path, $0.line, "\(file.name) is of a kind that may not import \($0.module)")
      }
    }
  }

  private static func isAllowed(_ module: String, in file: SourceFile) -> Bool {
    let web: Set<String> = ["Hummingbird", "HummingbirdCore", "NIOCore"]
    let storage: Set<String> = ["CLibPQ", "Database", "DatabasePostgres", "DatabaseSQLite", "GRDB"]
    switch file.name {
    case "HealthRoutes.swift": return !web.contains(module) && !storage.subtracting(["Database"]).contains(module)
    case let name where name.hasSuffix("Routes.swift"): return !web.contains(module) && !storage.contains(module)
    case let name where name.hasSuffix("Repository.swift"): return !web.contains(module) && module != "HTTPTypes"
    case let name where name.hasSuffix("Service.swift"): return !web.contains(module)
    case let name where name.hasSuffix("Migrations.swift"): return module == "Database"
    default: return true
    }
  }
}
