import Accounts
import App
import AppTestKit
import Decisions
import Execution
import Jobs
import Measurement
import Storage
import TestKit
import Testing
import Values
import Web

@testable import Platforms

@Suite("Optimizing")
struct OptimizationTests {
  /// Days of figures of the bench's ads: the first returns much, the second nothing.
  private func figures(in bench: ExecutionBench) async throws {
    var text = "ad_id,date,impressions,clicks,spend,pipeline_value\n"
    for day in 20...27 {
      text += "21,2026-05-\(day),10000,200,95,900\n22,2026-05-\(day),9000,90,48,0\n23,2026-05-\(day),9500,120,75,150\n"
    }
    try await bench.test.importText(text, as: .adsCSV)
  }

  private func optimize(
    _ bench: ExecutionBench, _ change: (inout OptimizationService.Order) -> Void = { _ in }
  ) async throws -> ProposalService.Proposed {
    var order = OptimizationService.Order(account: bench.account)
    order.policy = .battleHardened
    order.seed = 7
    change(&order)
    return try #require(try await bench.optimization.optimize(order).batch)
  }

  @Test("What is live is split, rolled up, and kept with the decision; the live budgets' sum is never exceeded")
  func proposes() async throws {
    let bench = try await ExecutionBench(mode: "automatic")
    try await figures(in: bench)
    let proposed = try await optimize(bench)
    #expect(proposed.batch.totalBudget == 23_000)
    #expect(!proposed.changes.isEmpty)
    #expect(proposed.changes.allSatisfy { $0.decisionID == proposed.batch.decisionID && $0.level != .ad })
    #expect(proposed.changes.map(\.object.value).allSatisfy { ["11", "12", "13"].contains($0) })
    try await bench.run()
    let sum = ["11", "12", "13"].compactMap { bench.graph.daily($0) }.reduce(0, +)
    #expect(sum <= 23_000)
    #expect(bench.graph.writes.count == proposed.changes.count)
  }

  @Test("In observe the decision and the proposals are kept, and nothing is written")
  func observe() async throws {
    let bench = try await ExecutionBench(mode: "observe")
    try await figures(in: bench)
    let proposed = try await optimize(bench)
    #expect(proposed.batch.note.contains("the account's mode is observe"))
    #expect(proposed.changes.allSatisfy { $0.state == .proposed })
    try await bench.run()
    #expect(bench.graph.writes.isEmpty)
  }

  @Test("While execution is stopped the mode automatic approves nothing")
  func stopped() async throws {
    let bench = try await ExecutionBench(mode: "automatic")
    try await figures(in: bench)
    _ = try await bench.settings.stop(bench.account, by: .system, reason: "fire")
    #expect(try await optimize(bench).changes.allSatisfy { $0.state == .proposed })
  }

  @Test("An ad account that cannot be read, or is billed in another currency, is left alone")
  func unreadable() async throws {
    let bench = try await ExecutionBench()
    try await figures(in: bench)
    bench.graph.setCurrency("EUR")
    let error = await #expect(throws: ExecutionError.self) { try await optimize(bench) }
    #expect(error?.code == "ad_account_unavailable")
    #expect(try await bench.test.rowCounts()["decisions"] == 0)
  }

  @Test("An ad set that spends with nothing to show is to be paused, and the platform is not asked before that")
  func sameDay() async throws {
    let bench = try await ExecutionBench()
    try await bench.set(#"{"same_day_stop": 0.1}"#)
    let job = StopSameDay(accountID: bench.account)
    let reads = bench.graph.reads
    let context = { (job: StopSameDay) in try await bench.report(of: job) }
    #expect(try await context(job) == "no ad set spends that much today")
    #expect(bench.graph.reads == reads)
    try await bench.test.importText(
      "ad_id,date,impressions,clicks,spend,leads\n21,2026-05-28,10000,200,150,0\n22,2026-05-28,10000,200,150,1\n",
      as: .adsCSV)
    #expect(try await context(job)?.contains("1 ad sets to pause") == true)
    var filter = AdChangeFilter()
    filter.state = .proposed
    let changes = try await bench.changes.list(filter, of: bench.account).items
    #expect(changes.map(\.object.value) == ["11"])
    #expect(changes.map(\.origin) == [.sameDayStop])
    // What is proposed already is not proposed twice.
    #expect(try await context(job)?.contains("0 ad sets to pause") == true)
  }
}

extension ExecutionBench {
  /// What the job of looking for ad sets to stop reports.
  func report(of job: StopSameDay) async throws -> String? {
    let queue = MemoryJobQueue(clock: { [clock = test.clock] in clock.now() })
    var registry = JobRegistry()
    registry.register(StopSameDay.self, optimization.stopSameDay)
    let id = try #require(try await queue.push([job]).first).id
    try await Worker(
      queue: queue, registry: registry, queues: [StopSameDay.queue: 1], workerID: "test",
      clock: { [clock = test.clock] in clock.now() }
    ).workOff()
    return try await queue.job(id, of: account)?.report
  }
}
