import Accounts
import App
import AppTestKit
import Execution
import Measurement
import TestKit
import Testing
import Values

@testable import Platforms

@Suite("Paused ads that late revenue lifts")
struct RevivalTests {
  /// An account whose ad 22 has spent 384 and brought nothing, and was paused by a decision at the clock's moment.
  private func bench() async throws -> ExecutionBench {
    let bench = try await ExecutionBench()
    var text = "ad_id,date,impressions,clicks,spend\n"
    for day in 20...27 {
      text +=
        "21,2026-05-\(day),10\(day)0,200,95\n22,2026-05-\(day),9\(day)0,90,48\n23,2026-05-\(day),9\(day)0,120,75\n"
    }
    try await bench.test.importText(text, as: .adsCSV)
    let pause = try #require(try await bench.proposePause(of: "22"))
    try await bench.changes.approve(pause.id, of: bench.account, by: .commandLine(user: "ada"))
    try await bench.run()
    #expect(bench.graph.status("22") == "PAUSED")
    return bench
  }

  /// A deal of an ad, won so many hours after the bench's first moment.
  private func sale(of ad: String, amount: Int, after hours: Int64, in bench: ExecutionBench) async throws {
    let moment = Instant(seconds: 1_780_000_000).adding(seconds: hours * 3_600)
    try await bench.test.importText(
      """
      {"id": "d\(ad)", "properties": {"dealstage": "closedwon", "amount": "\(amount)", "ad_id": "\(ad)"},
       "propertiesWithHistory": {"dealstage": [{"value": "closedwon", "timestamp": "\(moment)"}]}}
      """, as: .hubspotDeals, name: "deals.json")
  }

  @Test("A sale that comes after the pause brings the ad back, with the figures; it is proposed and not written")
  func revives() async throws {
    let bench = try await bench()
    bench.test.clock.advance(seconds: 2 * 86_400)
    try await sale(of: "22", amount: 1_500, after: 40, in: bench)
    #expect(try await bench.monitor().contains("1 reactivations proposed"))
    let change = try #require(try await bench.listed(.proposed).first { $0.origin == .revive })
    #expect(change.object.value == "22")
    #expect(change.action == .activate)
    #expect(change.reason.hasPrefix("ad 22 was paused on 2026-05-28 (change "))
    #expect(
      change.reason.hasSuffix(
        "; the worth of its deals has risen by 1500.00 since: its pipeline ROAS is 3.91, over 3.00"))
    #expect(bench.graph.status("22") == "PAUSED")
    try await bench.changes.approve(change.id, of: bench.account, by: .commandLine(user: "ada"))
    try await bench.run()
    #expect(bench.graph.status("22") == "ACTIVE")
    // It runs: there is nothing to bring back.
    bench.test.clock.advance(seconds: 86_400)
    #expect(try await !bench.monitor().contains("1 reactivations"))
  }

  @Test("Not before the cooldown is over")
  func cooldown() async throws {
    let bench = try await bench()
    try await bench.set(#"{"cooldown_minutes": 1440, "learning_cooldown_minutes": 1440}"#)
    bench.test.clock.advance(seconds: 20 * 3_600)
    try await sale(of: "22", amount: 1_500, after: 1, in: bench)
    #expect(try await bench.monitor().contains("nothing to propose"))
    bench.test.clock.advance(seconds: 5 * 3_600)
    #expect(try await bench.monitor().contains("1 reactivations proposed"))
  }

  @Test("Not for too little, and not for what was there before the pause", arguments: [(1_100, 40), (1_500, -40)])
  func notLifted(amount: Int, hours: Int64) async throws {
    let bench = try await bench()
    bench.test.clock.advance(seconds: 2 * 86_400)
    try await sale(of: "22", amount: amount, after: hours, in: bench)
    #expect(try await bench.monitor().contains("nothing to propose"))
  }

  @Test("Not where a person paused it, edited it since, said here that it is paused, or does not want it back")
  func people() async throws {
    let byHand = try await bench()
    byHand.graph.editByHand("21") { $0.status = "PAUSED" }
    byHand.test.clock.advance(seconds: 2 * 86_400)
    try await sale(of: "21", amount: 50_000, after: 40, in: byHand)
    #expect(try await byHand.monitor().contains("nothing to propose"))

    let edited = try await bench()
    edited.test.clock.advance(seconds: 86_400)
    edited.graph.editByHand("22") { $0.status = "PAUSED" }
    edited.test.clock.advance(seconds: 86_400)
    try await sale(of: "22", amount: 1_500, after: 40, in: edited)
    #expect(try await edited.monitor().contains("nothing to propose"))

    let rejected = try await bench()
    rejected.test.clock.advance(seconds: 2 * 86_400)
    try await sale(of: "22", amount: 1_500, after: 40, in: rejected)
    _ = try await rejected.monitor()
    let change = try #require(try await rejected.listed(.proposed).first { $0.origin == .revive })
    try await rejected.changes.reject(change.id, of: rejected.account, by: .commandLine(user: "ada"), reason: nil)
    #expect(try await rejected.monitor().contains("nothing to propose"))

    let told = try await bench()
    told.test.clock.advance(seconds: 2 * 86_400)
    try await sale(of: "22", amount: 1_500, after: 40, in: told)
    _ = try await told.test.system.ads.setDelivery(
      .paused, of: [try #require(AdID("22"))], account: told.account, by: .commandLine(user: "ada"))
    #expect(try await told.monitor().contains("nothing to propose"))
  }

  @Test("Not where what it belongs to is switched off")
  func parentOff() async throws {
    let bench = try await bench()
    bench.test.clock.advance(seconds: 2 * 86_400)
    try await sale(of: "22", amount: 1_500, after: 40, in: bench)
    bench.graph.editByHand("12") { $0.status = "PAUSED" }
    #expect(try await bench.monitor().contains("nothing to propose"))
  }
}

extension ExecutionBench {
  /// Proposes to pause an ad because a decision stopped it.
  fileprivate func proposePause(of ad: String) async throws -> PendingAdChange? {
    var wish = ProposalService.Wish()
    wish.wanted = [WantedChange(.pause, try Self.id(ad), origin: .decision, reason: "judged kill")]
    return try await proposals.propose(wish, of: account, try await live.read(account, .usd))?.changes.first
  }
}
