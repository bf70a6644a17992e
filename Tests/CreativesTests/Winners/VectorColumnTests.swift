import Accounts
import App
import AppTestKit
import Storage
import TestKit
import Testing
import Values

@testable import Creatives

/// PostgreSQL with pgvector and without.
@Suite(.enabled(if: TestDatabase.isPostgres, "GEMINIVIDEO_TEST_DATABASE_URL names no server"))
struct VectorColumnTests {
  private static let account = AccountID("acme")

  /// Puts so many winners with random embeddings into an account, by SQL alone.
  private static func fill(_ test: TestSystem, _ account: AccountID, _ count: Int) async throws {
    let embedder = WordEmbedder()
    try await test.system.database.write { transaction in
      for number in 1...count {
        let now = test.clock.now()
        try transaction.execute(
          """
          INSERT INTO winner_index (account_id, ad_id, number, reason, won_at, model, dimension, text_version, text_hash,
            embedding, created_at, updated_at, change)
          VALUES (\(account), \("ad\(number)"), \(number), 'ctr', \(now), 'words', 384, 1,
            \(String(repeating: "0", count: 64)), \(embedder.vector("w\(number) x\(number % 7)")), \(now), \(now), \(number))
          """)
      }
    }
  }

  private static func plan(_ statement: SQL, in test: TestSystem) async throws -> String {
    try await test.system.database.read { transaction in
      try transaction.query("EXPLAIN \(statement)").map { try $0.get("QUERY PLAN", as: String.self) }
        .joined(separator: "\n")
    }
  }

  @Test("A search is served by pgvector's index, and comparing all is not")
  func plan() async throws {
    let test = try await TestSystem()
    try await Self.fill(test, test.account, 3_000)
    _ = try await test.system.database.write { try $0.execute("ANALYZE winner_index") }
    let nearness = WinnerRepository.Nearness(
      embedding: WordEmbedder().vector("w5"), model: "words", limit: 5, filter: WinnerFilter(), except: nil)
    let byIndex = try await Self.plan(WinnerRepository.byIndex(nearness, of: test.account), in: test)
    #expect(byIndex.contains("Index Scan using winner_index_by_embedding"), "\(byIndex)")
    let byComparing = try await Self.plan(WinnerRepository.byComparing(nearness, of: test.account), in: test)
    #expect(!byComparing.contains("winner_index_by_embedding"), "\(byComparing)")
  }

  @Test("A server without pgvector keeps bytes, with which all but its own search works")
  func bytes() async throws {
    let schema = TestSchema("system-without-vectors", allMigrations, hasVectors: false)
    let database = try await TestDatabase(schema)
    let kind = try await database.database.read { try VectorColumn.present(in: $0) }
    #expect(kind == .bytes)
    var additions = SystemAdditions()
    additions.embedder = WordEmbedder()
    additions.winnerSearch.place = .database
    let clock = ManualClock()
    let system = try await System(
      database: database.database, clock: { clock.now() }, transport: NoNetwork(), with: additions)
    let account = try #require(Self.account)
    try await system.accounts.create(account)
    let creative = try WinnerBench.creative("1", hook: "brush")
    _ = try await system.winners.add(creative.adID, dna: creative.dna, of: account)
    let findings = try await system.winners.search(WinnerQuery(.text("brush")), of: account)
    #expect(findings.found.map(\.remembered.winner.adID) == [creative.adID])
    #expect(findings.place == .memory)
    #expect(try await system.winners.stats(of: account).column == .bytes)
    let error = await #expect(throws: DatabaseError.self) { try await system.winners.usePgvector() }
    #expect(error?.description.contains("have a superuser run") == true)
    try database.makeVectorExtension()
    #expect(try await system.winners.usePgvector())
    #expect(try await !system.winners.usePgvector())
    #expect(try await system.winners.stats(of: account).column == .pgvector)
    let other = try WinnerBench.creative("2", hook: "brush")
    _ = try await system.winners.add(other.adID, dna: other.dna, of: account)
    let later = try await system.winners.search(WinnerQuery(.text("brush")), of: account)
    #expect(later.found.map(\.remembered.winner.adID) == [creative.adID, other.adID])
    #expect(later.place == .database)
  }
}
