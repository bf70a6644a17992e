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

@Suite("Taking changes back")
struct RollbackTests {
  @Test("A change is taken back to the value before, and both say so")
  func single() async throws {
    let bench = try await ExecutionBench()
    let change = try await bench.approvedCut()
    try await bench.run()
    let back = try await bench.changes.rollBack(
      change.id, of: bench.account, by: .commandLine(user: "ada"), reason: "too soon")
    #expect(back.state == .approved)
    #expect(back.action == .setBudget(from: 9_000, to: 10_000))
    #expect(try await bench.run().text == "1 applied")
    #expect(bench.graph.daily("11") == 10_000)
    let stored = try await bench.stored(change)
    #expect(stored.state == .rolledBack)
    #expect(stored.rolledBackBy == back.id)
    #expect(try await bench.history(change).last?.actor == "cli:ada")
    let error = await #expect(throws: ExecutionError.self) {
      try await bench.changes.rollBack(change.id, of: bench.account, by: .system, reason: nil)
    }
    #expect(error?.description.contains("it is rolled_back") == true)
  }

  @Test("It is refused with the reason where a person has changed the object since")
  func changedSince() async throws {
    let bench = try await ExecutionBench()
    let change = try await bench.approvedCut()
    try await bench.run()
    bench.graph.editByHand("11") { $0.daily = 12_000 }
    let error = await #expect(throws: ExecutionError.self) {
      try await bench.changes.rollBack(change.id, of: bench.account, by: .system, reason: nil)
    }
    #expect(error?.code == "changed_since")
    #expect(
      error?.description == "change \(change.id): the daily budget of ad set 11 is 120.00, not the 90.00 that it set: "
        + "somebody has changed it since")
    #expect(bench.graph.writes.count == 1)
  }

  @Test("A change by hand after the wish, before it is applied, is left too")
  func changedMeanwhile() async throws {
    let bench = try await ExecutionBench()
    let change = try await bench.approvedCut()
    try await bench.run()
    let back = try await bench.changes.rollBack(change.id, of: bench.account, by: .system, reason: nil)
    bench.graph.editByHand("11") { $0.daily = 12_000 }
    try await bench.run()
    #expect(try await bench.state(back) == .blocked)
    #expect(try await bench.state(change) == .verified)
    #expect(bench.graph.daily("11") == 12_000)
  }

  @Test("A whole batch is taken back, and what cannot be is named")
  func batch() async throws {
    let bench = try await ExecutionBench(mode: "automatic")
    let changes = try await bench.propose(["21": 11_000, "22": 100, "23": 7_000], stopped: ["22"])
    try await bench.run()
    bench.graph.editByHand("13") { $0.daily = 9_999 }
    let outcome = try await bench.changes.rollBack(
      batch: changes[0].batchID, of: bench.account, by: .system, reason: nil)
    #expect(outcome.changes.map(\.object.value) == ["11", "22"])
    #expect(outcome.refused.map(\.object) == ["13"])
    #expect(outcome.refused.map(\.code) == ["changed_since"])
    #expect(try await bench.run().text == "2 applied")
    #expect(bench.graph.daily("11") == 10_000)
    #expect(bench.graph.status("22") == "ACTIVE")
    #expect(bench.graph.daily("13") == 9_999)
  }

  @Test("Nothing is taken back while the account observes or is stopped")
  func closed() async throws {
    let bench = try await ExecutionBench()
    let change = try await bench.approvedCut()
    try await bench.run()
    try await bench.set(#"{"mode": "observe"}"#)
    var error = await #expect(throws: ExecutionError.self) {
      try await bench.changes.rollBack(change.id, of: bench.account, by: .system, reason: nil)
    }
    #expect(error?.code == "observing")
    try await bench.set(#"{"mode": "approve"}"#)
    _ = try await bench.settings.stop(bench.account, by: .system, reason: "fire")
    error = await #expect(throws: ExecutionError.self) {
      try await bench.changes.rollBack(change.id, of: bench.account, by: .system, reason: nil)
    }
    #expect(error?.code == "stopped")
  }
}
