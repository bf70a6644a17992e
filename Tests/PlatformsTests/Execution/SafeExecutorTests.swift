import Accounts
import App
import AppTestKit
import Execution
import Jobs
import Storage
import TestKit
import Testing
import Values

@testable import Platforms

@Suite("The safe executor")
struct SafeExecutorTests {
  @Test("An approved change is written once, read back, and kept with who, why, request and answer")
  func applied() async throws {
    let bench = try await ExecutionBench()
    let change = try await bench.approvedCut()
    #expect(bench.graph.writes.isEmpty)
    #expect(try await bench.run().text == "1 applied")
    #expect(bench.graph.writes.map(\.form) == ["daily_budget=9000"])
    #expect(bench.graph.daily("11") == 9_000)
    let history = try await bench.history(change)
    #expect(history.map(\.event) == [.proposed, .approved, .claimed, .intended, .verified])
    #expect(history.map(\.actor) == ["system", "cli:ada", "executor", "executor", "executor"])
    #expect(history[3].request == "POST /11 daily_budget=9000")
    #expect(history[4].response == "done")
    #expect(try await bench.run().text == "nothing to apply")
    #expect(bench.graph.writes.count == 1)
    let dump = try await bench.test.dump()
    #expect(!dump.values.joined().contains { $0.contains(FakeAdAccount.token) })
  }

