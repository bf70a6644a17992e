import Accounts
import ArgumentParser
import Formats
import Platforms
import Values

/// `execution`: an account's execution settings, and the switches that stop its changes.
struct ExecutionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "execution", abstract: "Show and set the limits for changes; stop and resume execution.",
    subcommands: [Show.self, Set.self, Stop.self, Resume.self])

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the settings as JSON, and whether execution is stopped.")

    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        Console.print(try ExecutionCommand.text(try await system.execution.state(of: account.account)))
      }
    }
  }

  struct Set: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Change settings, such as mode=approve holder_cap=200; the others stay.",
      discussion: """
        The mode is observe at first: nothing is written. It can be set to approve or automatic once holder_floor,
        holder_cap, account_floor, account_cap and max_daily_spend are set: these have no default.
        """)

    @OptionGroup var account: AccountOption
    @Argument(help: "What to change, as field=value.")
    var changes: [String]
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        let currency = try await system.execution.state(of: account.account).currency
        let changes = try ExecutionSettingsCoding.readChanges(try FieldArguments.body(of: changes), currency)
        let state = try await system.execution.update(account.account, by: .commandLine, changes)
        Console.print(try ExecutionCommand.text(state))
      }
    }
  }

  /// Which account, or all.
  struct Target: ParsableArguments {
    @Option(help: "The account.")
    var account: AccountID?
    @Flag(help: "All accounts.")
    var all = false

    func validate() throws {
      guard (account != nil) != all else { throw ValidationError("give --account ACCOUNT or --all") }
    }

    var name: String { account.map { "account \($0)" } ?? "all accounts" }
  }

  struct Stop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Stop all writes at the platform within a second, and list those that were already sent.")

    @OptionGroup var target: Target
    @Option(help: "Why, for the record.")
    var reason = "no reason given"
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        let report = try await system.execution.stop(target.account, by: .commandLine, reason: reason)
        let since = report.isNew ? "is stopped" : "was stopped already, by \(report.stop.by) at \(report.stop.at)"
        Console.print("Execution for \(target.name) \(since). No more writes are sent.")
        Console.print("Budgets stay as they are, and ads keep delivering.")
        for change in report.underWay {
          Console.print(
            "Could not be stopped, already sent: change \(change.change) of \(change.object) (account \(change.account))."
          )
        }
      }
    }
  }

  struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Resume execution: changes may be written again.")

    @OptionGroup var target: Target
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        let isNew = try await system.execution.resume(target.account, by: .commandLine)
        Console.print("Execution for \(target.name) \(isNew ? "is resumed" : "was not stopped").")
        guard target.account != nil, let stop = try await system.execution.stopForAll() else { return }
        Console.print("It is still stopped for all accounts: \(stop.reason).")
      }
    }
  }

  private static func text(_ state: ExecutionSettingsService.State) throws -> String {
    var json = JSONWriter()
    ExecutionSettingsCoding.write(state, to: &json)
    return JSONWriter.pretty(try JSONReader.read(json.bytes) { try $0.readValue() })
  }
}
