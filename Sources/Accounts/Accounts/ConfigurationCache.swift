import Synchronization
import Values

/// Identifies one configuration for ever: within an incarnation no version is written twice.
struct ConfigurationEdition: Hashable {
  let incarnation: String
  let version: Int
}

/// The last configuration read of each account. Entries never become outdated, because callers have read which edition
/// they need.
final class ConfigurationCache: Sendable {
  private static let capacity = 10_000

  private let kept = Mutex<[AccountID: (edition: ConfigurationEdition, configuration: AccountConfiguration)]>([:])

  /// The account's configuration of that edition; nil where it is not cached.
  subscript(account: AccountID, edition: ConfigurationEdition) -> AccountConfiguration? {
    kept.withLock { $0[account].flatMap { $0.edition == edition ? $0.configuration : nil } }
  }

  /// Caches a committed configuration, never one that a transaction has changed and may still roll back.
  func keep(_ configuration: AccountConfiguration, of account: AccountID, _ edition: ConfigurationEdition) {
    kept.withLock { kept in
      if kept.count >= Self.capacity { kept.removeAll(keepingCapacity: true) }
      kept[account] = (edition, configuration)
    }
  }
}
