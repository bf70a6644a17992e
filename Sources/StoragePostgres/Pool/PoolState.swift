import Storage
import Values

/// The pool's state machine: events go in, actions come out. It performs nothing itself and has no clock.
///
/// A waiter leaves by exactly one action: a lease or a failure. A connection counts towards the maximum size from the
/// action that opens it to the event that it is closed.
struct PoolState {
  typealias ConnectionID = Int
  typealias WaiterID = Int

  /// The pool's limits; times are in microseconds.
  struct Limits {
    var connections: Int
    var waiters: Int
    var waiting: Int64
    var idle: Int64
    var life: Int64
    var backoff: Backoff
  }

  /// Something the pool must do.
  enum Action: Equatable {
    /// Connect; ``opened(_:at:)`` or ``openFailed(_:because:at:using:)`` reports the outcome.
    case open(ConnectionID)
    /// Close a connection; ``closed(_:at:)`` reports that it is.
    case close(ConnectionID)
    /// Give a connection to a waiter until ``released(_:isUsable:at:)`` or ``refused(_:at:)``.
    case lease(ConnectionID, to: WaiterID)
    /// Tell a waiter that it gets no connection.
    case fail(WaiterID, Failure)
    /// No connections are left after ``shutDown(at:)``, and none will be opened.
    case drained
  }

  /// Why a waiter gets no connection.
  enum Failure: Equatable {
    case tooManyWaiting
    case allInUse
    case unreachable(DatabaseError)
    case shutDown
  }

  enum Connection: Equatable {
    case opening
    case idle(since: Instant, born: Instant)
    case leased(Waiter, born: Instant)
    case closing
  }

  struct Waiter: Equatable {
    let id: WaiterID
    let deadline: Instant
  }

  let limits: Limits
  private(set) var connections: [ConnectionID: Connection] = [:]
  /// The idle connections, the most recently used one last, so that those not needed reach their time limit.
  private(set) var idle: [ConnectionID] = []
  /// Waiters in order of arrival.
  private(set) var waiters: [Waiter] = []
  /// The number of failed connection attempts since the last success, and the last one's error.
  private(set) var failures = 0
  private var reason: DatabaseError?
  /// No connection is opened before this moment.
  private(set) var nextAttempt: Instant?
  private(set) var isShutDown = false
  /// Connections opened up to this moment are not used again.
  private var openedTooEarly: Instant?
  private var nextID = 0

  init(limits: Limits) {
    self.limits = limits
  }

  /// When ``tick(at:)`` next has something to do. All waiters wait equally long, so the first one times out first.
  var nextDeadline: Instant? {
    var next = waiters.first?.deadline
    if let deadline = next, let nextAttempt { next = min(deadline, nextAttempt) }
    for id in idle {
      guard let end = connections[id].flatMap(end(of:)) else { continue }
      next = next.map { min($0, end) } ?? end
    }
    return next
  }

  // MARK: Waiters

  /// A waiter asks for a connection; ids increase.
  mutating func wanted(by id: WaiterID, at now: Instant) -> [Action] {
    if isShutDown { return [.fail(id, .shutDown)] }
    let waiter = Waiter(id: id, deadline: Instant(microseconds: now.microseconds + limits.waiting))
    if let connection = idle.popLast() { return [lease(connection, to: waiter)] }
    guard waiters.count < limits.waiters else { return [.fail(id, .tooManyWaiting)] }
    waiters.append(waiter)
    return openWhereNeeded(at: now)
  }

  /// A waiter gives up; no effect where it has a connection already. Returns whether it was waiting.
  mutating func cancelled(_ id: WaiterID) -> Bool {
    guard let place = waiters.firstIndex(where: { $0.id == id }) else { return false }
    waiters.remove(at: place)
    return true
  }

  // MARK: Connections

  /// A connection is ready.
  mutating func opened(_ id: ConnectionID, at now: Instant) -> [Action] {
    guard connections[id] == .opening else { return [] }
    (failures, reason, nextAttempt) = (0, nil, nil)
    return serve(id, born: now, at: now) + openWhereNeeded(at: now)
  }

  /// A connection could not be opened: the next attempt is delayed.
  mutating func openFailed(
    _ id: ConnectionID, because reason: DatabaseError, at now: Instant,
    using generator: inout some RandomNumberGenerator
  ) -> [Action] {
    guard connections[id] == .opening else { return [] }
    connections[id] = nil
    failures += 1
    self.reason = reason
    let pause = limits.backoff.pause(after: failures, using: &generator)
    nextAttempt = Instant(microseconds: now.microseconds + pause)
    return drainedIfEmpty()
  }

