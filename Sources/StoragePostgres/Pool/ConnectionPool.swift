import Storage
import Synchronization
import Values

/// Runs work on connections, each on its own thread, as ``PoolState`` decides.
final class ConnectionPool: Sendable {
  /// A piece of work that waits for a connection.
  struct Work: Sendable {
    let interruption: Interruption
    /// Does the work and returns a closure that reports the outcome.
    let run: @Sendable (Connection) -> @Sendable () -> Void
    /// Reports that the work was not done.
    let fail: @Sendable (any Error) -> Void
  }

  private typealias ConnectionThread = OwnedThread<Connection?>

  private struct State {
    var pool: PoolState
    var works: [PoolState.WaiterID: Work] = [:]
    var threads: [PoolState.ConnectionID: ConnectionThread] = [:]
    var nextWork = 0
    var timer: (deadline: Instant, task: Task<Void, Never>)?
    var onDrained: [CheckedContinuation<Void, Never>] = []
  }

  private let state: Mutex<State>
  private let settings: PostgresSettings
  private let now: @Sendable () -> Instant
  /// Asks servers to cancel statements, which blocks.
  private let canceller = OwnedThread<Void>(name: "postgres cancel") {}

  init(_ settings: PostgresSettings, now: @escaping @Sendable () -> Instant) {
    self.settings = settings
    self.now = now
    state = Mutex(State(pool: PoolState(limits: settings.poolLimits)))
  }

  deinit {
    canceller.stop()
  }

