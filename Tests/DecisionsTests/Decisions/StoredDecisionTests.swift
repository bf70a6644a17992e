import App
import AppTestKit
import DecisionEngine
import Decisions
import Formats
import Foundation
import Storage
import Testing
import Values

/// Decisions as earlier releases stored them, one of each policy version and kind, replay to the bit.
///
/// The files of `StoredDecisions` are what a release wrote into its table. They never change: a figure that comes out
/// differently needs a new policy version, with a file of its own.
struct StoredDecisionTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "StoredDecisions")

  static let files: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { $0.hasSuffix(".json") }
    .sorted()

  @Test("There is a stored decision of every policy version")
  func versions() {
    let versions = Set(
      Self.files.map { $0.replacing(".json", with: "").split(separator: "-").prefix(2).joined(separator: "/") })
    #expect(
      versions.isSuperset(
        of: PolicyVersion.allCases.flatMap { version in Policy.allCases.map { version.text(of: $0.rawValue) } }))
  }

  @Test("A stored decision replays to the bit", arguments: files)
  func replays(_ file: String) async throws {
    let test = try await TestSystem()
    let stored = try Self.read(file)
    let id = try #require(DecisionID("\(test.account):\(stored.text("decision_id"))"))
    try await test.system.database.write { transaction in
      _ = try transaction.execute(
        """
        INSERT INTO decisions (
          account_id, decision_id, decided_at, policy_version, configuration_version, seed, total_budget, inputs,
          configuration, result)
        VALUES (
          \(test.account), \(id.token), \(Instant(microseconds: try stored.integer("decided_at"))),
          \(stored.text("policy_version")), \(try stored.integer("configuration_version")),
          \(try stored.integer("seed")), \(Money(micros: try stored.integer("total_budget"))),
          \(try stored.json("inputs")), \(try stored.json("configuration")), \(try stored.json("result")))
        """)
    }
    let replay = try await test.system.decisions.replay(id)
    #expect(replay.isIdentical)
    let result = try stored.json("result")
    #expect(replay.result == result)
  }

  private static func read(_ file: String) throws -> Stored {
    let bytes = Array(try Data(contentsOf: folder.appending(path: file)))
    return Stored(fields: try JSONReader.read(bytes) { try $0.readValue() })
  }

  private struct Stored {
    let fields: JSONValue

    func text(_ key: String) throws -> String { try #require(fields[key]?.stringValue) }

    func integer(_ key: String) throws -> Int64 {
      let value = try #require(fields[key])
      return try #require(value.stringValue.flatMap { Int64($0) } ?? value.doubleValue.flatMap { Int64(exactly: $0) })
    }

    /// The value's text as it was stored: the writer keeps numbers and the order of keys.
    func json(_ key: String) throws -> String {
      var json = JSONWriter()
      try #require(fields[key]).write(to: &json)
      return json.string
    }
  }
}
