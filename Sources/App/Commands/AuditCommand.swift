import ArgumentParser
import Features
import Formats
import Values

/// `audit`: who changed what.
struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Show who changed what of an account.", subcommands: [List.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the account's audit log, newest first: as a table, or as lines of JSON with before and after.")

    @OptionGroup var account: AccountOption
    @Option(help: "How many at most, 1 to \(AuditService.page).")
    var limit = 50
    @Option(help: "Only lines before this one.")
    var before: AuditID?
    @Flag(help: "Print lines of JSON.")
    var json = false
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        let entries = try await system.audit.list(of: account.account, before: before, limit: limit)
        Console.print(json ? try AuditCommand.lines(entries) : AuditCommand.table(entries))
      }
    }
  }

  private static func lines(_ entries: [AuditEntry]) throws -> String {
    try entries.map { entry in
      var json = JSONWriter()
      try AuditCoding.write(entry, to: &json)
      return json.string
    }.joined(separator: "\n")
  }

  private static func table(_ entries: [AuditEntry]) -> String {
    var table = Table(["id", "at", "by", "what", "of"])
    for entry in entries {
      table.add([entry.id.description, "\(entry.at)", entry.actor, entry.action, entry.subject])
    }
    return table.text
  }
}

extension AuditID: ExpressibleByArgument {
  /// Reads the id of a line from the command line.
  public init?(argument: String) {
    self.init(argument)
  }
}
