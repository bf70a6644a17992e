import ArgumentParser
import StorageSQLite

/// `backup`: a copy of a SQLite database, while others read and write it.
struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Copy a SQLite database as of one moment.",
    discussion: """
      Others may read and write the database meanwhile. The copy is a complete database: to restore it, stop the \
      program, remove the database's files (also -wal and -shm) and put the copy in its place. For PostgreSQL use \
      pg_dump and pg_restore.
      """)

  @Option(help: "The file to write, which must not exist yet.", completion: .file())
  var to: String
  @OptionGroup var database: DatabaseOption

  func run() async throws {
    try await reportingFailures {
      guard case .sqlite(let path) = try database.url else {
        throw SettingError(
          name: "database", value: "postgresql://…", rule: "must be sqlite:PATH; for PostgreSQL use pg_dump")
      }
      guard SQLiteDatabase.exists(at: path) else {
        throw SettingError(name: "database", value: "sqlite:\(path)", rule: "must exist")
      }
      try SQLiteBackup(of: path).write(to: to)
      Console.print("Copied \(path) to \(to).")
    }
  }
}
