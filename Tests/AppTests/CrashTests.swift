import App
import AppTestKit
import DecisionEngine
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Storage
import TestKit
import Testing
import Values

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

  /// The number that each query gives as `value`, from a file that must be whole.
  private func numbers(_ program: Program, _ queries: [SQL]) async throws -> [Int] {
    let database = try program.openDatabase()
    let numbers = try await database.read { transaction in
      if transaction.dialect == .sqlite {
        let integrity = try transaction.first("PRAGMA integrity_check")?.get("integrity_check", as: String.self)
        #expect(integrity == "ok")
      }
      return try queries.map {
        try #require(try transaction.first($0)).get("value", as: PlainNumber.self).value
      }
    }
    await database.shutDown()
    return numbers
  }

  @Test("An import that is killed leaves nothing, and the next one takes everything in", arguments: 1...5)
  func killedImport(_ seed: UInt64) async throws {
    var random = RandomStream(seed: seed)
    let program = try await Program()
    try await program.output("accounts", "create", "--account", "acme")
    try program.write(Self.file, to: "ads.csv")
    // Most of the rows are still to be written when it says so, however late this process hears it.
    let percent = Int.random(in: 1...2, using: &random) * 10
    let run = try program.start(["import", "ads-csv", "ads.csv", "--account", "acme"])
    _ = await run.errorLines.first { $0 == "ads.csv: \(percent) %" }
    run.send(SIGKILL)
    #expect(try await run.outcome().status == -SIGKILL)
    let tables = ["imports", "ad_daily_metrics", "ad_states", "deals", "deal_stage_history"]
    let counts = tables.map { SQL(stringLiteral: "SELECT COUNT(*) AS value FROM \($0)") }
    #expect(try await numbers(program, counts) == [0, 0, 0, 0, 0])
    let again = try await program.run("import", "ads-csv", "ads.csv", "--account", "acme")
    #expect(again.status == 0)
    #expect(
      again.lines.first?.contains(
        "12,000 rows of 1,200 ads; 83,994,000 impressions, 120,000 clicks, 63,000.00 spent, 4,000 sales") == true)
    #expect(try await numbers(program, counts) == [1, 12_000, 1_200, 4_000, 4_000])
    let sums = ["impressions", "clicks", "spend", "deal_cash_revenue"].map {
      SQL(stringLiteral: "SELECT SUM(\($0)) AS value FROM ad_states")
    }
    #expect(
      try await numbers(program, sums) == [83_994_000, 120_000, 63_000_000_000, 4_000 * 15_000_000_000])
  }

  @Test("Feedback that was acknowledged is there after a kill, and none is half there", arguments: [3, 17, 40])
  func killedServer(_ acknowledged: Int) async throws {
    let program = try await Program()
    try await program.output("accounts", "create", "--account", "acme")
    let key = try await program.output("keys", "create", "--account", "acme", "--role", "operator").dropLast()
    let server = try await ServingProgram(program)
    let headers: HTTPFields = [
      .authorization: "Bearer \(key)", .contentType: "application/json", .hostName: "localhost",
    ]
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
    let found = try await numbers(
      program,
      seen.map { ad in
        """
        SELECT COUNT(*) AS value FROM ad_daily_metrics m JOIN ad_states s ON s.ad_id = m.ad_id
        WHERE m.ad_id = \(ad) AND s.impressions = 100 AND m.clicks = 7 AND s.spend = \(Money(micros: 1_500_000))
        """
      })
    #expect(found.allSatisfy { $0 == 1 })
    let counts = try await numbers(
      program,
      ["imports", "ad_daily_metrics", "ad_states"].map {
        SQL(stringLiteral: "SELECT COUNT(*) AS value FROM \($0)")
      })
    #expect(Set(counts).count == 1)
    #expect(counts.allSatisfy { $0 >= seen.count })
    let half: SQL =
      "SELECT COUNT(*) AS value FROM imports WHERE import_id NOT IN (SELECT import_id FROM ad_daily_metrics)"
    #expect(try await numbers(program, [half]) == [0])
  }
}
