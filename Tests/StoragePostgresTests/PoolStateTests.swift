import TestKit
import Testing
import Values

@testable import StoragePostgres

@Suite("The pool decides")
struct PoolStateTests {
  @Test("10,000 schedules by chance: nobody is lost, nobody hangs, nothing broken is used")
  func schedules() {
    for seed in 0..<10_000 as Range<UInt64> {
      var random = SeededRandom(seed: seed &* 77)
      var simulation = PoolSimulation(seed: seed)
      var server = PoolSimulation.Server.well
      for _ in 0..<60 {
        if Int.random(in: 0..<15, using: &random) == 0 {
          server = PoolSimulation.Server.allCases.randomElement(using: &random) ?? .well
        }
        simulation.step(server: server)
      }
      if seed.isMultiple(of: 3) { simulation.shutDown() }
      simulation.settle()
      if simulation.waiting != [] { simulation.violations.append("\(simulation.waiting) are still waiting") }
      if simulation.pool.isShutDown, simulation.drained != 1 {
        simulation.violations.append("drained \(simulation.drained) times")
      }
      #expect(simulation.violations == [], "seed \(seed)")
      if !simulation.violations.isEmpty { return }
    }
  }

  @Test("200 waiters share four connections in the order in which they came")
  func manyWaiters() {
    var limits = PoolSimulation.limits
    limits.waiters = 200
    var simulation = PoolSimulation(seed: 1, limits: limits)
    let waiters = (0..<200).map { _ in simulation.want() }
    #expect(simulation.opening.count == 4)
    for id in simulation.opening.sorted() { simulation.finishOpening(id, succeeds: true) }
    while let id = simulation.leases.keys.min() { simulation.release(id, isUsable: true) }
    #expect(simulation.served == waiters)
    #expect(simulation.pool.idle.count == 4)
    #expect(simulation.violations == [])
  }

  @Test("more than the most who may wait are refused at once")
  func tooMany() {
    var simulation = PoolSimulation(seed: 1)
    for _ in 0..<30 { simulation.want() }
    let last = simulation.want()
    #expect(simulation.failed == [last: .tooManyWaiting])
  }

  @Test("a dead server is tried one connection at a time, with longer and longer pauses, and waiters are told why")
  func deadServer() throws {
    var simulation = PoolSimulation(seed: 3)
    let waiters = (0..<8).map { _ in simulation.want() }
    for id in simulation.opening.sorted() { simulation.finishOpening(id, succeeds: false) }
    var attempts = 0
    while !simulation.waiting.isEmpty {
      let deadline = try #require(simulation.pool.nextDeadline)
      simulation.pass(microseconds: deadline.microseconds - simulation.now.microseconds)
      for id in simulation.opening {
        attempts += 1
        simulation.finishOpening(id, succeeds: false)
      }
    }
    #expect((2...40).contains(attempts), "\(attempts) attempts in ten seconds")
    #expect(simulation.mostOpeningAfterFailure == 3, "no more are opened than were under way at the first failure")
    #expect(
      simulation.failed == Dictionary(uniqueKeysWithValues: waiters.map { ($0, .unreachable(PoolSimulation.refusal)) }))
    #expect(simulation.violations == [])
  }

  @Test("when a dead server is back, all who wait are served by as many connections as there may be")
  func serverComesBack() throws {
    var simulation = PoolSimulation(seed: 3)
    for _ in 0..<8 { simulation.want() }
    for id in simulation.opening.sorted() { simulation.finishOpening(id, succeeds: false) }
    let attempt = try #require(simulation.pool.nextAttempt)
    simulation.pass(microseconds: attempt.microseconds - simulation.now.microseconds)
    #expect(simulation.opening.count == 1)
    simulation.finishOpening(try #require(simulation.opening.first), succeeds: true)
    #expect(simulation.opening.count == 3)
    simulation.settle()
    #expect(simulation.served.count == 8)
    #expect(simulation.violations == [])
  }

  @Test("a slow server: whoever waits too long is told that all are in use")
  func slowServer() {
    var simulation = PoolSimulation(seed: 1)
    let waiter = simulation.want()
    simulation.pass(microseconds: 9_999_999)
    #expect(simulation.waiting == [waiter])
    simulation.pass(microseconds: 1)
    #expect(simulation.failed == [waiter: .allInUse])
    let id = simulation.opening.first
    simulation.settle()
    #expect(simulation.pool.idle == [id].compactMap(\.self), "the connection that comes late is kept for the next")
  }

  @Test("unused connections are closed, old ones replaced")
  func ages() throws {
    var simulation = PoolSimulation(seed: 1)
    simulation.want()
    simulation.want()
    simulation.settle()
    #expect(simulation.pool.idle.count == 2)
    // One is used all the time, and ends when it is old; the other ends unused.
    for second in 1...301 {
      simulation.pass(microseconds: 1_000_000)
      if let id = simulation.closing.first { simulation.finishClosing(id) }
      if second <= 299 {
        simulation.want()
        if let id = simulation.opening.first { simulation.finishOpening(id, succeeds: true) }
        simulation.release(try #require(simulation.leases.keys.first), isUsable: true)
      }
      #expect(simulation.pool.connections.count == (second < 60 ? 2 : second < 300 ? 1 : 0), "second \(second)")
    }
    #expect(simulation.violations == [])
  }

  @Test("a connection that was found ended goes, and its waiter stays the first")
  func refused() {
    var simulation = PoolSimulation(seed: 1)
    for _ in 0..<6 { simulation.want() }
    for id in simulation.opening.sorted() { simulation.finishOpening(id, succeeds: true) }
    simulation.refuse(1)
    #expect(simulation.waiting == [1, 5, 6])
    simulation.release(2, isUsable: true)
    #expect(simulation.leases[2] == 1)
    #expect(simulation.violations == [])
  }

  @Test("pauses double up to their limit, and differ by chance")
  func pauses() {
    let backoff = Backoff(first: 100, longest: 5_000)
    var random = SeededRandom(seed: 9)
    for failures in [1, 2, 3, 6, 7, 60, 1_000] {
      let longest = failures < 6 ? Int64(100) << (failures - 1) : failures == 6 ? 3_200 : 5_000
      let pauses = (0..<500).map { _ in backoff.pause(after: failures, using: &random) }
      #expect(pauses.allSatisfy { (1...longest).contains($0) })
      #expect(Set(pauses).count > 50)
      #expect((pauses.max() ?? 0) > longest * 9 / 10)
    }
  }
}
