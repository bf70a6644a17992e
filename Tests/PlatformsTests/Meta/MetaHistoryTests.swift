import Accounts
import App
import AppTestKit
import Formats
import HTTPTypes
import Jobs
import Measurement
import RemoteAPIs
import Storage
import TestKit
import Testing
import Values
import Web

@testable import Platforms

/// The first import of an ad account's past.
@Suite("An ad account's past is read once")
struct MetaHistoryTests {
  private let today = CalendarDay("2026-05-28") ?? CalendarDay(daysSinceEpoch: 0)

  /// An account with a day of figures each tenth day of the last `days` days.
  private func bench(days: Int) async throws -> MetaBench {
    let bench = try await MetaBench()
    bench.graph.change { [today] world in
      world.addAd("10")
      for back in stride(from: 0, to: days, by: 10) {
        world.figures["10", default: [:]][today.adding(days: -back)] = FakeGraph.Figures()
      }
    }
    try await bench.connect()
    return bench
  }

  private func chunks(_ bench: MetaBench) async throws -> [InsightChunk] {
    try await bench.test.system.database.read { [account = bench.account] transaction in
      try InsightSyncRepository().all(of: account, in: transaction)
    }
  }

  @Test("37 months are read in parts, the latest first, and then never again")
  func whole() async throws {
    let bench = try await bench(days: 1_200)
    let report = try await bench.sync()
    #expect(report.history.isComplete)
    #expect(!report.goesOn)
    let first = try #require(CalendarDay("2023-04-29"))
    #expect(report.history.days == today.adding(days: -28).daysSinceEpoch - first.daysSinceEpoch)
    let expected = (0..<120).map { today.adding(days: -10 * $0) }.filter { $0 >= first }.count
    #expect(try await bench.figures().count == expected)
    let orders = bench.graph.calls.filter { $0.method == "POST" && $0.path == "act_123/insights" }
    #expect(try await chunks(bench).count == orders.count)
    #expect(orders[0].parameters["time_range"]?.contains(#""until":"2026-04-29""#) == true)
    #expect(orders.allSatisfy { $0.parameters["fields"]?.hasPrefix("[") == true })
    _ = try await bench.sync()
    #expect(bench.graph.calls.filter { $0.method == "POST" && $0.path == "act_123/insights" }.count == orders.count)
  }

  @Test("the past of a young ad account begins with it")
  func young() async throws {
    let bench = try await bench(days: 100)
    bench.graph.change { $0.setAccount("created_time", "2026-03-01T09:00:00+0000") }
    #expect(try await bench.sync().history.days == 60)
  }

  @Test("a process that is killed between any two steps is followed by one that goes on; no report is ordered twice")
  func killed() async throws {
    let bench = try await bench(days: 140)
    bench.graph.change { $0.setAccount("created_time", "2026-01-10T09:00:00+0000") }
    let whole = try await MetaHistoryTests().bench(days: 140)
    whole.graph.change { $0.setAccount("created_time", "2026-01-10T09:00:00+0000") }
    _ = try await whole.sync()
    // Each process gets one call further than the one before.
    for call in 0... {
      try #require(call < 100)
      let later = try await bench.test.anotherProcess(
        meta: settings, transport: DyingTransport(bench.graph, after: call))
      if (try? await later.metaSync.sync(bench.account)) != nil { break }
    }
    #expect(try await bench.figures() == whole.figures())
    let orders = bench.graph.calls.filter { $0.method == "POST" && $0.path == "act_123/insights" }
    let ranges = orders.compactMap { $0.parameters["time_range"] }
    #expect(try await chunks(bench).count == 4)
    // An order whose answer nobody lived to hear is made again; all others are made once.
    #expect(Set(ranges).count == 4)
    #expect(ranges.count <= 8)
  }

  private var settings: MetaSettings {
    var settings = MetaSettings()
    settings.token = Secret("TOKEN")
    return settings
  }

