import Storage
import StoragePostgres
import StorageSQLite

/// Which database to use: a file as `sqlite:PATH`, or a server as `postgresql://...`.
package enum DatabaseURL: Sendable, CustomStringConvertible {
  /// A SQLite file, by its path.
  case sqlite(path: String)
  /// A PostgreSQL server.
  case postgres(PostgresSettings)

  /// The default database: a file below the current folder.
  package static let standard = "sqlite:.geminivideo/geminivideo.sqlite"

  /// Throws a ``SettingError`` where the text is not a usable database URL; it does not repeat text that may contain a
  /// password.
  package init(_ text: String) throws(SettingError) {
    if text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") {
      do {
        self = .postgres(try PostgresSettings(text))
      } catch {
        throw SettingError(name: "database", value: "postgresql://…", rule: "cannot be used: \(error)")
      }
      return
    }
    guard text.hasPrefix("sqlite:"), text.count > "sqlite:".count else {
      let scheme = text.prefix { $0 != ":" }
      throw SettingError(
        name: "database", value: scheme.count < text.count ? "\(scheme):…" : text,
        rule: "must be sqlite:PATH or postgresql://USER@HOST/NAME")
    }
    self = .sqlite(path: String(text.dropFirst("sqlite:".count)))
  }

  /// Opens the database, and creates a missing file if `isMade`. A server is connected to when first needed.
  ///
  /// Throws a ``DatabaseError``, and a ``SettingError`` for a missing file that must not be created.
  package func open(isMade: Bool = true) throws -> any Database {
    switch self {
    case .sqlite(let path):
      guard isMade || SQLiteDatabase.exists(at: path) else {
        throw SettingError(
          name: "database", value: "sqlite:\(path)",
          rule: "does not exist; geminivideo migrate --database sqlite:\(path) makes it, and so does --create")
      }
      return try SQLiteDatabase(path: path, isMade: isMade)
    case .postgres(let settings): return PostgresDatabase(settings)
    }
  }

  /// A printable form: a file's path, but nothing about a server, which might contain a password.
  package var description: String {
    switch self {
    case .sqlite(let path): path
    case .postgres: "a server"
    }
  }
}

/// An invalid setting.
package struct SettingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The setting.
  package let name: String
  /// Its value, as it was given.
  package let value: String
  /// What it must be.
  package let rule: String

  /// Names the setting, the value and the rule.
  package var description: String { "\(name) is '\(value)': it \(rule)" }
}
