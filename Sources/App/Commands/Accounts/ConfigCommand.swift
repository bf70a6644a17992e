import Accounts
import ArgumentParser
import Formats
import Values

/// `config`: an account's configuration, now and before.
struct ConfigCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Show and change an account's configuration.",
    subcommands: [Show.self, Set.self, History.self])

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show the configuration as JSON.")

    @OptionGroup var account: AccountOption
    @Option(help: "Show this version, such as the one a decision names.")
    var version: Int?
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        let accounts = system.accounts
        guard let version else {
          let configuration = try await accounts.configuration(of: account.account)
          return Console.print(try ConfigCommand.text { accounts.settings.write(configuration, to: &$0) })
        }
        Console.print(JSONWriter.pretty(try await accounts.version(version, of: account.account).configuration))
      }
    }
  }

  struct History: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the versions of the configuration, newest first, with when and by whom each was made.")

    @OptionGroup var account: AccountOption
    @Option(help: "The most versions to print, 1 to \(AccountService.versionPage).")
    var limit = 50
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        var table = Table(["version", "since", "by"])
        for version in try await system.accounts.versions(of: account.account, limit: limit) {
          table.add(["\(version.version)", "\(version.changedAt)", version.changedBy])
        }
        Console.print(table.text)
      }
    }
  }

  struct Set: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Change fields, such as aov=12000 blending_curve=slow; the others stay.",
      discussion: AccountSettings.standard.all.map { "\($0.name): \($0.description)" }.joined(separator: "\n"))

    @OptionGroup var account: AccountOption
    @Argument(help: "What to change, as field=value.")
    var changes: [String]
    @Flag(help: "Change nothing; show which fields would change, and the resulting worth of each ad's deals.")
    var dryRun = false
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        let settings = system.accounts.settings
        let change = try settings.change(by: FieldArguments.body(of: changes))
        if dryRun {
          let preview = try await system.accounts.preview(account.account, figures: system.ads, change)
          return Console.print(try ConfigCommand.text { ConfigurationPreviewCoding.write(preview, to: &$0) })
        }
        let updated = try await system.accounts.update(
          account.account, figures: system.ads, by: .commandLine, change)
        Console.print(try ConfigCommand.text { settings.write(updated, to: &$0) })
      }
    }
  }

  private static func text(_ write: (inout JSONWriter) -> Void) throws -> String {
    var json = JSONWriter()
    json.object(write)
    return JSONWriter.pretty(try JSONReader.read(json.bytes) { try $0.readValue() })
  }
}
