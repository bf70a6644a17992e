// swift-tools-version: 6.2
import PackageDescription

/// Rules that every Swift target of this package is compiled under.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// For targets that compute: tests and trials, which run builds that are not optimised elsewhere, spend most of their time
/// in these.
let optimised: [SwiftSetting] = strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let asyncAlgorithms: Target.Dependency = .product(name: "AsyncAlgorithms", package: "swift-async-algorithms")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
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

/// What a test of the whole system meets.
let system: [Target.Dependency] = [
  "Accounts", "DecisionEngine", "Decisions", "Execution", "Formats", "Jobs", "Measurement", "Operations", "Platforms",
  "RemoteAPIs", "Sandbox", "Storage", "Values", "Web", httpTypes, hummingbird, logging, nioCore,
]
let systemTests: [Target.Dependency] =
  system + ["App", "AppTestKit", "FakeHubSpot", "SampleData", "TestKit", hummingbirdTesting, nioEmbedded]

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
    .package(url: "https://github.com/apple/swift-async-algorithms", exact: "1.1.4"),
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
    .target(name: "Values", swiftSettings: optimised),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "Formats", dependencies: ["CZlib", "Values"], swiftSettings: optimised),
    .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
    .target(name: "Workbooks", dependencies: ["CExpat", "CZlib", "Formats", "Values"], swiftSettings: strict),
    .target(name: "DecisionEngine", dependencies: ["Values"], swiftSettings: optimised),
    .target(name: "Execution", dependencies: ["Values"], swiftSettings: optimised),
    .target(name: "Simulator", dependencies: ["DecisionEngine", "Values"], swiftSettings: optimised),
    .target(name: "Storage", dependencies: ["Values"], swiftSettings: strict),
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .target(name: "StoragePostgres", dependencies: ["CLibPQ", "Storage", "Values"], swiftSettings: strict),
    .target(name: "StorageSQLite", dependencies: ["Storage", "Values", grdb, grdbSQLite], swiftSettings: strict),
    .target(name: "Jobs", dependencies: ["Storage", "Values", logging], swiftSettings: strict),
    .target(
      name: "RemoteAPIs",
      dependencies: ["Formats", "Values", asyncHTTPClient, crypto, httpTypes, nioCore, nioHTTP1],
      swiftSettings: strict),
    // The features, a target for each stage of the data's way: each may use those before it.
    .target(
      name: "Web",
      dependencies: [
        "Formats", "Jobs", "RemoteAPIs", "Storage", "Values", asyncAlgorithms, httpTypes, hummingbird, logging, nioCore,
        serviceLifecycle,
      ],
      swiftSettings: strict),
    .target(
      name: "Accounts",
      dependencies: ["DecisionEngine", "Formats", "Jobs", "Storage", "Values", "Web", crypto],
      swiftSettings: strict),
    .target(
      name: "Measurement",
      dependencies: ["Accounts", "DecisionEngine", "Formats", "Jobs", "Storage", "Values", "Web", "Workbooks"],
      swiftSettings: strict),
    .target(
      name: "Decisions",
      dependencies: [
        "Accounts", "DecisionEngine", "Formats", "Jobs", "Measurement", "Simulator", "Storage", "Values", "Web", crypto,
      ],
      swiftSettings: strict),
    .target(
      name: "Platforms",
      dependencies: [
        "Accounts", "DecisionEngine", "Decisions", "Execution", "Formats", "Jobs", "Measurement", "RemoteAPIs",
        "Storage", "Values", "Web", crypto,
      ],
      swiftSettings: strict),
    .target(
      name: "Operations",
      dependencies: ["Accounts", "Formats", "Jobs", "RemoteAPIs", "Storage", "Values", "Web"],
      swiftSettings: strict),
    .target(
      name: "Sandbox",
      dependencies: [
        "DecisionEngine", "Formats", "RemoteAPIs", "Simulator", "Values", crypto, httpTypes, hummingbird, logging,
        nioCore,
        nioPosix, serviceLifecycle, unixSignals,
      ],
      swiftSettings: strict),
    .target(
      name: "App",
      dependencies: [
        "Accounts", "DecisionEngine", "Decisions", "Execution", "Formats", "Jobs", "Measurement", "Operations",
        "Platforms", "RemoteAPIs", "Sandbox", "Simulator", "Storage", "StoragePostgres", "StorageSQLite", "Values",
        "Web",
        argumentParser,
        hummingbird, hummingbirdCore, logging, nioCore, nioHTTP1, serviceLifecycle, unixSignals,
      ],
      swiftSettings: strict),
    .executableTarget(name: "geminivideo", dependencies: ["App", argumentParser], swiftSettings: strict),
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "Accounts", "App", "DecisionEngine", "Decisions", "Execution", "ExecutionHistories", "Jobs", "Measurement",
        "Platforms", "RemoteAPIs", "Sandbox", "Simulator", "Storage", "StoragePostgres", "StorageSQLite", "Values",
        "Web", argumentParser, httpTypes, hummingbird, hummingbirdCore, logging, nioCore, serviceLifecycle,
      ],
      path: "Benchmarks/Sources", swiftSettings: strict),
    .target(
      name: "TestKit", dependencies: ["CLibPQ", "Jobs", "Storage", "StoragePostgres", "StorageSQLite", "Values"],
      path: "Tests/TestKit", swiftSettings: strict),
    .target(
      name: "AppTestKit", dependencies: system + ["App", "TestKit", hummingbirdTesting],
      path: "Tests/AppTestKit", swiftSettings: strict),
    .target(
      name: "SampleData", dependencies: ["Accounts", "App", "DecisionEngine", "Measurement", "Storage", "Values"],
      path: "Tests/SampleData", swiftSettings: strict),
    .target(
      name: "ExecutionHistories", dependencies: ["DecisionEngine", "Execution", "Values"],
      path: "Tests/ExecutionHistories",
      swiftSettings: strict),
    .target(
      name: "FakeHubSpot",
      dependencies: ["Formats", "RemoteAPIs", "Sandbox", "Values"], path: "Tests/FakeHubSpot", swiftSettings: strict),
    .executableTarget(
      name: "fake-hubspot", dependencies: ["FakeHubSpot", "Sandbox", "Values", argumentParser],
      path: "Tests/FakeHubSpotServer",
      swiftSettings: strict),
    .target(
      name: "Fuzzing",
      dependencies: system + [
        "App", "SampleData", "Simulator", "StoragePostgres", "StorageSQLite", hummingbirdTesting,
      ],
      path: "Tests/Fuzzing", swiftSettings: strict),
    .executableTarget(
      name: "fuzz", dependencies: ["Fuzzing", argumentParser], path: "Tests/FuzzRunner", swiftSettings: strict),
    .testTarget(name: "FuzzingTests", dependencies: ["Fuzzing"], swiftSettings: strict),
    .testTarget(name: "ArchitectureTests", swiftSettings: strict),
    .testTarget(name: "ValuesTests", dependencies: ["Values"], swiftSettings: strict),
    .testTarget(name: "FormatsTests", dependencies: ["Formats"], swiftSettings: strict),
    .testTarget(
      name: "DecisionEngineTests", dependencies: ["DecisionEngine", "TestKit", "Values"], swiftSettings: strict),
    .testTarget(
      name: "ExecutionTests", dependencies: ["Execution", "ExecutionHistories", "TestKit", "Values"],
      swiftSettings: strict),
    .testTarget(
      name: "SimulatorTests", dependencies: ["DecisionEngine", "Simulator", "TestKit", "Values"], swiftSettings: strict),
    .testTarget(name: "StorageTests", dependencies: ["Storage", "TestKit", "Values"], swiftSettings: strict),
    .executableTarget(
      name: "crash-writer", dependencies: ["Storage", "StorageSQLite", "Values"], path: "Tests/CrashWriter",
      swiftSettings: strict),
    .executableTarget(
      name: "world-role",
      dependencies: ["App", "Jobs", "TestKit", "Values", logging, serviceLifecycle, unixSignals],
      path: "Tests/WorldRole", swiftSettings: strict),
    .testTarget(
      name: "StorageSQLiteTests",
      dependencies: ["Storage", "StorageSQLite", "TestKit", "Values", "crash-writer"], swiftSettings: strict),
    .testTarget(
      name: "StoragePostgresTests", dependencies: ["Storage", "StoragePostgres", "TestKit", "Values"],
      swiftSettings: strict),
    .testTarget(
      name: "JobsTests", dependencies: ["Jobs", "Storage", "TestKit", "Values", logging], swiftSettings: strict),
    .testTarget(
      name: "RemoteAPIsTests",
      dependencies: ["FakeHubSpot", "Formats", "RemoteAPIs", "Sandbox", "TestKit", "Values", httpTypes],
      swiftSettings: strict),
    .testTarget(
      name: "SandboxTests",
      dependencies: [
        "DecisionEngine", "Formats", "RemoteAPIs", "Sandbox", "Simulator", "TestKit", "Values", httpTypes,
      ],
      swiftSettings: strict),
    .testTarget(name: "WebTests", dependencies: systemTests, swiftSettings: strict),
    .testTarget(name: "AccountsTests", dependencies: systemTests, swiftSettings: strict),
    .testTarget(name: "MeasurementTests", dependencies: systemTests + ["CZlib"], swiftSettings: strict),
    .testTarget(name: "DecisionsTests", dependencies: systemTests, swiftSettings: strict),
    .testTarget(name: "PlatformsTests", dependencies: systemTests, swiftSettings: strict),
    .testTarget(name: "OperationsTests", dependencies: systemTests, swiftSettings: strict),
    .testTarget(
      name: "AppTests",
      dependencies: systemTests + [
        "Simulator", "StorageSQLite", "geminivideo", "world-role", hummingbirdCore, nioHTTP1, nioPosix,
        serviceLifecycle,
      ],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