  @Test(
    "a report that fails is ordered again, then in halves; a day that cannot be reported on is told, the rest is read")
  func failing() async throws {
    let bench = try await bench(days: 40)
    bench.graph.change { world in
      world.setAccount("created_time", "2026-04-28T00:00:00+0000")
      world.reportStates = Array(repeating: "Job Failed", count: 8)
    }
    // Two days are left, and each sync stops at a report that failed.
    var report = try await bench.sync()
    #expect(report.history.days == 2)
    #expect(!report.goesOn)
    for _ in 0..<7 { report = try await bench.sync() }
    #expect(report.history.failed.map(\.days) == [1, 1])
    #expect(try await bench.findings()["figures"]?.isFine == true)
    bench.test.clock.advance(seconds: 90_000)
    report = try await bench.sync()
    #expect(report.history.daysDone == 2)
  }

  @Test("a report that Meta no longer has is ordered anew")
  func lapsed() async throws {
    let bench = try await bench(days: 40)
    bench.graph.change { world in
      world.setAccount("created_time", "2026-04-20T00:00:00+0000")
      world.faults = [("9000", FakeGraph.refusal(100, 33))]
    }
    #expect(try await bench.sync().history.daysDone == 0)
    #expect(try await bench.sync().history.isComplete)
  }

  @Test("a report that is not ready is waited for, and after ten minutes left for the next sync")
  func slow() async throws {
    let bench = try await bench(days: 40)
    bench.graph.change { world in
      world.setAccount("created_time", "2026-04-20T00:00:00+0000")
      world.reportStates = ["Job Running"]
    }
    #expect(try await bench.sync().history.isComplete)
    #expect(bench.waits.sorted == ["2"])
  }

  @Test("a report that takes longer than ten minutes is left for the next sync, which does not order it again")
  func verySlow() async throws {
    let bench = try await bench(days: 40)
    bench.graph.change { world in
      world.setAccount("created_time", "2026-04-20T00:00:00+0000")
      world.reportStates = ["Job Running"]
      world.reportPatience = 100
    }
    let report = try await bench.sync()
    #expect(report.history.daysDone == 0)
    #expect(!report.goesOn)
    #expect(bench.waits.sorted.compactMap { Int($0) }.reduce(0, +) >= 600)
    bench.graph.change { $0.reportPatience = 0 }
    #expect(try await bench.sync().history.isComplete)
    #expect(bench.graph.calls.filter { $0.method == "POST" && $0.path == "act_123/insights" }.count == 1)
  }

  @Test("figures that were read by other settings are read again")
  func settingsChanged() async throws {
    let bench = try await bench(days: 60)
    bench.graph.change { $0.setAccount("created_time", "2026-04-01T00:00:00+0000") }
    _ = try await bench.sync()
    try await bench.test.configure(#"{"clicks": "link"}"#)
    _ = try await bench.sync()
    #expect(try await bench.figures().allSatisfy { $0.contains(" 30 12.34") })
  }

  @Test("connecting another ad account forgets the campaigns and the past of the one before, and keeps figures")
  func another() async throws {
    let bench = try await bench(days: 40)
    bench.graph.change { $0.setAccount("created_time", "2026-04-20T00:00:00+0000") }
    _ = try await bench.sync()
    let figures = try await bench.figures()
    try await bench.connect("act_9")
    let counts = try await bench.test.rowCounts()
    #expect(counts["ad_objects"] == 0)
    #expect(counts["insight_syncs"] == 0)
    #expect(try await bench.figures() == figures)
  }
}

/// A transport that reaches nothing after a number of calls, as a process that is killed.
private final class DyingTransport: HTTPTransport {
  private let graph: FakeGraph
  private let count: Int
  private let start: Int

  init(_ graph: FakeGraph, after count: Int) {
    self.graph = graph
    self.count = count
    start = graph.calls.count
  }

  func send(_ call: HTTPCall) async throws(TransportError) -> HTTPAnswer {
    guard graph.calls.count - start < count else { throw .timedOut(limit: .seconds(60)) }
    return try await graph.send(call)
  }
}
