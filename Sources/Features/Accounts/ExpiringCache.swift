import Synchronization
import Values

/// Values that are read often and may be a second old, kept by key.
final class ExpiringCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private static var lifetimeSeconds: Int64 { 1 }
  private static var capacity: Int { 10_000 }

  private let entries = Mutex<[Key: (value: Value, until: Instant)]>([:])

  func value(of key: Key, at now: Instant) -> Value? {
    entries.withLock { entries in
      entries[key].flatMap { now < $0.until ? $0.value : nil }
    }
  }

  func keep(_ value: Value, of key: Key, at now: Instant) {
    entries.withLock { entries in
      if entries.count >= Self.capacity { entries.removeAll(keepingCapacity: true) }
      entries[key] = (value, now.adding(seconds: Self.lifetimeSeconds))
    }
  }

  func forget(_ key: Key) {
    entries.withLock { _ = $0.removeValue(forKey: key) }
  }
}
