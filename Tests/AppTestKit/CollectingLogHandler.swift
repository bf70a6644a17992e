import Logging
import Synchronization

/// Keeps what is logged, each event as a line: the message, and then `name=value` by name.
package final class CollectingLogHandler: LogHandler, Sendable {
  private let collected = Mutex<[String]>([])

  /// Nothing was logged yet.
  package init() {}

  /// What was logged.
  package var lines: [String] { collected.withLock { $0 } }

  /// Keeps an event.
  package func log(event: LogEvent) {
    let metadata = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { key, value -> String in
      if case .array(let values) = value { return "\(key)=[\(values.map(\.description).joined(separator: ","))]" }
      return "\(key)=\(value)"
    }
    collected.withLock { $0.append(([event.message.description] + metadata).joined(separator: " ")) }
  }

  /// Keeps no metadata beside those of an event.
  package subscript(metadataKey _: String) -> Logger.MetadataValue? {
    get { nil }
    set {}
  }

  /// None.
  package var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }

  /// All of them.
  package var logLevel: Logger.Level {
    get { .trace }
    set {}
  }
}