  @Test("Pauses come first, then cuts, then raises")
  func order() async throws {
    let bench = try await ExecutionBench(mode: "automatic")
    _ = try await bench.propose(["21": 11_000, "22": 100, "23": 7_000], stopped: ["22"])
    #expect(try await bench.run().text == "3 applied")
    #expect(
      bench.graph.writes.map { "\($0.id) \($0.form)" } == [
        "22 status=PAUSED", "13 daily_budget=7000", "11 daily_budget=11000",
      ])
  }

  @Test("What a person has changed since is left, and the change says so")
  func yields() async throws {
    let bench = try await ExecutionBench()
    let change = try await bench.approvedCut()
    bench.graph.editByHand("11") { $0.daily = 30_000 }
    #expect(try await bench.run().text == "1 blocked")
    #expect(bench.graph.writes.isEmpty)
    let stored = try await bench.stored(change)
    #expect(stored.state == .blocked)
    #expect(
      stored.stateReason
        == "the daily budget of ad set 11 is 300.00, neither 100.00 nor 90.00: somebody has changed it since")
  }

  @Test("What is not there any more is not written")
  func gone() async throws {
    let bench = try await ExecutionBench()
    let change = try await bench.approvedCut()
    bench.graph.remove("11")
    try await bench.run()
    #expect(try await bench.stored(change).stateReason == "ad set 11 is not there any more")
    #expect(bench.graph.writes.isEmpty)
  }

  @Test("A lost answer is settled by reading, and nothing is written twice")
  func lostAnswer() async throws {
    let bench = try await ExecutionBench()
    let change = try await bench.approvedCut()
    bench.graph.fail(next: .lostAnswer)
    #expect(try await bench.run().text == "1 applied")
    #expect(try await bench.state(change) == .verified)
    #expect(bench.graph.writes.count == 1)
  }

  @Test("A cut whose outcome is not known makes no room for a raise")
  func lostCut() async throws {
    let bench = try await ExecutionBench(mode: "automatic")
    try await bench.set(#"{"account_cap": 230}"#)
    let changes = try await bench.propose(["21": 9_000, "22": 6_000])
    #expect(changes.map(\.action) == [.setBudget(from: 10_000, to: 9_000), .setBudget(from: 5_000, to: 6_000)])
    bench.graph.fail(next: .lostCall)
    try await bench.run()
    #expect(try await bench.state(changes[0]) == .applying)
    #expect(try await bench.stored(changes[1]).stateReason?.contains("above the cap of 230.00") == true)
    #expect(bench.graph.daily("12") == 5_000)
  }

  @Test("A raise is checked against the account as people have left it while changes before it were applied")
  func editedMeanwhile() async throws {
    let bench = try await ExecutionBench(mode: "automatic")
    try await bench.set(#"{"account_cap": 230}"#)
    let changes = try await bench.propose(["21": 9_000, "22": 6_000])
    bench.graph.beforeWrite { _ in
      bench.test.clock.advance(seconds: SafeExecutor.readingSeconds)
      bench.graph.editByHand("13") { $0.daily = 9_000 }
      bench.test.clock.advance(seconds: 1)
    }
    try await bench.run()
    #expect(try await bench.state(changes[0]) == .verified)
    #expect(try await bench.stored(changes[1]).stateReason?.contains("above the cap of 230.00") == true)
    #expect(bench.graph.daily("12") == 5_000)
  }

  @Test("A change is put off where its own reading took so long that the account's is old")
  func slowReading() async throws {
    let bench = try await ExecutionBench()
    let change = try await bench.approvedCut()
    bench.graph.beforeRead { id in
      if id == "11" { bench.test.clock.advance(seconds: SafeExecutor.readingSeconds + 1) }
    }
    #expect(try await bench.run().text == "1 put off")
    #expect(try await bench.stored(change).stateReason?.contains("too long ago") == true)
    #expect(bench.graph.writes.isEmpty)
  }

  @Test("A write that may yet arrive stays open, and fails once reading shows that it has not arrived")
  func lostCall() async throws {
    let bench = try await ExecutionBench()
    let change = try await bench.approvedCut()
    bench.graph.fail(next: .lostCall)
    try await bench.run()
    #expect(try await bench.state(change) == .applying)
    try await bench.run()
    #expect(try await bench.state(change) == .applying)
    bench.test.clock.advance(seconds: SafeExecutor.settleSeconds)
    bench.graph.setReadable(false)
    try await bench.run()
    #expect(try await bench.state(change) == .applying)
    bench.graph.setReadable(true)
    bench.test.clock.advance(seconds: SafeExecutor.settleSeconds)
    #expect(try await bench.run().text == "1 failed, 1 settled")
    #expect(try await bench.stored(change).stateReason == "settled by reading: the platform has not carried it out")
    #expect(bench.graph.writes.count == 1)
  }

  @Test(
    "A crash between the note and the result is settled by reading: done, not done, or somebody else's",
    arguments: [9_000, 10_000, 7_000])
  func crash(_ found: Int64) async throws {
    let bench = try await ExecutionBench()
    let change = try await bench.approvedCut()
    let (moves, now) = (AdChangeMovesRepository(), bench.test.clock.now())
    try await bench.test.system.database.write { transaction in
      _ = try moves.claim(of: bench.account, by: "dead", at: now, until: now.adding(seconds: 60), in: transaction)
      let write = PastWrite(object: change.object, action: change.action, at: now)
      _ = try moves.intend(
        change.id, of: bench.account, write, sendBy: now, settleAt: now.adding(seconds: 60), in: transaction)
    }
    bench.graph.editByHand("11") { $0.daily = found }
    #expect(try await bench.run().text == "nothing to apply")
    bench.test.clock.advance(seconds: 60)
    try await bench.run()
    #expect(try await bench.state(change) == (found == 9_000 ? .verified : .failed))
    #expect(bench.graph.writes.isEmpty)
  }

  @Test("A change whose executor died before it wrote anything is applied by another")
  func deadClaim() async throws {
    let bench = try await ExecutionBench()
    let change = try await bench.approvedCut()
    let now = bench.test.clock.now()
    try await bench.test.system.database.write { transaction in
      _ = try AdChangeMovesRepository().claim(
        of: bench.account, by: "dead", at: now, until: now.adding(seconds: 60), in: transaction)
    }
    try await bench.run()
    #expect(try await bench.state(change) == .claimed)
    bench.test.clock.advance(seconds: 60)
    #expect(try await bench.run().text == "1 applied")
  }

  @Test("What the platform refuses has failed; what its limits put off waits")
  func refused() async throws {
    let bench = try await ExecutionBench()
    let change = try await bench.approvedCut()
    bench.graph.fail(next: .refused(613, 1_487_632))
    #expect(try await bench.run().text == "1 put off")
    let waiting = try await bench.stored(change)
    #expect(waiting.state == .approved)
    #expect(waiting.notBefore == bench.test.clock.now().adding(seconds: 3_600))
    bench.test.clock.advance(seconds: 4 * 3_600)
    bench.graph.fail(next: .refused(100, 1_885_272))
    // It is after midnight by then, in quiet hours.
    try await bench.set(#"{"quiet_from": 5, "quiet_until": 6}"#)
    #expect(try await bench.run().text == "1 failed")
    #expect(try await bench.state(change) == .failed)
    #expect(bench.graph.daily("11") == 10_000)
  }

  @Test("An answer that says done where nothing was done is no success")
  func ignored() async throws {
    let bench = try await ExecutionBench()
    let change = try await bench.approvedCut()
    bench.graph.fail(next: .ignored)
    try await bench.run()
    let stored = try await bench.stored(change)
    #expect(stored.state == .failed)
    #expect(stored.stateReason == "written, but ad set 11 is as it was before")
  }

  @Test("Nothing is written to an ad account in another currency")
  func currency() async throws {
    let bench = try await ExecutionBench()
    _ = try await bench.approvedCut()
    bench.graph.setCurrency("EUR")
    #expect(try await bench.run().text.contains("billed in EUR"))
    bench.graph.setCurrency("XXX")
    #expect(try await bench.run().text.contains("not in Meta's table"))
    #expect(bench.graph.writes.isEmpty)
  }

  @Test("Two executors at once write each change once")
  func two() async throws {
    let bench = try await ExecutionBench(mode: "automatic")
    _ = try await bench.propose(["21": 9_000, "22": 4_500, "23": 7_000])
    async let first = bench.run()
    async let second = bench.run()
    let counts = try await [first.verified, second.verified]
    #expect(counts.reduce(0, +) == 3)
    #expect(bench.graph.writes.map(\.id).sorted() == ["11", "12", "13"])
  }
}
