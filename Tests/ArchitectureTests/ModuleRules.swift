/// Modules from outside that only some files may import. What targets may import of each other the compiler holds to
/// the manifest.
enum ModuleRules {
  /// Where a module may be imported: the beginnings of paths below `Sources`.
  static let places: [String: [String]] = [
    "Foundation": [
      "Accounts/", "App/", "Jobs/", "Measurement/", "RemoteAPIs/", "Sandbox/World/WorldCalendar.swift",
      "StoragePostgres/", "StorageSQLite/", "TextEmbeddingMiniLM/", "Values/CanonicalText.swift", "Values/Zone.swift",
      "Web/",
    ],
    "Glibc": [
      "BlobStorage/Folder/", "Formats/FileBytes.swift", "Formats/FileSlice.swift", "Formats/MappedFile.swift",
      "Formats/SpooledFile.swift",
      "StoragePostgres/", "StorageSQLite/",
    ],
    "Hummingbird": webServer,
    "NIOCore": webServer + ["RemoteAPIs/Transport/AsyncHTTPTransport.swift"],
    "NIOHTTP1": ["App/", "RemoteAPIs/Transport/AsyncHTTPTransport.swift"],
    "JWTKit": ["RemoteAPIs/Google/OAuth/ServiceAccountAssertion.swift"],
    "AsyncHTTPClient": ["RemoteAPIs/Transport/AsyncHTTPTransport.swift"],
  ]

  private static let webServer = [
    "App/", "Sandbox/Serving/SandboxServer.swift", "Web/Endpoints/EndpointRouter.swift",
    "Web/Requests/FailureMiddleware.swift", "Web/Requests/UnroutedMiddleware.swift",
    "Web/Requests/RequestReading.swift", "Web/Requests/ServerContext.swift",
  ]

  static func violations(in files: [SourceFile]) -> [Violation] {
    files.filter { $0.target != nil }.flatMap { file in
      file.imports.filter { !isAllowed($0.module, at: file.path) || !isAllowed($0.module, in: file.name) }.map {
        Violation(file.path, $0.line, "\(file.name) may not import \($0.module)")
      }
    }
  }

  private static func isAllowed(_ module: String, at path: String) -> Bool {
    places[module]?.contains { path.hasPrefix("Sources/\($0)") } ?? true
  }

  /// What a file of a kind may not import, by the end of its name.
  private static func isAllowed(_ module: String, in name: String) -> Bool {
    let web: Set<String> = ["Hummingbird", "HummingbirdCore", "NIOCore"]
    switch name {
    case "HealthRoutes.swift": return !web.contains(module)
    case let name where name.hasSuffix("Routes.swift"): return !web.contains(module) && module != "Storage"
    case let name where name.hasSuffix("Repository.swift"): return !web.contains(module) && module != "HTTPTypes"
    case let name where name.hasSuffix("Service.swift"): return !web.contains(module)
    default: return true
    }
  }
}
