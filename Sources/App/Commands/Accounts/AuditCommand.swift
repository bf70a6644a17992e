import Accounts
import ArgumentParser
import Formats
import Values

/// `audit`: who changed what.
struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Show who changed what in an account, and whether the log is intact.",
    subcommands: [List.self, Verify.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the account's audit log, newest first: as a table, or as lines of JSON with before and after.")

    @OptionGroup var account: AccountOption
    @Option(help: "The most lines to print, 1 to \(AuditService.page).")
    var limit = 50
    @Option(help: "Only lines before this one.")
    var before: TimedID?
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

  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check each line of the audit log against its chain of hashes, and print the chain's head.")

    @Option(help: "Only this account; by default every account.")
    var account: AccountID?
    @Option(help: "A head of this account that was printed earlier, LINES:HASH: the lines before it must be unchanged.")
    var head: AuditHead?
    @OptionGroup var database: DatabaseOption

    func validate() throws {
      guard head == nil || account != nil else { throw ValidationError("--head needs --account") }
    }

    func run() async throws {
      try await database.run { system in
        var found: [AuditVerification] = []
        if let account {
          found = [try await system.audit.verify(account, mark: head)]
        } else {
          found = try await system.audit.verifyAll()
        }
        for log in found {
          Console.print("\(log.account): \(log.problem.map { "NOT INTACT: \($0)" } ?? "intact"), head \(log.head)")
        }
        guard found.allSatisfy({ $0.problem == nil }) else { throw ExitCode(1) }
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

extension AuditHead: ExpressibleByArgument {
  /// Reads a head from the command line.
  public init?(argument: String) {
    self.init(argument)
  }
}
