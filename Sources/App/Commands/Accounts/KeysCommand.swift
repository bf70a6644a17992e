import Accounts
import ArgumentParser
import Foundation
import Values
import Web

/// `keys`: creating, listing, replacing and revoking API keys.
struct KeysCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "Create, list, replace and revoke API keys.",
    subcommands: [Create.self, List.self, Revoke.self, Rotate.self])

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Create a key and print it; only its hash is stored, and it is never shown again.")

    @OptionGroup var account: AccountOption
    @Option(help: "What its holder may do: viewer, operator or admin.")
    var role: Role
    @Option(help: "A name for people.")
    var name = ""
    @Option(help: "Days after which it is refused, 1 to 3650; never by default.")
    var expiresInDays: Int?
    @OptionGroup var database: DatabaseOption

    func validate() throws {
      guard expiresInDays.map({ (1...3650).contains($0) }) ?? true else {
        throw ValidationError("--expires-in-days must be 1 to 3650")
      }
    }

    func run() async throws {
      try await database.run { system in
        let draft = APIKeyDraft(
          role: role, name: name, expiresAt: expiresInDays.map { system.clock().adding(seconds: Int64($0) * 86_400) })
        let made = try await system.keys.create(draft, for: account.account, by: .commandLine)
        Console.print(made.token, ifLost: "key \(made.id) was created, but nobody knows its text: revoke it")
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the ids of the account's keys; the keys themselves are not stored.")

    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        var table = Table(["key", "role", "name", "created", "last used", "state"])
        for key in try await system.keys.list(of: account.account) {
          table.add([
            key.id, key.role.rawValue, key.name, "\(key.createdAt)", key.lastUsedAt.map { "\($0)" } ?? "never",
            KeysCommand.state(of: key, at: system.clock()),
          ])
        }
        Console.print(table.text)
      }
    }
  }

  struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Revoke a key: it is refused within a second.")

    @Argument(help: "The key's id, as keys list shows it.")
    var key: String
    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        _ = try await system.keys.revoke(key, of: account.account, by: .commandLine)
        Console.print("Key \(key) is revoked.")
      }
    }
  }

  struct Rotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Create a key with the same role and name, print it, and end the old one after a grace period.")

    @Argument(help: "The old key's id, as keys list shows it.")
    var key: String
    @Option(help: "Hours for which the old key is still accepted, 0 to 8760.")
    var grace = 24
    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func validate() throws {
      guard (0...8_760).contains(grace) else { throw ValidationError("--grace must be 0 to 8760") }
    }

    func run() async throws {
      try await database.run { system in
        let made = try await system.keys.rotate(
          key, of: account.account, graceHours: grace, by: .commandLine)
        Console.print(made.token)
      }
    }
  }

  private static func state(of key: APIKey, at now: Instant) -> String {
    if let moment = key.revokedAt { return "revoked \(moment)" }
    guard let end = key.expiresAt else { return "valid" }
    return end <= now ? "expired \(end)" : "valid until \(end)"
  }
}
