import App
import AppTestKit
import DecisionEngine
import Measurement
import Platforms
import Storage
import TestKit
import Testing
import Values

/// How many statements it takes to work off an event.
struct EventStatementTests {
  private static let ad = "1202100000000001"

  /// A system that has worked off the beginning of deal 7, and what notes its statements.
  private static func system() async throws -> (TestSystem, ObservedDatabase) {
    var observed: ObservedDatabase?
    let test = try await TestSystem(
      hubSpot: HubSpotSending.settings,
      through: { database in
        let observing = ObservedDatabase(database)
        observed = observing
        return observing
      })
    try await test.importText("ad_id,date,impressions,clicks,spend\n\(ad),2026-05-20,1000,20,100\n", as: .adsCSV)
    _ = try await test.system.hubSpot.map(portal: HubSpotSending.portal, to: test.account)
    let observing = try #require(observed)
    try await work(off: [SentEvent(1, deal: 7, property: ("ad_id", ad), at: start(test))], in: test, observing)
    try await work(off: [.move(2, deal: 7, to: "lead", at: start(test))], in: test, observing)
    return (test, observing)
  }

  private static func start(_ test: TestSystem) -> Instant { test.clock.now().adding(seconds: -90_000) }

  /// Sends events, works them off, and returns the transactions that this took, without those in which the queue hands
  /// over jobs.
  @discardableResult
  private static func work(
    off events: [SentEvent], in test: TestSystem, _ observed: ObservedDatabase
  ) async throws -> [[String]] {
    try await test.serving { api in
      let answer = try await test.send(events, to: api)
      try #require(answer.status == 202)
    }
    _ = observed.takeTransactions()
    try await test.workOffJobs()
    return observed.takeTransactions().filter { !$0.allSatisfy { $0.contains(" job") } }
  }

  @Test("A known deal that moves a stage costs one transaction of at most twelve statements, the job's end included")
  func move() async throws {
    let (test, observed) = try await Self.system()
    let work = try await Self.work(
      off: [.move(3, deal: 7, to: "appointmentscheduled", at: test.clock.now())], in: test, observed)
    #expect(work.count == 1)
    #expect(work.joined().contains { $0.contains("UPDATE jobs SET state = 'completed'") })
    #expect(work.joined().count <= 12, "\(work)")
    #expect(try await test.states()[Self.ad]?.pipelineValue == 2250)
  }

  @Test("Several events of a deal that wait together cost no more than one")
  func together() async throws {
    let (test, observed) = try await Self.system()
    let now = test.clock.now()
    let moves: [SentEvent] = [
      .move(3, deal: 7, to: "appointmentscheduled", at: now.adding(seconds: -9)),
      .move(4, deal: 7, to: "show_up", at: now),
    ]
    let work = try await Self.work(off: moves, in: test, observed)
    #expect(work.map { $0.count <= 12 } == [true])
    #expect(try await test.states()[Self.ad]?.pipelineValue == 9000)
  }

  @Test("An event that says nothing new changes no deal, no ad and no funnel")
  func repeated() async throws {
    let (test, observed) = try await Self.system()
    let work = try await Self.work(
      off: [.move(3, deal: 7, to: "lead", at: Self.start(test))], in: test, observed)
    let tables = ["hubspot_events", "jobs", "job_counters"]
    let changes = work.joined().filter { !$0.hasPrefix("SELECT") }
    #expect(changes.allSatisfy { change in tables.contains { change.contains(" \($0) ") } }, "\(changes)")
  }
}
