import Accounts
import App
import AppTestKit
import Execution
import Jobs
import Storage
import TestKit
import Testing
import Values
import Web

@testable import Platforms

@Suite("Limits and approvals at the moment of applying")
struct ExecutionLimitTests {
  @Test("In observe nothing is written, whatever was proposed before, and nothing can be approved")
  func observe() async throws {
    let bench = try await ExecutionBench(mode: "observe")
    let proposed = try await bench.propose(["21": 9_000, "22": 100], stopped: ["22"])
    #expect(proposed.map(\.state) == [.proposed, .proposed])
    let error = await #expect(throws: ExecutionError.self) {
      try await bench.changes.approve(proposed[0].id, of: bench.account, by: .system)
    }
    #expect(error?.code == "observing")
    try await bench.run()
    #expect(bench.graph.writes.isEmpty)
  }

  @Test("A change that was approved before the account went back to observe is blocked")
  func backToObserve() async throws {
    let bench = try await ExecutionBench()
    let change = try await bench.approvedCut()
    try await bench.set(#"{"mode": "observe"}"#)
    #expect(try await bench.run().text == "1 blocked")
    #expect(try await bench.state(change) == .blocked)
    #expect(bench.graph.writes.isEmpty)
  }

  @Test("What automatic approved needs a person once the account is in approve")
  func approval() async throws {
    let bench = try await ExecutionBench(mode: "automatic")
    let change = try #require(try await bench.propose(["21": 9_000]).first)
    #expect(change.approvedBy == PendingAdChange.automatic)
    try await bench.set(#"{"mode": "approve"}"#)
    try await bench.run()
    #expect(try await bench.stored(change).stateReason?.contains("a person has to") == true)
    #expect(bench.graph.writes.isEmpty)
  }

  @Test("A limit that was tightened after the approval holds")
  func tightened() async throws {
    let bench = try await ExecutionBench()
    let change = try await bench.approvedCut()
    try await bench.set(#"{"holder_floor": 95}"#)
    #expect(try await bench.run().text == "1 blocked")
    #expect(try await bench.stored(change).stateReason == "90.00 is below the floor of 95.00")
    #expect(bench.graph.writes.isEmpty)
  }

  @Test("A change waits for its hour, and is applied then")
  func hours() async throws {
    let bench = try await ExecutionBench()
    let change = try await bench.approvedCut()
    try await bench.set(#"{"quiet_from": 20, "quiet_until": 22}"#)
    #expect(try await bench.run().text == "1 put off")
    let waiting = try await bench.stored(change)
    #expect(waiting.notBefore == Instant("2026-05-28T22:00:00Z"))
    #expect(try await bench.run().text == "nothing to apply")
    bench.test.clock.set(to: try #require(Instant("2026-05-28T22:00:00Z")))
    #expect(try await bench.run().text == "1 applied")
  }

  @Test("A raise waits until cuts have made room for it under the decision's total")
  func room() async throws {
    let bench = try await ExecutionBench()
    let changes = try await bench.propose(["21": 8_500, "22": 6_000, "23": 8_000])
    let (cut, raise) = (changes[0], changes[1])
    try await bench.changes.approve(raise.id, of: bench.account, by: .system)
    #expect(try await bench.run().text == "1 put off")
    #expect(try await bench.stored(raise).stateReason?.contains("more than the decision's") == true)
    try await bench.changes.approve(cut.id, of: bench.account, by: .system)
    try await bench.run()
    bench.test.clock.advance(seconds: 600)
    #expect(try await bench.run().text == "1 applied")
    #expect(bench.graph.daily("12") == 6_000)
  }

  @Test("What expires is not applied, and newer proposals take the place of older ones")
  func expiry() async throws {
    let bench = try await ExecutionBench()
    let approved = try await bench.approvedCut()
    let old = try #require(try await bench.propose(["22": 4_500]).first)
    let new = try #require(try await bench.propose(["22": 4_400]).first)
    #expect(try await bench.stored(old).stateReason == "a newer proposal replaces it")
    bench.test.clock.advance(seconds: 25 * 3_600)
    let error = await #expect(throws: ExecutionError.self) {
      try await bench.changes.approve(new.id, of: bench.account, by: .system)
    }
    #expect(error?.code == "change_expired")
    #expect(try await bench.run().text == "2 expired")
    #expect(try await bench.state(approved) == .expired)
    #expect(bench.graph.writes.isEmpty)
  }

  @Test("A rejected change is not applied, and one that was written cannot be rejected")
  func rejection() async throws {
    let bench = try await ExecutionBench()
    let change = try await bench.approvedCut()
    try await bench.changes.reject(change.id, of: bench.account, by: .commandLine(user: "ada"), reason: "not now")
    #expect(try await bench.stored(change).stateReason == "rejected by cli:ada: not now")
    try await bench.run()
    #expect(bench.graph.writes.isEmpty)
    let other = try await bench.approvedCut()
    try await bench.run()
    let error = await #expect(throws: ExecutionError.self) {
      try await bench.changes.reject(other.id, of: bench.account, by: .system, reason: nil)
    }
    #expect(error?.code == "change_state")
  }

  @Test("Lifetime budgets are reported and left")
  func lifetime() async throws {
    let bench = try await ExecutionBench(mode: "automatic")
    bench.graph.editByHand("11") { object in
      object.daily = nil
      object.lifetime = 90_000
    }
    #expect(try await bench.propose(["21": 9_000]).isEmpty)
    let batch = try #require(try await bench.changes.batches(of: bench.account).items.first)
    #expect(batch.refusals.map(\.code) == ["lifetime_budget"])
  }
}