  /// Runs `body` on a connection, on that connection's thread. Cancelling the task ends the wait and interrupts the
  /// running statement.
  func withConnection<Result: Sendable>(
    _ body: @escaping @Sendable (Connection, Interruption) throws -> Result
  ) async throws -> Result {
    let interruption = Interruption()
    let id = state.withLock { state in
      state.nextWork += 1
      return state.nextWork
    }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let work = Work(
          interruption: interruption,
          run: { connection in
            let outcome = Swift.Result { try body(connection, interruption) }
            return { continuation.resume(with: outcome) }
          },
          fail: { continuation.resume(throwing: $0) })
        submit(work, id: id)
      }
    } onCancel: {
      cancel(id, interruption)
    }
  }

  private func submit(_ work: Work, id: PoolState.WaiterID) {
    perform { state, now in
      // If the task is cancelled after this, its work is found among the waiters.
      if work.interruption.isCancelled { return ([], [{ work.fail(CancellationError()) }]) }
      state.works[id] = work
      return (state.pool.wanted(by: id, at: now), [])
    }
  }

  private func cancel(_ id: PoolState.WaiterID, _ interruption: Interruption) {
    let interrupt = interruption.cancel()
    if let interrupt { canceller.enqueue { _ in interrupt() } }
    perform { state, _ in
      guard state.pool.cancelled(id), let work = state.works.removeValue(forKey: id) else { return ([], []) }
      return ([], [{ work.fail(CancellationError()) }])
    }
  }

  /// Closes all connections, and returns when the last work on them is done.
  func shutDown() async {
    await withCheckedContinuation { continuation in
      perform { state, now in
        state.onDrained.append(continuation)
        if state.pool.isShutDown, state.pool.connections.isEmpty { return ([.drained], []) }
        return (state.pool.shutDown(at: now), [])
      }
    }
  }

  // MARK: Actions

  private typealias Step = @Sendable () -> Void

  /// Passes an event to the pool's state, and performs the resulting actions once the lock is released.
  private func perform(_ event: (inout State, Instant) -> (actions: [PoolState.Action], steps: [Step])) {
    let now = now()
    let steps = state.withLock { state in
      let (actions, steps) = event(&state, now)
      let all = steps + actions.flatMap { self.steps(for: $0, &state) }
      setTimer(&state, at: now)
      return all
    }
    for step in steps { step() }
  }

  private func perform(_ event: (inout PoolState, Instant) -> [PoolState.Action]) {
    perform { state, now in (event(&state.pool, now), []) }
  }

  private func steps(for action: PoolState.Action, _ state: inout State) -> [Step] {
    switch action {
    case .open(let id):
      return [{ self.open(id) }]
    case .close(let id):
      guard let thread = state.threads.removeValue(forKey: id) else { return [] }
      return [{ self.close(id, thread) }]
    case .lease(let id, let waiter):
      guard let thread = state.threads[id], let work = state.works[waiter] else { return [] }
      return [{ self.run(work, waiter, on: id, thread) }]
    case .fail(let waiter, let failure):
      guard let work = state.works.removeValue(forKey: waiter) else { return [] }
      let error = error(for: failure)
      return [{ work.fail(error) }]
    case .drained:
      defer { state.onDrained = [] }
      return state.onDrained.map { continuation in { continuation.resume() } }
    }
  }

  private func open(_ id: PoolState.ConnectionID) {
    let thread = ConnectionThread(name: "postgres \(id)", whenIdle: { $0?.flush() }) { nil }
    state.withLock { $0.threads[id] = thread }
    let settings = settings
    thread.enqueue { [self] connection in
      do throws(DatabaseError) {
        connection = try Connection(settings, namePrefix: Self.namePrefix())
        perform { pool, now in pool.opened(id, at: now) }
      } catch {
        var generator = SystemRandomNumberGenerator()
        let failed = state.withLock { $0.threads.removeValue(forKey: id) }
        perform { pool, now in
          pool.openFailed(id, because: error, at: now, using: &generator)
        }
        failed?.stop()
      }
    }
  }

  /// Names of statements that no other connection uses: a pooler may put two connections onto one server session.
  private static func namePrefix() -> String {
    "s\(String(UInt64.random(in: .min ... .max), radix: 36))_"
  }

  private func close(_ id: PoolState.ConnectionID, _ thread: ConnectionThread) {
    thread.enqueue { [self] connection in
      // A pooler drops the server session where its client leaves before the last answer.
      connection?.settle()
      connection = nil
      perform { pool, now in pool.closed(id, at: now) }
    }
    thread.stop()
  }

  private func run(
    _ work: Work, _ waiter: PoolState.WaiterID, on id: PoolState.ConnectionID, _ thread: ConnectionThread
  ) {
    thread.enqueue { [self] connection in
      guard let usable = connection, !usable.isEndedByServer else {
        perform { pool, now in pool.refused(id, at: now) }
        return
      }
      let tell = work.run(usable)
      // The connection is free again before the caller learns the outcome.
      perform { state, now in
        state.works[waiter] = nil
        let leaving = usable.leadsToReadOnlyServer ? state.pool.leaveServer(at: now) : []
        return (leaving + state.pool.released(id, isUsable: !usable.isBroken, at: now), [])
      }
      tell()
    }
  }

  private func error(for failure: PoolState.Failure) -> DatabaseError {
    switch failure {
    case .tooManyWaiting: .busy("\(settings.mostWaiting) others wait for a connection already")
    case .allInUse:
      .busy("all \(settings.largestPool) connections were in use for \(settings.secondsToConnection) s")
    case .unreachable(let reason): reason
    case .shutDown: .unavailable("the connections have been closed")
    }
  }

  // MARK: Time

  /// Calls the pool's `tick` at its next deadline.
  private func setTimer(_ state: inout State, at now: Instant) {
    guard let deadline = state.pool.nextDeadline else { return }
    if let timer = state.timer, timer.deadline <= deadline { return }
    state.timer?.task.cancel()
    let pause = max(0, deadline.microseconds - now.microseconds)
    let task = Task { [weak self] in
      do { try await Task.sleep(for: .microseconds(pause)) } catch { return }
      self?.timePassed()
    }
    state.timer = (deadline, task)
  }

  private func timePassed() {
    perform { state, now in
      state.timer = nil
      return (state.pool.tick(at: now), [])
    }
  }
}
