import AppTestKit
import Formats
import Testing

/// The commands about changes and what they are held to.
struct ExecutionCommandTests {
  private func program() async throws -> Program {
    let program = try await Program()
    try await program.output("accounts", "create", "--account", "acme")
    return program
  }

  @Test("Settings are shown and set, and a mode that needs amounts is refused without them")
  func settings() async throws {
    let program = try await program()
    let shown = try JSONValue(parsing: try await program.output("execution", "show", "--account", "acme").utf8)
    #expect(try shown.text("mode") == "observe")
    let refused = try await program.run("execution", "set", "--account", "acme", "mode=automatic")
    #expect(refused.status == 2)
    #expect(refused.errors.contains("holder_floor is not set"))
    let changed = try JSONValue(
      parsing: try await program.output(
        "execution", "set", "--account", "acme", "mode=approve", "holder_floor=10", "holder_cap=200", "account_floor=0",
        "account_cap=1000", "max_daily_spend=1750", "change_hours=mon-fri 8-20"
      ).utf8)
    #expect(try changed.text("change_hours") == "mon-fri 8-20")
    #expect(try changed.number("account_cap") == 1_000)
  }

  @Test("Execution is stopped and resumed, for one account or for all")
  func stop() async throws {
    let program = try await program()
    let stopped = try await program.output("execution", "stop", "--account", "acme", "--reason", "fire")
    #expect(stopped.hasPrefix("Execution for account acme is stopped. No more writes are sent.\n"))
    #expect(try await program.output("execution", "stop", "--account", "acme").contains("was stopped already, by cli:"))
    try await program.output("execution", "stop", "--all", "--reason", "storm")
    let resumed = try await program.output("execution", "resume", "--account", "acme")
    #expect(resumed == "Execution for account acme is resumed.\nIt is still stopped for all accounts: storm.\n")
    #expect(try await program.output("execution", "resume", "--all") == "Execution for all accounts is resumed.\n")
    #expect(try await program.run("execution", "stop").status == 64)
    let log = try await program.output("audit", "list", "--account", "acme", "--json")
    #expect(log.split(separator: "\n").count { $0.contains("execution_stopped") } == 2)
  }

  @Test("Without an ad account optimize decides and proposes nothing")
  func optimize() async throws {
    let program = try await program()
    try program.write("ad_id,date,impressions,clicks,spend\n1,2026-05-01,1000,10,50.25\n", to: "ads.csv")
    try await program.output("import", "ads-csv", "ads.csv", "--account", "acme")
    try await program.output("config", "set", "--account", "acme", "figures_limit_days=36500")
    let text = try await program.output("optimize", "--account", "acme", "--budget", "20")
    #expect(text.contains("20.00 a day over the running ads: decision acme:"))
    #expect(text.contains("no ad account is connected"))
    #expect(try await program.output("changes", "list", "--account", "acme").split(separator: "\n").count == 2)
    #expect(try await program.run("changes", "approve", "--account", "acme").status == 64)
    let unknown = try await program.run("changes", "approve", String(repeating: "0", count: 24), "--account", "acme")
    #expect(unknown.status == 2)
    #expect(unknown.errors.contains("does not exist"))
  }
}
