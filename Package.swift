// swift-tools-version: 6.2
import PackageDescription

/// Rules that every Swift target of this package is compiled under.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting: Target.Dependency = .product(name: "HummingbirdTesting", package: "hummingbird")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

let package = Package(
  name: "GeminiVideo",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "geminivideo", targets: ["geminivideo"]),
    .executable(name: "benchmarks", targets: ["Benchmarks"]),
  ],
  // Exact, because no lock file is kept: see CONTRIBUTING.md.
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
    .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
  ],
  targets: [
    .target(name: "Values", swiftSettings: strict),
    .target(name: "Formats", dependencies: ["Values"], swiftSettings: strict),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
    .target(name: "Workbooks", dependencies: ["CExpat", "CZlib", "Formats", "Values"], swiftSettings: strict),
    .target(name: "DecisionEngine", dependencies: ["Values"], swiftSettings: strict),
    .target(name: "Database", dependencies: ["Values"], swiftSettings: strict),
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .target(name: "DatabasePostgres", dependencies: ["CLibPQ", "Database", "Values"], swiftSettings: strict),
    .target(name: "DatabaseSQLite", dependencies: ["Database", "Values", grdb], swiftSettings: strict),
    .target(name: "Jobs", dependencies: ["Database", "Values"], swiftSettings: strict),
    .target(
      name: "RemoteAPIs",
      dependencies: ["Formats", "Values", asyncHTTPClient, crypto, httpTypes, nioCore, nioHTTP1],
      swiftSettings: strict),
    .target(
      name: "Features",
      dependencies: [
        "Database", "DecisionEngine", "Formats", "Jobs", "RemoteAPIs", "Values", "Workbooks", crypto, httpTypes,
        hummingbird, logging, nioCore,
      ],
      swiftSettings: strict),
    .target(
      name: "App",
      dependencies: [
        "Database", "DatabasePostgres", "DatabaseSQLite", "DecisionEngine", "Features", "Formats", "Jobs", "RemoteAPIs",
        "Values", argumentParser, hummingbird, hummingbirdCore, logging, nioCore, nioHTTP1, serviceLifecycle,
        unixSignals,
      ],
      swiftSettings: strict),
    .executableTarget(name: "geminivideo", dependencies: ["App", argumentParser], swiftSettings: strict),
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "Database", "DatabasePostgres", "DatabaseSQLite", "DecisionEngine", "Jobs", "Values", argumentParser,
      ],
      path: "Benchmarks/Sources", swiftSettings: strict),
    .target(
      name: "TestKit", dependencies: ["CLibPQ", "Database", "DatabasePostgres", "DatabaseSQLite", "Jobs", "Values"],
      path: "Tests/TestKit", swiftSettings: strict),
    .target(
      name: "AppTestKit",
      dependencies: [
        "App", "Database", "Features", "Formats", "Jobs", "RemoteAPIs", "TestKit", "Values", httpTypes, hummingbird,
        hummingbirdTesting, logging, nioCore,
      ],
      path: "Tests/AppTestKit", swiftSettings: strict),
    .target(
      name: "FakeHubSpot",
      dependencies: [
        "Formats", "RemoteAPIs", "Values", crypto, httpTypes, hummingbird, logging, nioCore, nioPosix,
        serviceLifecycle, unixSignals,
      ],
      path: "Tests/FakeHubSpot", swiftSettings: strict),
    .executableTarget(
      name: "fake-hubspot", dependencies: ["FakeHubSpot", "Values", argumentParser], path: "Tests/FakeHubSpotServer",
      swiftSettings: strict),
    .target(
      name: "Fuzzing",
      dependencies: [
        "App", "Database", "DatabasePostgres", "DatabaseSQLite", "DecisionEngine", "Features", "Formats", "Jobs",
        "RemoteAPIs", "Values", httpTypes, hummingbird, hummingbirdTesting, logging, nioCore,
      ],
      path: "Tests/Fuzzing", swiftSettings: strict),
    .executableTarget(
      name: "fuzz", dependencies: ["Fuzzing", argumentParser], path: "Tests/FuzzRunner", swiftSettings: strict),
    .testTarget(name: "FuzzingTests", dependencies: ["Fuzzing"], swiftSettings: strict),
    .testTarget(name: "ArchitectureTests", swiftSettings: strict),
    .testTarget(name: "ValuesTests", dependencies: ["Values"], swiftSettings: strict),
    .testTarget(name: "FormatsTests", dependencies: ["Formats"], swiftSettings: strict),
    .testTarget(name: "DecisionEngineTests", dependencies: ["DecisionEngine", "Values"], swiftSettings: strict),
    .testTarget(name: "DatabaseTests", dependencies: ["Database", "TestKit", "Values"], swiftSettings: strict),
    .executableTarget(
      name: "crash-writer", dependencies: ["Database", "DatabaseSQLite", "Values"], path: "Tests/CrashWriter",
      swiftSettings: strict),
    .testTarget(
      name: "DatabaseSQLiteTests",
      dependencies: ["Database", "DatabaseSQLite", "TestKit", "Values", "crash-writer"], swiftSettings: strict),
    .testTarget(
      name: "DatabasePostgresTests", dependencies: ["Database", "DatabasePostgres", "TestKit", "Values"],
      swiftSettings: strict),
    .testTarget(name: "JobsTests", dependencies: ["Database", "Jobs", "TestKit", "Values"], swiftSettings: strict),
    .testTarget(
      name: "RemoteAPIsTests",
      dependencies: ["FakeHubSpot", "Formats", "RemoteAPIs", "TestKit", "Values", httpTypes], swiftSettings: strict),
    .testTarget(
      name: "FeaturesTests",
      dependencies: [
        "App", "AppTestKit", "CZlib", "Database", "DatabaseSQLite", "DecisionEngine", "FakeHubSpot", "Features",
        "Formats",
        "Jobs", "RemoteAPIs", "TestKit", "Values", httpTypes, hummingbird, hummingbirdTesting, logging, nioCore,
        nioEmbedded,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "AppTests",
      dependencies: [
        "App", "AppTestKit", "Database", "DecisionEngine", "FakeHubSpot", "Features", "Formats", "Jobs", "RemoteAPIs",
        "TestKit", "Values", "geminivideo", httpTypes, hummingbird, hummingbirdTesting, logging, nioCore, nioEmbedded,
        nioHTTP1, nioPosix,
      ],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
