import ArgumentParser
import Foundation
import Logging

/// Logging options of long-running commands.
struct LogOptions: ParsableArguments {
  @Option(
    help: """
      How much to log: \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")). At info, there is a line for \
      each request. [environment: LOG_LEVEL] (default: notice)
      """)
  var logLevel: Logger.Level?

  /// Writes to standard error. Throws a ``SettingError``.
  func logger(_ environment: [String: String] = ProcessInfo.processInfo.environment) throws -> Logger {
    .standardError(at: try logLevel ?? Self.level(environment["LOG_LEVEL"]))
  }

  private static func level(_ text: String?) throws -> Logger.Level {
    guard let text, !text.isEmpty else { return .notice }
    guard let level = Logger.Level(rawValue: text.lowercased()) else {
      let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
      throw SettingError(name: "LOG_LEVEL", value: text, rule: "must be one of \(levels)")
    }
    return level
  }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}

extension Logger {
  /// Writes messages of at least `level` to standard error, one line each.
  static func standardError(at level: Level) -> Logger {
    var logger = Logger(label: "geminivideo") { PrintableLogHandler(StreamLogHandler.standardError(label: $0)) }
    logger.logLevel = level
    return logger
  }
}

/// Escapes control characters in messages and metadata before another handler writes them.
struct PrintableLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  private var base: any LogHandler

  init(_ base: any LogHandler) {
    self.base = base
  }

  func log(event: LogEvent) {
    var event = event
    event.message = "\(Printable.line(event.message.description))"
    var metadata = self.metadata
    if let error = event.error { metadata["error"] = "\(error)" }
    event.error = nil
    metadata.merge(event.metadata ?? [:]) { $1 }
    event.metadata = metadata.mapValues(Self.printable)
    base.log(event: event)
  }

  subscript(metadataKey key: String) -> Logger.MetadataValue? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  var logLevel: Logger.Level {
    get { base.logLevel }
    set { base.logLevel = newValue }
  }

  private static func printable(_ value: Logger.MetadataValue) -> Logger.MetadataValue {
    switch value {
    case .array(let values): .array(values.map(printable))
    case .dictionary(let values): .dictionary(values.mapValues(printable))
    default: .string(Printable.line(value.description))
    }
  }
}
