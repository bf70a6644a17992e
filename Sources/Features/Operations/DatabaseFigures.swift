import Jobs
import Synchronization
import Values

/// What the metrics tell of the database. Reading it takes time that grows with the jobs, so it is read once at a time,
/// and at most every few seconds, however often it is asked for.
final class DatabaseFigures: Sendable {
  /// How old the figures may be, in seconds.
  static let lifetimeSeconds: Int64 = 5

  /// The figures of one moment.
  struct Figures: Sendable {
    var jobs: [JobCount] = []
    var oldestWaiting: [QueueName: Instant] = [:]
    var attempts: [JobCounter] = []
    var dealsChecked = 0
    var dealsRepaired = 0
    var eventsParked = 0
    var retentions: [RetentionTotal] = []
  }

  private enum State {
    case none
    case kept(Figures, until: Instant)
    case reading(Task<Figures, any Error>)
  }

  private let queue: any JobQueue
  private let hubSpot: HubSpotStatusService
  private let retention: RetentionService
  private let clock: @Sendable () -> Instant
  private let state = Mutex(State.none)

  init(
    queue: any JobQueue, hubSpot: HubSpotStatusService, retention: RetentionService,
    clock: @escaping @Sendable () -> Instant
  ) {
    self.queue = queue
    self.hubSpot = hubSpot
    self.retention = retention
    self.clock = clock
  }

  /// The figures, a few seconds old at most.
  func current() async throws -> Figures {
    let now = clock()
    let kept = state.withLock { state -> Figures? in
      guard case .kept(let figures, let until) = state, now < until else { return nil }
      return figures
    }
    if let kept { return kept }
    return try await task(at: now).value
  }

  private func task(at now: Instant) -> Task<Figures, any Error> {
    state.withLock { state in
      if case .reading(let task) = state { return task }
      let task = Task { [self] in
        do {
          let figures = try await read()
          self.state.withLock { $0 = .kept(figures, until: now.adding(seconds: Self.lifetimeSeconds)) }
          return figures
        } catch {
          self.state.withLock { $0 = .none }
          throw error
        }
      }
      state = .reading(task)
      return task
    }
  }

  private func read() async throws -> Figures {
    var figures = Figures()
    figures.jobs = try await queue.counts()
    figures.oldestWaiting = try await queue.oldestWaiting()
    figures.attempts = try await queue.counters()
    let portals = try await hubSpot.portals()
    figures.dealsChecked = portals.mapped.reduce(0) { $0 + $1.dealsChecked }
    figures.dealsRepaired = portals.mapped.reduce(0) { $0 + $1.dealsRepaired }
    figures.eventsParked = portals.unmapped.reduce(0) { $0 + $1.events }
    figures.retentions = try await retention.totals()
    return figures
  }
}
