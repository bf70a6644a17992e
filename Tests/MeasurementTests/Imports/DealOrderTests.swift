import AppTestKit
import DecisionEngine
import Measurement
import Storage
import TestKit
import Testing
import Values

/// Moves may come in any order and any number of times: an ad's sums are those of where its deals stand.
struct DealOrderTests {
  private struct Move {
    let deal: Int
    let stage: String
    let hour: Int64
  }

  private static let start = Instant(seconds: 1_778_000_000)
  private static let values = [
    "lead": 0, "appointment_scheduled": 2_250, "show_up": 9_000, "closed_won": 15_000, "closed_lost": 0,
  ]

  /// Every deal's moves at moments of their own, whatever stage comes after whatever.
  private static func moves(_ random: inout RandomStream) -> [Move] {
    (0..<8).flatMap { deal in
      (0..<Int.random(in: 1...6, using: &random)).map { step in
        Move(
          deal: deal, stage: values.keys.sorted().randomElement(using: &random) ?? "lead",
          hour: Int64(step * 7 + deal))
      }
    }
  }

  private static func row(_ move: Move) -> String {
    "d\(move.deal),\(move.stage),\(move.deal % 3),\(start.adding(seconds: move.hour * 3_600))\n"
  }

  private static func expected(_ moves: [Move]) -> [String: Double] {
    var sums = ["0": 0.0, "1": 0.0, "2": 0.0]
    for (deal, moves) in Dictionary(grouping: moves, by: \.deal) {
      let last = moves.max { $0.hour < $1.hour }
      sums["\(deal % 3)", default: 0] += Double(last.flatMap { values[$0.stage] } ?? 0)
    }
    return sums
  }

  @Test("Any order and any repetition of moves gives the same sums, deals and moves", arguments: 0..<12)
  func anyOrder(_ seed: UInt64) async throws {
    var random = RandomStream(seed: seed)
    let moves = Self.moves(&random)
    var results: [[String: [String]]] = []
    for _ in 0..<3 {
      let test = try await TestSystem()
      let ads = (0..<3).map { "\($0),2026-05-01,1,1,1\n" }.joined()
      try await test.importText("ad_id,date,impressions,clicks,spend\n" + ads, as: .adsCSV, name: "ads.csv")
      var told = (moves + moves.filter { _ in Bool.random(using: &random) }).shuffled(using: &random)
      while !told.isEmpty {
        let count = min(told.count, Int.random(in: 1...9, using: &random))
        let rows = told.prefix(count).map(Self.row).joined()
        told.removeFirst(count)
        try await test.importText(
          "id,dealstage,ad_id,hs_v2_date_entered_current_stage\n" + rows, as: .hubspotDeals, name: "deals.csv")
      }
      #expect(try await test.states().mapValues(\.pipelineValue) == Self.expected(moves))
      results.append(
        try await test.dump(leavingOut: [
          "accounts.incarnation", "audit_heads", "audit_log.hash", "audit_log.id", "imports", "schema_migrations",
        ]))
    }
    #expect(results.allSatisfy { $0 == results.first })
  }

  @Test("Two stages at one moment: the later in the pipeline counts, whichever is told last", arguments: [true, false])
  func sameMoment(_ forwards: Bool) async throws {
    let test = try await TestSystem()
    try await test.importText("ad_id,date,impressions,clicks,spend\n1,2026-05-01,1,1,1\n", as: .adsCSV)
    let stages = ["lead", "show_up"]
    for stage in forwards ? stages : stages.reversed() {
      try await test.importText(
        "id,dealstage,ad_id,hs_v2_date_entered_current_stage\n1,\(stage),1,2026-05-02T00:00:00Z\n", as: .hubspotDeals)
    }
    #expect(try await test.states()["1"]?.pipelineValue == 9_000)
    #expect(try await test.states(asOf: "2026-05-02")["1"]?.pipelineValue == 9_000)
  }

  @Test("A move without a moment counts from when it was told")
  func withoutMoment() async throws {
    let test = try await TestSystem(at: Instant(seconds: 1_780_000_000))
    try await test.importText("ad_id,date,impressions,clicks,spend\n1,2026-05-01,1,1,1\n", as: .adsCSV)
    let told = { (stage: String) in
      try await test.importText("id,dealstage,ad_id,createdate\n1,\(stage),1,2026-05-01\n", as: .hubspotDeals)
    }
    _ = try await told("lead")
    test.clock.advance(seconds: 3 * 86_400)
    _ = try await told("show_up")
    let before = try await test.dump(leavingOut: ["imports"])
    test.clock.advance(seconds: 3 * 86_400)
    _ = try await told("show_up")
    #expect(try await test.dump(leavingOut: ["imports"]) == before)
    #expect(try await test.states(asOf: "2026-05-30")["1"]?.pipelineValue == 0)
    #expect(try await test.states(asOf: "2026-05-31")["1"]?.pipelineValue == 9_000)
  }
}
