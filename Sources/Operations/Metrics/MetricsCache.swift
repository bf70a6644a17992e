import Synchronization
import Values
import Web

/// The metrics of all features. The time to read them grows with the amount of stored data, so they are read by one
/// task at a time, and at most every few seconds, however often they are requested.
final class MetricsCache: Sendable {
  /// How old the metrics may be, in seconds.
  static let lifetimeSeconds: Int64 = 5

  private enum State {
    case none
    case kept([Metric], until: Instant)
    case reading(Task<[Metric], any Error>)
  }

  private let sources: [MetricSource]
  private let clock: @Sendable () -> Instant
  private let state = Mutex(State.none)

  init(sources: [MetricSource], clock: @escaping @Sendable () -> Instant) {
    self.sources = sources
    self.clock = clock
  }

  /// The metrics, at most ``lifetimeSeconds`` old.
  func current() async throws -> [Metric] {
    let now = clock()
    let kept = state.withLock { state -> [Metric]? in
      guard case .kept(let metrics, let until) = state, now < until else { return nil }
      return metrics
    }
    if let kept { return kept }
    return try await task(at: now).value
  }

  private func task(at now: Instant) -> Task<[Metric], any Error> {
    state.withLock { state in
      if case .reading(let task) = state { return task }
      let task = Task { [self] in
        do {
          let metrics = try await read()
          self.state.withLock { $0 = .kept(metrics, until: now.adding(seconds: Self.lifetimeSeconds)) }
          return metrics
        } catch {
          self.state.withLock { $0 = .none }
          throw error
        }
      }
      state = .reading(task)
      return task
    }
  }

  private func read() async throws -> [Metric] {
    var metrics: [Metric] = []
    for source in sources { metrics += try await source() }
    return metrics
  }
}
