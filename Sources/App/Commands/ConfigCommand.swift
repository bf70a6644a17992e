import ArgumentParser
import Features
import Formats
import Values

/// `config show` and `config set`.
struct ConfigCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Show and change what an account's decisions are made by.",
    subcommands: [Show.self, Set.self])

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show the configuration as JSON.")

    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await reportingFailures {
        let configuration = try await database.withSystem {
          try await $0.accounts.configuration(of: account.account)
        }
        Console.print(try ConfigCommand.text(configuration))
      }
    }
  }

  struct Set: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Change fields, such as aov=12000 blending_curve=slow; the others stay.")

    @OptionGroup var account: AccountOption
    @Argument(help: "What to change, as field=value.")
    var changes: [String]
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await reportingFailures {
        let changes = try ConfigurationCoding.readChanges(try ConfigCommand.body(of: changes))
        let updated = try await database.withSystem { system in
          try await system.accounts.update(account.account, figures: system.ads) { configuration in
            for change in changes { change(&configuration) }
          }
        }
        Console.print(try ConfigCommand.text(updated))
      }
    }
  }

  private static func text(_ configuration: AccountConfiguration) throws -> String {
    var json = JSONWriter()
    json.object { ConfigurationCoding.write(configuration, to: &$0) }
    return JSONWriter.pretty(try JSONReader.read(json.bytes) { try $0.readValue() })
  }

  /// The JSON object that `field=value` words stand for: a value that is JSON counts as such, else as text.
  private static func body(of changes: [String]) throws -> [UInt8] {
    let members = try changes.map { change -> (key: String, value: JSONValue) in
      let sides = change.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard sides.count == 2 else {
        throw SettingError(name: "change", value: change, rule: "must be field=value")
      }
      return (sides[0], (try? JSONReader.read(sides[1]) { try $0.readValue() }) ?? .string(sides[1]))
    }
    var json = JSONWriter()
    JSONValue.object(JSONObject(members)).write(to: &json)
    return json.bytes
  }
}
