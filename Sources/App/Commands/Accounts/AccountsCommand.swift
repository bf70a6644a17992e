import Accounts
import ArgumentParser
import Values

/// `accounts`: creating, listing, limiting, disabling, exporting and deleting accounts.
struct AccountsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accounts", abstract: "Create, list, limit, disable, enable, export and delete accounts.",
    subcommands: [
      Create.self, List.self, Limit.self, Disable.self, Enable.self, Export.self, Delete.self, Receipts.self,
    ])

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Create an account with the default configuration.")

    @OptionGroup var account: AccountOption
    @Option(help: "The currency of its amounts.")
    var currency: Currency = .usd
    @Option(help: "The ad account's time zone, by its IANA name.")
    var timezone = "UTC"
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run(creates: true) { system in
        try await system.accounts.create(
          account.account, currency: currency, timezone: timezone, by: .commandLine)
        Console.print("Account \(account.account) is ready: amounts in \(currency), days of \(timezone).")
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the accounts.")

    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        var table = Table(["account", "currency", "time zone", "created", "requests a minute", "quotas", "disabled"])
        for account in try await system.accounts.all() {
          table.add([
            account.id.value, account.currency, account.timezone, "\(account.createdAt)",
            "\(account.rate.perMinute), \(account.rate.burst) in a burst",
            Limit.text(account.quotas), account.disabledAt.map { "since \($0)" } ?? "",
          ])
        }
        Console.print(table.text)
      }
    }
  }
}
