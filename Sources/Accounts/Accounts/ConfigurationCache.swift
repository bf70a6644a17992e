import Synchronization
import Values

/// Names one configuration for ever: a version is never written twice in the life of an account's name.
struct ConfigurationEdition: Hashable {
  let incarnation: String
  let version: Int
}

/// The last configuration that was read of each account. What is kept never grows old, because whoever asks for it has
/// read which one holds.
final class ConfigurationCache: Sendable {
  private static let capacity = 10_000

  private let kept = Mutex<[AccountID: (edition: ConfigurationEdition, configuration: AccountConfiguration)]>([:])

  /// The account's configuration of that edition; nil where it is not kept.
  subscript(account: AccountID, edition: ConfigurationEdition) -> AccountConfiguration? {
    kept.withLock { $0[account].flatMap { $0.edition == edition ? $0.configuration : nil } }
  }

  /// Keeps a configuration that was committed: what a transaction has changed and may still take back is none.
  func keep(_ configuration: AccountConfiguration, of account: AccountID, _ edition: ConfigurationEdition) {
    kept.withLock { kept in
      if kept.count >= Self.capacity { kept.removeAll(keepingCapacity: true) }
      kept[account] = (edition, configuration)
    }
  }
}
