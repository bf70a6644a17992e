import Synchronization
import Values

/// A cache of values that are read often and may be a second old.
final class ExpiringCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private static var lifetimeSeconds: Int64 { 1 }
  private static var capacity: Int { 10_000 }

  private struct State {
    var entries: [Key: (value: Value, until: Instant)] = [:]
    /// Incremented whenever entries are dropped.
    var generation = 0
  }

  private let state = Mutex(State())

  /// The cached value, or else the one that `load` returns, which is then cached.
  ///
  /// A value that was loaded while entries were dropped may be from before the change, and is not cached.
  func value(of key: Key, at now: Instant, orElse load: () async throws -> Value) async throws -> Value {
    let (kept, generation) = state.withLock { state in
      (state.entries[key].flatMap { now < $0.until ? $0.value : nil }, state.generation)
    }
    if let kept { return kept }
    let value = try await load()
    state.withLock { state in
      guard state.generation == generation else { return }
      if state.entries.count >= Self.capacity { state.entries.removeAll(keepingCapacity: true) }
      state.entries[key] = (value, now.adding(seconds: Self.lifetimeSeconds))
    }
    return value
  }

  /// Drops the entries for which `condition` is true.
  func forget(where condition: (Key, Value) -> Bool) {
    state.withLock { state in
      state.generation += 1
      state.entries = state.entries.filter { !condition($0.key, $0.value.value) }
    }
  }
}
