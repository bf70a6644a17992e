import Database
import DatabaseSQLite

/// Which database to use, as `sqlite:PATH`.
public struct DatabaseURL: Hashable, Sendable {
  /// The database of a program that was told of no other: a file below the present folder.
  public static let standard = "sqlite:.geminivideo/geminivideo.sqlite"

  /// The path of the SQLite file.
  public let path: String

  /// Throws a ``SettingError`` where the text names no database this release can use.
  public init(_ text: String) throws(SettingError) {
    guard text.hasPrefix("sqlite:"), text.count > "sqlite:".count else {
      throw SettingError(name: "database", value: text, rule: "must be sqlite:PATH")
    }
    path = String(text.dropFirst("sqlite:".count))
  }

  /// Opens the database.
  public func open() throws(DatabaseError) -> any Database {
    try SQLiteDatabase(path: path)
  }
}

/// A setting that cannot be used.
public struct SettingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The setting.
  public let name: String
  /// Its value, as it was given.
  public let value: String
  /// What it must be.
  public let rule: String

  /// Names the setting, the value and the rule.
  public var description: String { "\(name) is '\(value)': it \(rule)" }
}
