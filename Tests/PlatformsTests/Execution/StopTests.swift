import Accounts
import App
import AppTestKit
import Execution
import Jobs
import RemoteAPIs
import Storage
import Synchronization
import TestKit
import Testing
import Values

@testable import Platforms

@Suite("Stopping")
struct StopTests {
  @Test(
    "While the account, or everything, is stopped nothing is written; afterwards it goes on", arguments: [true, false])
  func stop(_ isForAll: Bool) async throws {
    let bench = try await ExecutionBench()
    let change = try await bench.approvedCut()
    let target = isForAll ? nil : bench.account
    let report = try await bench.settings.stop(target, by: .commandLine(user: "ada"), reason: "fire")
    #expect(report.isNew)
    #expect(report.underWay.isEmpty)
    #expect(try await bench.run().text.contains("execution is stopped: fire (cli:ada"))
    #expect(try await bench.state(change) == .approved)
    let again = try await bench.settings.stop(target, by: .system, reason: "again")
    #expect(!again.isNew)
    #expect(again.stop.reason == "fire")
    #expect(try await bench.settings.resume(target, by: .system))
    #expect(try await !bench.settings.resume(target, by: .system))
    #expect(try await bench.run().text == "1 applied")
    let actions = try await bench.test.system.audit.list(of: bench.account).map(\.action)
    #expect(actions.contains("execution_stopped") && actions.contains("execution_resumed"))
  }

  @Test("A stop between the claim and the note keeps the write from leaving")
  func afterClaim() async throws {
    let bench = try await ExecutionBench()
    let change = try await bench.approvedCut()
    let now = bench.test.clock.now()
    let claimed = try await bench.test.system.database.write { transaction in
      try AdChangeMovesRepository().claim(
        of: bench.account, by: "executor", at: now, until: now.adding(seconds: 60), in: transaction)
    }
    let id = try #require(claimed)
    let reading = try await bench.live.read(bench.account, .usd)
    _ = try await bench.settings.stop(bench.account, by: .system, reason: "fire")
    var (run, summary) = (
      ExecutorRun(account: bench.account, reading: reading, paces: [:]), SafeExecutor.Summary()
    )
    try await bench.executor.apply(id, &run, &summary)
    #expect(try await bench.state(change) == .approved)
    #expect(bench.graph.writes.isEmpty)
  }

  @Test("A write that had left is named as what could not be stopped")
  func underWay() async throws {
    let bench = try await ExecutionBench()
    let change = try await bench.approvedCut()
    let report = Mutex<ExecutionSettingsService.StopReport?>(nil)
    bench.graph.beforeWrite { _ in
      let stopped = try? await bench.settings.stop(bench.account, by: .system, reason: "fire")
      report.withLock { $0 = stopped }
    }
    try await bench.run()
    #expect(report.withLock { $0?.underWay.map(\.change) } == [change.id])
    #expect(try await bench.state(change) == .verified)
  }

  @Test("A write that cannot leave in time does not leave at all")
  func late() async throws {
    let bench = try await ExecutionBench()
    let change = try await bench.approvedCut()
    let clock = bench.test.clock
    let client = try await bench.live.read(bench.account, .usd).client
    let error = await #expect(throws: (any Error).self) {
      try await client.apply(.pause, to: #require(MetaID("11")), leavingBy: clock.now())
    }
    #expect("\(String(describing: error))".contains("could not be sent"))
    #expect(bench.graph.writes.isEmpty)
    #expect(try await bench.state(change) == .approved)
  }

  @Test("Under load, no write begins once the stop has returned, and every one after it was committed is named")
  func load() async throws {
    let bench = try await ExecutionBench(mode: "automatic")
    for number in 100..<160 {
      bench.graph.add("\(number)", "adsets", in: "10", daily: 1_000)
      bench.graph.add("9\(number)", "ads", in: "\(number)")
    }
    try await bench.set(#"{"max_ads_paused": 1, "max_delivery_paused": 1, "account_floor": 0}"#)
    let reading = try await bench.live.read(bench.account, .usd)
    var wish = ProposalService.Wish()
    wish.wanted = try (100..<160).map {
      WantedChange(.pause, try ExecutionBench.id("9\($0)"), origin: .fatigue, reason: "worn")
    }
    let proposed = try #require(try await bench.proposals.propose(wish, of: bench.account, reading))
    #expect(proposed.changes.count == 60)
    let begun = AsyncStream.makeStream(of: Void.self)
    let count = Mutex(0)
    bench.graph.beforeWrite { _ in
      let number = count.withLock { count in
        count += 1
        return count
      }
      if number == 12 { begun.continuation.finish() }
    }
    async let first = bench.run()
    async let second = bench.run()
    async let third = bench.run()
    for await _ in begun.stream {}
    let report = try await bench.settings.stop(bench.account, by: .system, reason: "fire")
    let writes = bench.graph.writes.count
    _ = try await (first, second, third)
    #expect(bench.graph.writes.count == writes, "a write began after the stop had returned")
    #expect(report.underWay.count <= 3)
    var filter = AdChangeFilter()
    (filter.state, filter.limit) = (.approved, 500)
    let left = try await bench.changes.list(filter, of: bench.account).items
    #expect(left.count + writes == 60)
  }
}
