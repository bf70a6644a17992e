import AppTestKit
import Formats
import Foundation
import Storage
import Testing

/// The commands about accounts, their keys, their configuration's past and their log.
struct AccountCommandTests {
  private static let ads = "ad_id,date,impressions,clicks,spend\n1,2026-05-01,1000,10,50.25\n"

  private func program() async throws -> Program {
    let program = try await Program()
    try await program.output("accounts", "create", "--account", "acme")
    return program
  }

  @Test("Keys are listed by id, replaced and revoked")
  func keys() async throws {
    let program = try await program()
    let first = try await program.output(
      "keys", "create", "--account", "acme", "--role", "viewer", "--name", "Dashboard", "--expires-in-days", "3")
    let id = try #require(first.split(separator: "_").dropFirst().first.map(String.init))
    let second = try await program.output("keys", "rotate", id, "--account", "acme", "--grace", "1")
    #expect(second.wholeMatch(of: /gv_[0-9a-f]{16}_[0-9a-f]{64}\n/) != nil)
    let secondID = try #require(second.split(separator: "_").dropFirst().first.map(String.init))
    try await program.output("keys", "revoke", secondID, "--account", "acme")
    let listed = try await program.output("keys", "list", "--account", "acme")
    #expect(listed.split(separator: "\n").count == 4)
    #expect(listed.contains("valid until") && listed.contains("revoked"))
    for token in [first, second] { #expect(!listed.contains(token.dropLast())) }
    let unknown = try await program.run("keys", "revoke", "nothing", "--account", "acme")
    #expect(unknown.status == 2)
    #expect(unknown.errors == "key nothing does not exist\n")
  }

  @Test("A dry run changes nothing, and every version can be shown")
  func configuration() async throws {
    let program = try await program()
    let preview = try await program.output("config", "set", "--account", "acme", "--dry-run", "aov=12000")
    #expect(try JSONValue(parsing: preview.utf8).text("changes.0.field") == "aov")
    try await program.output("config", "set", "--account", "acme", "aov=12000")
    let history = try await program.output("config", "history", "--account", "acme").split(separator: "\n").dropFirst(2)
    #expect(history.compactMap { $0.split(separator: " ").first } == ["2", "1"])
    #expect(history.allSatisfy { $0.contains("cli:") })
    for (version, aov) in [("1", 15_000.0), ("2", 12_000)] {
      let shown = try await program.output("config", "show", "--account", "acme", "--version", version)
      #expect(try JSONValue(parsing: shown.utf8).number("aov") == aov)
    }
    let log = try await program.output("audit", "list", "--account", "acme", "--json").split(separator: "\n")
    let actions = try log.map { try JSONValue(parsing: $0.utf8).text("action") }
    #expect(actions == ["configuration_changed", "account_created"])
  }

  @Test("The audit log is checked against its chain, and against a head that was printed earlier")
  func verify() async throws {
    let program = try await program()
    let first = try await program.output("audit", "verify")
    let head = try #require(first.split(separator: " ").last).trimmingCharacters(in: .newlines)
    #expect(first == "acme: intact, head \(head)\n")
    #expect(head.hasPrefix("1:"))
    try await program.output("config", "set", "--account", "acme", "aov=12000")
    let later = try await program.output("audit", "verify", "--account", "acme", "--head", head)
    #expect(later.hasPrefix("acme: intact, head 2:"))
    let other = "1:" + String(repeating: "0", count: 64)
    let wrong = try await program.run("audit", "verify", "--account", "acme", "--head", other)
    #expect(wrong.status == 1)
    #expect(wrong.output.contains("NOT INTACT: line 1 or one before it is not what it was"))
    #expect(try await program.run("audit", "verify", "--head", head).status == 64)
  }

  @Test("A limit that is not named stays as it is, and a quota refuses what is too much")
  func limits() async throws {
    let program = try await program()
    try await program.output("accounts", "limit", "--account", "acme", "--burst", "5")
    let shown = try await program.output(
      "accounts", "limit", "--account", "acme", "--quota", "ads=1", "--quota", "waiting_jobs=9")
    #expect(shown.contains("may send 6000 requests a minute, 5 in a burst"))
    #expect(try await program.output("accounts", "list").contains("1 ads, 9 waiting jobs"))
    try program.write(Self.ads + "2,2026-05-01,1000,10,50.25\n", to: "ads.csv")
    let refused = try await program.run("import", "ads-csv", "ads.csv", "--account", "acme")
    #expect(refused.status == 2)
    #expect(
      refused.errors
        == "account acme may have 1 ads, and this would make it 2; ask who runs this server for more\n")
    try await program.output("accounts", "limit", "--account", "acme", "--quota", "ads=none")
    try await program.output("import", "ads-csv", "ads.csv", "--account", "acme")
    #expect(try await program.run("accounts", "limit", "--account", "acme", "--quota", "ads=0").status != 0)
    let unknown = try await program.run("accounts", "limit", "--account", "acme", "--quota", "cats=5")
    #expect(unknown.status == 2)
    #expect(unknown.errors.contains("must be one of ads, decisions, waiting_jobs"))
  }

