import Storage
import TestKit
import Testing
import Values

@testable import StoragePostgres

/// A pool whose connections, waiters and clock are made up, and what must hold after every step of it.
struct PoolSimulation {
  private(set) var pool: PoolState
  private(set) var now = Instant(seconds: 1_000)
  private var random: SeededRandom

  private var nextWaiter = 0
  /// Waiters without an answer, in the order in which they came.
  private(set) var waiting: [Int] = []
  private(set) var leases: [Int: Int] = [:]
  private(set) var served: [Int] = []
  private(set) var failed: [Int: PoolState.Failure] = [:]
  private(set) var opening: Set<Int> = []
  private(set) var closing: Set<Int> = []
  private(set) var drained = 0
  private(set) var mostOpeningAfterFailure = 0
  var violations: [String] = []

  static let limits = PoolState.Limits(
    connections: 4, waiters: 30, waiting: 10_000_000, idle: 60_000_000, life: 300_000_000,
    backoff: Backoff(first: 100_000, longest: 5_000_000))
  static let refusal = DatabaseError.unavailable("no such server")

  init(seed: UInt64, limits: PoolState.Limits = limits) {
    pool = PoolState(limits: limits)
    random = SeededRandom(seed: seed)
  }

  // MARK: Events

  @discardableResult
  mutating func want() -> Int {
    nextWaiter += 1
    waiting.append(nextWaiter)
    perform(pool.wanted(by: nextWaiter, at: now))
    return nextWaiter
  }

  mutating func cancel(_ waiter: Int) {
    let wasWaiting = pool.cancelled(waiter)
    if wasWaiting != waiting.contains(waiter) { violations.append("waiter \(waiter): cancelled is \(wasWaiting)") }
    waiting.removeAll { $0 == waiter }
    check()
  }

  mutating func finishOpening(_ id: Int, succeeds: Bool) {
    opening.remove(id)
    if succeeds {
      perform(pool.opened(id, at: now))
    } else {
      perform(pool.openFailed(id, because: Self.refusal, at: now, using: &random))
    }
  }

  mutating func release(_ id: Int, isUsable: Bool) {
    leases[id] = nil
    perform(pool.released(id, isUsable: isUsable, at: now))
  }

  /// A connection was found to be ended when its waiter came to use it.
  mutating func refuse(_ id: Int) {
    guard let waiter = leases.removeValue(forKey: id) else { return }
    served.removeAll { $0 == waiter }
    waiting = (waiting + [waiter]).sorted()
    perform(pool.refused(id, at: now))
  }

  mutating func finishClosing(_ id: Int) {
    closing.remove(id)
    perform(pool.closed(id, at: now))
  }

  mutating func pass(microseconds: Int64) {
    now = Instant(microseconds: now.microseconds + microseconds)
    perform(pool.tick(at: now))
  }

  mutating func shutDown() {
    perform(pool.shutDown(at: now))
  }

  /// One event by chance. A dead server refuses all connections; a slow one answers rarely.
  mutating func step(server: Server) {
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<30: want()
    case 30..<38: if let waiter = waiting.randomElement(using: &random) { cancel(waiter) }
    case 38..<60:
      guard server != .slow || Int.random(in: 0..<10, using: &random) == 0 else { return }
      if let id = opening.sorted().randomElement(using: &random) {
        finishOpening(id, succeeds: server != .dead && Int.random(in: 0..<20, using: &random) > 0)
      }
    case 60..<80:
      if let id = leases.keys.sorted().randomElement(using: &random) {
        release(id, isUsable: server != .dead && Int.random(in: 0..<10, using: &random) > 0)
      }
    case 80..<84: if let id = leases.keys.sorted().randomElement(using: &random) { refuse(id) }
    case 84..<92: if let id = closing.sorted().randomElement(using: &random) { finishClosing(id) }
    case 92..<98: pass(microseconds: Int64.random(in: 1...2_000_000, using: &random))
    case 98: pass(microseconds: Int64.random(in: 1...400_000_000, using: &random))
    default: cancel(-1)
    }
  }

  enum Server: CaseIterable { case well, slow, dead }

  /// Lets everything that is under way come to its end, with a server that answers.
  mutating func settle() {
    for _ in 0..<10_000 {
      if let id = closing.first {
        finishClosing(id)
      } else if let id = leases.keys.first {
        release(id, isUsable: true)
      } else if let id = opening.first {
        finishOpening(id, succeeds: true)
      } else if !waiting.isEmpty, let deadline = pool.nextDeadline {
        pass(microseconds: max(1, deadline.microseconds - now.microseconds))
      } else {
        return
      }
    }
    violations.append("it does not come to rest")
  }

  // MARK: Actions and what must hold

  private mutating func perform(_ actions: [PoolState.Action]) {
    for action in actions {
      switch action {
      case .open(let id):
        if pool.isShutDown { violations.append("opened after the end") }
        if !opening.insert(id).inserted { violations.append("\(id) is opened twice") }
      case .close(let id):
        if leases[id] != nil { violations.append("\(id) is closed while it is leased") }
        if !closing.insert(id).inserted { violations.append("\(id) is closed twice") }
      case .lease(let id, let waiter):
        if leases[id] != nil || opening.contains(id) || closing.contains(id) {
          violations.append("\(id) is leased and is not free")
        }
        if waiting.first != waiter { violations.append("\(waiter) is served before \(waiting.first ?? 0)") }
        if pool.isShutDown { violations.append("leased after the end") }
        leases[id] = waiter
        served.append(waiter)
        waiting.removeAll { $0 == waiter }
      case .fail(let waiter, let failure):
        if !waiting.contains(waiter) { violations.append("\(waiter) is answered twice") }
        failed[waiter] = failure
        waiting.removeAll { $0 == waiter }
      case .drained: drained += 1
      }
    }
    check()
  }

  private mutating func check() {
    func demand(_ holds: Bool, _ text: String, _ violations: inout [String]) {
      if !holds { violations.append(text) }
    }
    let known = pool.connections
    demand(known.count <= pool.limits.connections, "\(known.count) connections", &violations)
    demand(pool.waiters.map(\.id) == waiting, "\(pool.waiters.map(\.id)) wait, not \(waiting)", &violations)
    demand(pool.waiters.count <= pool.limits.waiters + pool.limits.connections, "too many wait", &violations)
    demand(pool.idle.isEmpty || waiting.isEmpty, "somebody waits beside an idle connection", &violations)
    demand(
      Set(known.keys) == opening.union(closing).union(leases.keys).union(pool.idle), "connections are lost",
      &violations)
    demand(Set(pool.idle).count == pool.idle.count, "a connection is idle twice", &violations)
    if !waiting.isEmpty { demand(pool.nextDeadline != nil, "nobody looks after those who wait", &violations) }
    if let last = pool.waiters.last, let first = pool.waiters.first {
      demand(first.deadline <= last.deadline, "the first comer waits longest", &violations)
    }
    // Whoever waits has a connection coming, or coming back, or a time at which another is tried.
    if !waiting.isEmpty, pool.nextAttempt == nil {
      demand(
        !opening.isEmpty || !leases.isEmpty || !closing.isEmpty, "nothing comes for those who wait", &violations)
    }
    if pool.failures > 0 { mostOpeningAfterFailure = max(mostOpeningAfterFailure, opening.count) }
  }
}
