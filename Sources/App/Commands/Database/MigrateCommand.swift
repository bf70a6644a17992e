import ArgumentParser
import Storage

/// `migrate`: applies missing migrations, or shows them.
struct MigrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate", abstract: "Bring the database's schema up to date.",
    discussion: """
      Every other command does this first. Run it separately where the program's own role may not change
      the schema, or to see what an update will do.
      """)

  @Flag(help: "Only show which migrations are applied and which are missing.")
  var status = false
  @Flag(help: "Only print the SQL of the missing migrations.")
  var dryRun = false
  @OptionGroup var database: DatabaseOption

  func validate() throws {
    if status, dryRun { throw ValidationError("--status and --dry-run exclude each other") }
  }

  func run() async throws {
    try await reportingFailures {
      try await database.withDatabase(creates: true) { database in
        let migrator = Migrator(allMigrations)
        if status {
          Console.print(Self.table(try await migrator.status(of: database)))
        } else if dryRun {
          Console.print(Self.script(try await migrator.status(of: database)))
        } else {
          let applied = try await migrator.migrate(database, at: SystemClock.now)
          Console.print(applied.isEmpty ? "The schema is up to date." : "Applied \(applied.joined(separator: ", ")).")
        }
      }
    }
  }

  private static func table(_ steps: [MigrationStatus]) -> String {
    var table = Table(["step", "applied"])
    for step in steps { table.add([step.id, step.appliedAt.map { "\($0)" } ?? "missing"]) }
    return table.text
  }

  private static func script(_ steps: [MigrationStatus]) -> String {
    let missing = steps.filter { !$0.isApplied }
    guard !missing.isEmpty else { return "-- The schema is up to date." }
    return missing.map { step in
      "-- \(step.id)\n" + step.statements.map { "\($0);" }.joined(separator: "\n")
    }.joined(separator: "\n\n")
  }
}