  @Test("What a feature refuses is said in its own sentence, with status 2")
  func refusals() async throws {
    let program = try await program()
    let job = "00000000-0000-7000-8000-000000000000"
    let refusals: [([String], String)] = [
      (
        ["config", "set", "--account", "acme", "timezone=Mars/Olympus"],
        "timezone is Mars/Olympus: must be an IANA time "
      ),
      (["config", "set", "--account", "acme", "aov=many"], "aov is many: must be a number, or a decimal such as"),
      (["config", "show", "--account", "acme", "--version", "9"], "version 9 of account acme does not exist\n"),
      (["ads", "pause", "--account", "acme", "9"], "ad 9 of account acme does not exist\n"),
      (["jobs", "cancel", "--account", "acme", job], "job \(job) does not exist\n"),
      (["explain", "acme:0"], "decision acme:0 does not exist\n"),
      (
        ["backtest", "--account", "acme", "--from", "2026-05-02", "--to", "2026-05-01"], "to is 2026-05-01: must be 20"
      ),
      (
        ["decide", "--account", "acme", "--budget", "20"],
        "ad_states is no ads: at least one ad is needed; import figures"
      ),
      (["config", "show", "--account", "nobody"], "account nobody does not exist\n"),
    ]
    for (arguments, sentence) in refusals {
      let refused = try await program.run(arguments)
      #expect(refused.status == 2, "\(arguments)")
      #expect(refused.output == "", "\(arguments)")
      #expect(refused.errors.hasPrefix(sentence), "\(refused.errors)")
      #expect(refused.errors.split(separator: "\n").count == 1, "\(refused.errors)")
    }
  }

  @Test("A row that cannot be read is named, with status 1: it is not the caller's fault")
  func unreadableRow() async throws {
    let program = try await program()
    let database = try program.openDatabase()
    _ = try await database.write {
      try $0.execute(#"UPDATE account_configurations SET configuration = '{"blending_curve": "sideways"}'"#)
    }
    await database.shutDown()
    let shown = try await program.run("config", "show", "--account", "acme")
    #expect(shown.status == 1)
    #expect(shown.errors.hasPrefix("the row account_id=acme of account_configurations cannot be read: "))
  }

  @Test("An account is exported and, once its name is said again, deleted")
  func end() async throws {
    let program = try await program()
    try program.write(Self.ads, to: "ads.csv")
    try await program.output("import", "ads-csv", "ads.csv", "--account", "acme")
    try await program.output("keys", "create", "--account", "acme", "--role", "admin")
    try await program.output("accounts", "limit", "--account", "acme", "--requests-per-minute", "60", "--burst", "5")
    try await program.output("accounts", "disable", "--account", "acme")
    #expect(try await program.output("accounts", "list").contains("60, 5 in a burst"))
    try await program.output("accounts", "enable", "--account", "acme")
    let folder = program.path("export")
    try await program.output("accounts", "export", "--account", "acme", "--to", folder)
    let days = try JSONLines.read(folder + "/ad_daily_metrics.jsonl")
    #expect(try days.map { try $0.number("clicks") } == [10])
    #expect(try JSONLines.read(folder + "/api_keys.jsonl").first?["secret_hash"] == nil)
    #expect(try await program.run("accounts", "export", "--account", "acme", "--to", folder).status == 2)
    let refused = try await program.run("accounts", "delete", "--account", "acme", "--confirm", "acne")
    #expect(refused.status == 2)
    #expect(
      try await program.output("accounts", "delete", "--account", "acme", "--confirm", "acme").contains("api_keys"))
    #expect(try await program.output("accounts", "receipts").contains("acme"))
    #expect(try await program.run("config", "show", "--account", "acme").status == 2)
  }
}
