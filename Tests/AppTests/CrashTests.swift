import App
import Database
import DatabaseSQLite
import DecisionEngine
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

/// What is on disk after the program was killed in the middle of its work.
struct CrashTests {
  private static let rows = 12_000

  /// Six megabytes of rows; each third day has a sale.
  private static let file: String = {
    let name = String(repeating: "long name ", count: 48)
    let lines = (0..<rows).map { row in
      "ad-\(row % 1_200),2026-05-\(row / 1_200 + 10),\(1_000 + row),10,5.25,\(row.isMultiple(of: 3) ? 1 : 0),\(name)\n"
    }
    return "ad_id,date,impressions,clicks,spend,won_deals,ad_name\n" + lines.joined()
  }()

  private func numbers(_ path: String, _ queries: [String]) async throws -> [Int] {
    let database = try SQLiteDatabase(path: path)
    return try await database.read { transaction in
      try queries.map { try #require(try transaction.first(SQL(stringLiteral: $0))).get("value") }
    }
  }

  private func integrity(_ path: String) async throws -> String {
    try await SQLiteDatabase(path: path).read { transaction in
      try #require(try transaction.first("PRAGMA integrity_check")).get("integrity_check")
    }
  }

  @Test("An import that is killed leaves nothing, and the next one takes everything in", arguments: 1...5)
  func killedImport(_ seed: UInt64) async throws {
    var random = RandomStream(seed: seed)
    let program = try Program()
    try await program.output("accounts", "create", "--account", "acme")
    try program.write(Self.file, to: "ads.csv")
    let bytes = Array(Self.file.utf8)
    let pipe = try program.pipe("pipe.csv")
    let run = try program.start(["import", "ads-csv", "pipe.csv", "--account", "acme"])
    // The pipe holds far less, so once all of this is written the program has taken in most of it and waits for more.
    let writer = try await pipe.feed(bytes.prefix(Int.random(in: 1_000_000...bytes.count - 100_000, using: &random)))
    run.send(SIGKILL)
    #expect(try await run.outcome().status == -SIGKILL)
    try writer.close()
    let tables = ["imports", "ad_daily_metrics", "ad_states", "deals", "deal_stage_history"]
    let counts = tables.map { "SELECT COUNT(*) AS value FROM \($0)" }
    #expect(try await integrity(program.databasePath) == "ok")
    #expect(try await numbers(program.databasePath, counts) == [0, 0, 0, 0, 0])
    let again = try await program.run("import", "ads-csv", "ads.csv", "--account", "acme")
    #expect(again.status == 0)
    #expect(
      again.lines.first?.contains(
        "12,000 rows of 1,200 ads; 83,994,000 impressions, 120,000 clicks, 63,000.00 spent, 4,000 sales") == true)
    #expect(try await numbers(program.databasePath, counts) == [1, 12_000, 1_200, 4_000, 4_000])
    let sums = ["impressions", "clicks", "spend", "deal_cash_revenue"].map {
      "SELECT SUM(\($0)) AS value FROM ad_states"
    }
    #expect(
      try await numbers(program.databasePath, sums) == [83_994_000, 120_000, 63_000_000_000, 4_000 * 15_000_000_000])
  }

  @Test("Feedback that was acknowledged is there after a kill, and none is half there", arguments: [3, 17, 40])
  func killedServer(_ acknowledged: Int) async throws {
    let program = try Program()
    try await program.output("accounts", "create", "--account", "acme")
    let key = try await program.output("keys", "create", "--account", "acme", "--role", "operator").dropLast()
    let server = try await ServingProgram(program)
    let headers: HTTPFields = [.authorization: "Bearer \(key)", .contentType: "application/json"]
    let (acknowledgements, acknowledge) = AsyncStream.makeStream(of: String.self)
    let seen = await withTaskGroup(of: Void.self) { group in
      for connection in 0..<4 {
        group.addTask {
          try? await TestClient.withClient(host: "127.0.0.1", port: server.port) { client in
            for number in 0..<10_000 {
              let ad = "ad-\(connection)-\(number)"
              let body = #"{"ad_id": "\#(ad)", "date": "2026-05-01", "impressions": 100, "clicks": 7, "spend": 1.5}"#
              let answer = try await client.post(
                "/api/ml/battle-hardened/feedback", headers: headers, body: ByteBuffer(string: body))
              guard answer.status == .ok else { return }
              acknowledge.yield(ad)
            }
          }
        }
      }
      var seen: [String] = []
      for await ad in acknowledgements {
        seen.append(ad)
        if seen.count == acknowledged { server.run.send(SIGKILL) }
        if seen.count == acknowledged { break }
      }
      await group.waitForAll()
      acknowledge.finish()
      for await ad in acknowledgements { seen.append(ad) }
      return seen
    }
    #expect(try await server.run.outcome().status == -SIGKILL)
    #expect(seen.count >= acknowledged)
    #expect(try await integrity(program.databasePath) == "ok")
    for ad in seen {
      let query = """
        SELECT COUNT(*) AS value FROM ad_daily_metrics m JOIN ad_states s ON s.ad_id = m.ad_id
        WHERE m.ad_id = '\(ad)' AND s.impressions = 100 AND m.clicks = 7 AND s.spend = 1500000
        """
      #expect(try await numbers(program.databasePath, [query]) == [1], "\(ad)")
    }
    let counts = try await numbers(
      program.databasePath, ["imports", "ad_daily_metrics", "ad_states"].map { "SELECT COUNT(*) AS value FROM \($0)" })
    #expect(Set(counts).count == 1)
    #expect(counts.allSatisfy { $0 >= seen.count })
    let half = "SELECT COUNT(*) AS value FROM imports WHERE import_id NOT IN (SELECT import_id FROM ad_daily_metrics)"
    #expect(try await numbers(program.databasePath, [half]) == [0])
  }
}
