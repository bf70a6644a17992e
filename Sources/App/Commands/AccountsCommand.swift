import ArgumentParser
import Features
import Values

/// `accounts create` and `accounts list`.
struct AccountsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accounts", abstract: "Make and list accounts.", subcommands: [Create.self, List.self])

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make an account with the default configuration.")

    @OptionGroup var account: AccountOption
    @Option(help: "The currency of its amounts.")
    var currency: Currency = .usd
    @Option(help: "The ad account's time zone, by its IANA name.")
    var timezone = "UTC"
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await reportingFailures {
        try await database.withSystem {
          try await $0.accounts.create(account.account, currency: currency, timezone: timezone)
        }
        Console.print("Account \(account.account) is ready: amounts in \(currency), days of \(timezone).")
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the accounts.")

    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await reportingFailures {
        var table = Table(["account", "currency", "time zone", "created"])
        for account in try await database.withSystem({ try await $0.accounts.all() }) {
          table.add([account.id.value, account.currency, account.timezone, "\(account.createdAt)"])
        }
        Console.print(table.text)
      }
    }
  }
}
