import Foundation
import Synchronization
import Testing
import Values

@testable import Web

/// Where long computations run, in what order, and how many may wait.
struct ComputeGateTests {
  private let acme = AccountID("acme")
  private let beta = AccountID("beta")

  @Test("One computation of an account runs at a time, and accounts take turns")
  func turns() throws {
    let (acme, beta) = (try #require(acme), try #require(beta))
    var queue = ComputeQueue<String>()
    for (id, job) in ["a1", "a2", "a3"].enumerated() {
      try queue.add(job, id: UInt64(id), of: acme, cost: 1, isBounded: true)
    }
    try queue.add("b1", id: 10, of: beta, cost: 1, isBounded: true)
    #expect(queue.next()?.job == "a1")
    #expect(queue.next()?.job == "b1")
    #expect(queue.next() == nil, "an account with one running waits")
    queue.end(of: acme)
    #expect(queue.next()?.job == "a2")
    try queue.add("b2", id: 11, of: beta, cost: 1, isBounded: true)
    queue.end(of: beta)
    queue.end(of: acme)
    #expect(queue.next()?.job == "b2")
    #expect(queue.next()?.job == "a3")
    queue.end(of: acme)
    #expect(queue.next() == nil)
  }

  @Test("What waits is bounded for an account and for all; work that nobody waits for is not refused")
  func bounds() throws {
    let (acme, beta) = (try #require(acme), try #require(beta))
    var limits = ComputeQueue<Int>.Limits()
    (limits.ofAccount, limits.ofAll) = (2, 3)
    var queue = ComputeQueue<Int>(limits: limits)
    for id in 0..<2 { try queue.add(0, id: UInt64(id), of: acme, cost: 100, isBounded: true) }
    #expect(throws: ComputeOverload.ofAccount(waiting: 250)) {
      try queue.add(0, id: 2, of: acme, cost: 50, isBounded: true)
    }
    try queue.add(0, id: 3, of: acme, cost: 50, isBounded: false)
    try queue.add(0, id: 4, of: beta, cost: 50, isBounded: true)
    #expect(throws: ComputeOverload.ofAll) {
      try queue.add(0, id: 5, of: beta, cost: 50, isBounded: true)
    }
    #expect(queue.remove(0, of: acme) != nil)
    #expect(queue.remove(0, of: acme) == nil)
    try queue.add(0, id: 5, of: beta, cost: 50, isBounded: true)
  }

  @Test("An account whose only waiting computation was taken away has no turn")
  func removal() throws {
    let (acme, beta) = (try #require(acme), try #require(beta))
    var queue = ComputeQueue<Int>()
    try queue.add(1, id: 1, of: acme, cost: 1, isBounded: true)
    try queue.add(2, id: 2, of: beta, cost: 1, isBounded: true)
    #expect(queue.remove(1, of: acme) == 1)
    #expect(queue.next()?.job == 2)
    #expect(queue.next() == nil)
  }

  @Test("Long work runs on threads of the gate, quick work where it is asked for, and errors come back")
  func threads() async throws {
    let acme = try #require(acme)
    let gate = ComputeGate(threads: 1)
    let long = ComputeCost(microseconds: ComputeCost.quick + 1)
    let thread = { @Sendable in ObjectIdentifier(Thread.current) }
    let first = try await gate.run(of: acme, long, thread)
    #expect(try await gate.run(of: acme, long, thread) == first)
    #expect(try await gate.run(of: acme, ComputeCost(microseconds: ComputeCost.quick), thread) != first)
    await #expect(throws: APIError.notFound("x")) {
      try await gate.run(of: acme, ComputeCost(microseconds: 1_000_000)) { throw APIError.notFound("x") }
    }
  }

  @Test("A caller beyond its bound is told when to try again, and one that gives up leaves the queue")
  func busy() async throws {
    let (acme, beta) = (try #require(acme), try #require(beta))
    let gate = ComputeGate(threads: 1)
    let (hold, cost) = (DispatchSemaphore(value: 0), ComputeCost(microseconds: 3_000_000))
    let (began, beginning) = AsyncStream.makeStream(of: Void.self)
    let held = Task {
      try await gate.run(of: beta, cost) {
        beginning.finish()
        hold.wait()
      }
    }
    for await _ in began {}
    let bound = ComputeQueue<Int>.Limits().ofAccount
    let waiting = (0..<bound).map { number in Task { try await gate.run(of: acme, cost) { number } } }
    while gate.waitingCount < bound { await Task.yield() }
    let error = await #expect(throws: ComputeOverload.self) { try await gate.run(of: acme, cost) { 0 } }
    #expect(error?.apiError.status == .tooManyRequests)
    #expect(error?.apiError.retryAfter == 3 * (bound + 1) + 1)
    #expect(error?.apiError.refusal == .computeBusy)
    waiting[0].cancel()
    await #expect(throws: CancellationError.self) { try await waiting[0].value }
    hold.signal()
    try await held.value
    for (number, task) in waiting.enumerated().dropFirst() { #expect(try await task.value == number) }
  }
}
