import ArgumentParser
import Features
import Values

/// `keys create`: API keys.
struct KeysCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "Make API keys.", subcommands: [Create.self])

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a key and print it; it is stored hashed and never shown again.")

    @OptionGroup var account: AccountOption
    @Option(help: "What its holder may do: viewer, operator or admin.")
    var role: Role
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await reportingFailures {
        Console.print(try await database.withSystem { try await $0.keys.create(for: account.account, role: role) })
      }
    }
  }
}