  /// A connection is returned.
  mutating func released(_ id: ConnectionID, isUsable: Bool, at now: Instant) -> [Action] {
    guard case .leased(_, let born) = connections[id] else { return [] }
    let isTooOld = openedTooEarly.map { born <= $0 } ?? false
    guard isUsable, !isShutDown, !isTooOld, now.microseconds - born.microseconds < limits.life else {
      return [close(id)]
    }
    return serve(id, born: born, at: now)
  }

  /// The server must not be used any more: after the current leases, no connection to it is given out.
  mutating func leaveServer(at now: Instant) -> [Action] {
    openedTooEarly = now
    return idle.map { close($0) }
  }

  /// A connection turned out to be closed before it was used: its waiter goes back to the front of the queue.
  mutating func refused(_ id: ConnectionID, at now: Instant) -> [Action] {
    guard case .leased(let waiter, _) = connections[id] else { return [] }
    if isShutDown { return [.fail(waiter.id, .shutDown), close(id)] }
    // Whatever closed one connection has probably closed the others: each is checked when it is leased.
    if let other = idle.popLast() { return [close(id), lease(other, to: waiter)] }
    let place = waiters.firstIndex { ($0.deadline, $0.id) > (waiter.deadline, waiter.id) } ?? waiters.endIndex
    waiters.insert(waiter, at: place)
    return [close(id)] + openWhereNeeded(at: now)
  }

  /// A connection is closed.
  mutating func closed(_ id: ConnectionID, at now: Instant) -> [Action] {
    guard connections[id] == .closing else { return [] }
    connections[id] = nil
    return openWhereNeeded(at: now) + drainedIfEmpty()
  }

  // MARK: Time and the end

  /// Time has passed.
  mutating func tick(at now: Instant) -> [Action] {
    let late = waiters.filter { $0.deadline <= now }
    waiters.removeAll { $0.deadline <= now }
    let failure = reason.map(Failure.unreachable) ?? .allInUse
    var actions = late.map { Action.fail($0.id, failure) }
    for id in idle {
      guard let connection = connections[id], let end = end(of: connection), end <= now else { continue }
      actions.append(close(id))
    }
    return actions + openWhereNeeded(at: now)
  }

  /// No waiter gets a connection any more; leased connections are closed when they are returned.
  mutating func shutDown(at now: Instant) -> [Action] {
    guard !isShutDown else { return [] }
    isShutDown = true
    let actions = waiters.map { Action.fail($0.id, .shutDown) } + idle.map { close($0) }
    waiters = []
    return actions + drainedIfEmpty()
  }

  private func drainedIfEmpty() -> [Action] {
    isShutDown && connections.isEmpty ? [.drained] : []
  }

  /// When an idle connection is to be closed.
  private func end(of connection: Connection) -> Instant? {
    guard case .idle(let since, let born) = connection else { return nil }
    return Instant(microseconds: min(since.microseconds + limits.idle, born.microseconds + limits.life))
  }

  private mutating func serve(_ id: ConnectionID, born: Instant, at now: Instant) -> [Action] {
    if isShutDown { return [close(id)] }
    connections[id] = .idle(since: now, born: born)
    guard let waiter = waiters.first else {
      idle.append(id)
      return []
    }
    waiters.removeFirst()
    return [lease(id, to: waiter)]
  }

  private mutating func lease(_ id: ConnectionID, to waiter: Waiter) -> Action {
    if case .idle(_, let born) = connections[id] { connections[id] = .leased(waiter, born: born) }
    return .lease(id, to: waiter.id)
  }

  private mutating func close(_ id: ConnectionID) -> Action {
    idle.removeAll { $0 == id }
    connections[id] = .closing
    return .close(id)
  }

  /// Opens a connection for each waiter that has none being opened; after a failed attempt, one at a time.
  private mutating func openWhereNeeded(at now: Instant) -> [Action] {
    if isShutDown { return [] }
    if let nextAttempt, nextAttempt > now { return [] }
    nextAttempt = nil
    let opening = connections.values.count { $0 == .opening }
    let wanted = failures > 0 ? min(waiters.count, 1) : waiters.count
    let count = max(0, min(wanted - opening, limits.connections - connections.count))
    return (0..<count).map { _ in
      nextID += 1
      connections[nextID] = .opening
      return .open(nextID)
    }
  }
}
