import App
import AppTestKit
import Decisions
import Formats
import Foundation
import Measurement
import Storage
import TestKit
import Testing
import Values

/// The commands as a shell sees them: results on standard output, everything else on standard error, and the status.
struct CommandTests {
  /// Yesterday: the program reads the machine's clock and decides on fresh figures alone.
  private static let day = SystemClock.now.utcDay.adding(days: -1)
  private static let ads =
    "ad_id,date,impressions,clicks,spend,won_deals\n1,\(day),1000,10,50.25,1\n2,\(day),2000,30,49.75,\n"

  private func programWithAds() async throws -> Program {
    let program = try await Program()
    try await program.output("accounts", "create", "--account", "acme")
    try program.write(Self.ads, to: "ads.csv")
    try await program.output("import", "ads-csv", "ads.csv", "--account", "acme")
    return program
  }

  @Test("Accounts are made and listed")
  func accounts() async throws {
    let program = try await Program()
    let made = try await program.output(
      "accounts", "create", "--account", "acme", "--currency", "eur", "--timezone", "Europe/Berlin")
    #expect(made == "Account acme is ready: amounts in EUR, days of Europe/Berlin.\n")
    let list = try await program.output("accounts", "list").split(separator: "\n")
    #expect(list.count == 3)
    #expect(list[2].split(separator: " ").prefix(3) == ["acme", "EUR", "Europe/Berlin"])
    let again = try await program.run("accounts", "create", "--account", "acme")
    #expect(again.status == 2)
    #expect(again.output == "")
    #expect(again.errors == "account acme exists already\n")
  }

  @Test("A key is printed alone and is valid", arguments: ["viewer", "operator", "admin"])
  func keys(_ role: String) async throws {
    let program = try await programWithAds()
    let key = try await program.output("keys", "create", "--account", "acme", "--role", role)
    #expect(key.hasSuffix("\n"))
    #expect(key.wholeMatch(of: /gv_[0-9a-f]{16}_[0-9a-f]{64}\n/) != nil)
    let database = try program.openDatabase()
    let rows = try await database.read { transaction in
      try DatabaseContents.tables(in: transaction).flatMap { table in
        try DatabaseContents.rows(
          of: table, DatabaseContents.columns(of: table, in: transaction), in: transaction)
      }
    }
    await database.shutDown()
    #expect(rows.count > 3)
    #expect(!rows.contains { $0.contains(key.dropLast()) })
  }

  @Test("An import reports its totals and what it read them from")
  func importing() async throws {
    let program = try await Program()
    try await program.output("accounts", "create", "--account", "acme")
    try program.write(Self.ads, to: "ads.csv")
    let report = try await program.output("import", "ads-csv", "ads.csv", "--account", "acme")
    #expect(report.hasPrefix("ads.csv: 2 rows of 2 ads; 3,000 impressions, 40 clicks, 100.00 spent, 1 sales\n"))
    #expect(report.contains("read ad_id from 'ad_id', date from 'date'"))
    try program.write("ad_id,date,impressions,clicks,spend\n1,2026-05-01,1,x,3\n2,2026-05-01,2,2,3\n", to: "bad.csv")
    let refused = try await program.run("import", "ads-csv", "bad.csv", "--account", "acme")
    #expect(refused.status == 2)
    #expect(refused.output == "")
    #expect(refused.errors.hasPrefix("bad.csv:2: column clicks is 'x': must be a whole number\n"))
    let skipped = try await program.output("import", "ads-csv", "bad.csv", "--account", "acme", "--skip-bad-rows")
    #expect(skipped.contains("set 1 bad rows aside in bad.csv.rejects.csv"))
  }

  @Test("An import takes one pipeline of an export in, and says what it left out")
  func onePipeline() async throws {
    let program = try await Program()
    try await program.output("accounts", "create", "--account", "acme")
    try program.write("Record ID,Deal Stage,Pipeline\n1,lead,Sales\n2,lead,Renewals\n", to: "deals.csv")
    let report = try await program.output(
      "import", "hubspot-deals", "deals.csv", "--account", "acme", "--pipeline", "sales")
    #expect(report.contains("  left out 1 deals of other pipelines\n"))
  }

  @Test("A file can be looked at without an account and without a database")
  func guessing() async throws {
    let program = try await Program()
    try program.write(Self.ads, to: "ads.csv")
    let guess = try await program.output("import", "--guess", "ads.csv")
    #expect(guess.hasPrefix("ads.csv: looks like ads-csv\n"))
    #expect(guess.contains("  import it with: geminivideo import ads-csv ads.csv --account ACCOUNT\n"))
    try await program.output("accounts", "create", "--account", "acme", "--currency", "EUR")
    try program.write("Day,Ad ID,Impressions,Clicks,Amount spent (USD)\n2026-10-01,1,1,1,1\n", to: "usd.csv")
    let refused = try await program.output("import", "--guess", "usd.csv", "--account", "acme")
    #expect(refused.contains("  to fix: usd.csv: amounts are in USD, but the account's currency is EUR\n"))
    #expect(try await program.run("import", "ads-csv", "ads.csv").errors.contains("--account"))
  }

  @Test("Deals are imported by stages that are named on the command line")
  func deals() async throws {
    let program = try await programWithAds()
    try program.write("id,dealstage,ad_id,closedate\n1,Signed,2,3/4/2026\n", to: "deals.csv")
    let report = try await program.output(
      "import", "hubspot-deals", "deals.csv", "--account", "acme", "--date-format", "mdy", "--stage",
      "Signed=closed_won")
    #expect(report.hasPrefix("deals.csv: 1 deals; 1 ads have a new value\n"))
    let decided = try await program.output(
      "decide", "--account", "acme", "--budget", "10", "--policy", "battle_hardened", "--format", "json")
    #expect(
      try abs(JSONValue(parsing: decided.utf8).number("recommendations.1.metrics.pipeline_roas") - 301.5075) < 1e-4)
  }

  @Test("A decision in JSON has the shape that select answers with")
  func json() async throws {
    let program = try await programWithAds()
    let text = try await program.output(
      "decide", "--account", "acme", "--budget", "10", "--seed", "7", "--no-change-limit", "--format", "json")
    let decided = try JSONValue(parsing: text.utf8)
    let test = try await TestSystem(at: SystemClock.now)
    try await test.importText(Self.ads, as: .adsCSV)
    let selected = try await test.serving { api in
      try await api.post("/api/ml/battle-hardened/select", #"{"total_budget": 20}"#).done()
    }
    #expect(
      decided.keys.filter { !["note", "binding_constraint"].contains($0) }
        == selected.keys.filter { !["note", "binding_constraint"].contains($0) })
    #expect(try decided.at("recommendations.0").keys == selected.at("recommendations.0").keys)
    #expect(try decided.at("recommendations.0.outlook").keys == selected.at("recommendations.0.outlook").keys)
    #expect(try decided.number("allocated_budget") == 10)
    #expect(try decided.number("seed") == 7)
    #expect(try decided.list("recommendations").map { try $0.text("ad_id") } == ["1", "2"])
  }

  @Test("A decision as a table and as CSV")
  func tableAndCSV() async throws {
    let program = try await programWithAds()
    let table = try await program.output(
      "decide", "--account", "acme", "--budget", "10", "--seed", "7", "--no-change-limit", "--policy",
      "battle_hardened")
    #expect(table.contains("Allocated 10.00 of 10.00 USD over 2 ads by battle_hardened/2, seed 7."))
    #expect(table.contains("Why: geminivideo explain acme:"))
    let csv = try await program.run(
      "decide", "--account", "acme", "--budget", "10", "--seed", "7", "--no-change-limit", "--policy",
      "battle_hardened", "--format", "csv")
    #expect(csv.status == 0)
    #expect(csv.errors.hasPrefix("Figures as of "))
    let lines = csv.output.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines.first?.hasPrefix("ad,spend,CTR,pipeline ROAS,") == true)
    let budgets = lines.dropFirst().compactMap {
      Double($0.split(separator: ",", omittingEmptySubsequences: false)[10])
    }
    #expect(abs(budgets.reduce(0, +) - 10) < 1e-9)
  }

  @Test("Ads are listed with their state and its source, and paused and activated by name")
  func adStates() async throws {
    let program = try await programWithAds()
    let listed = try await program.output("ads", "list", "--account", "acme").split(separator: "\n")
    #expect(listed.count == 6)
    #expect(listed[2].split(separator: " ").prefix(4) == ["1", "active", "inferred", "\(Self.day)"])
    #expect(listed.suffix(2) == ["2 of 2 ads run.", "Figures as of \(Self.day)."])
    #expect(try await program.output("ads", "pause", "--account", "acme", "2") == "2 is paused\n")
    #expect(
      try await program.output("ads", "pause", "--account", "acme", "2")
        == "Nothing changed: each was paused already\n")
    let line = try await program.output("ads", "list", "--account", "acme", "--json", "2")
    let ad = try JSONValue(parsing: line.utf8)
    #expect(try ad.text("state") == "paused")
    #expect(try ad.text("source") == "person")
    #expect(try ad.text("stated_by").hasPrefix("cli:"))
    let csv = try await program.run("decide", "--account", "acme", "--budget", "10", "--format", "csv")
    #expect(csv.output.split(separator: "\n").count == 2)
    #expect(csv.errors.contains("Figures as of \(Self.day), deals as of \(Self.day)T00:00:00Z.\n"))
    #expect(csv.errors.contains("1 ad is left out: 1 paused by a person"))
    let table = try await program.output("decide", "--account", "acme", "--budget", "10")
    #expect(table.contains("Figures as of \(Self.day), deals as of \(Self.day)T00:00:00Z.\n"))
    #expect(table.contains("1 ad is left out: 1 paused by a person"))
    #expect(table.contains("geminivideo ads list --account acme"))
    #expect(try await program.output("ads", "activate", "--account", "acme", "2") == "2 is active\n")
    let unknown = try await program.run("ads", "pause", "--account", "acme", "3")
    #expect(unknown.status == 2)
    #expect(unknown.errors == "ad 3 of account acme does not exist\n")
  }

  @Test("A decision is explained and replayed", arguments: Policy.allCases)
  func explainAndReplay(_ policy: Policy) async throws {
    let program = try await programWithAds()
    let decided = try await program.output(
      "decide", "--account", "acme", "--budget", "10", "--seed", "7", "--policy", policy.rawValue, "--format", "json")
    let id = try JSONValue(parsing: decided.utf8).text("decision_id")
    let explanation = try await program.output("explain", id)
    #expect(explanation.hasPrefix("Decision \(id) of "))
    #expect(explanation.contains("Ad 1\n"))
    #expect(explanation.contains("Ad 2\n"))
    let one = try await program.output("explain", id, "--ad", "2")
    #expect(!one.contains("Ad 1\n"))
    let json = try JSONValue(parsing: try await program.output("explain", id, "--json").utf8)
    #expect(try json.number("inputs.seed") == 7)
    #expect(try await program.output("replay", id).hasPrefix("Identical to the bit: \(policy.rawValue)/2, seed 7, "))
    #expect(try await program.run("explain", id, "--ad", "3").status == 2)
    for command in ["explain", "replay"] {
      let unknown = try await program.run(command, "acme:0000")
      #expect(unknown.status == 2)
      #expect(unknown.errors == "decision acme:0000 does not exist\n")
      #expect(try await program.run(command, "nonsense").status == 2)
    }
  }

  @Test("The configuration is shown and changed")
  func configuration() async throws {
    let program = try await programWithAds()
    let shown = try JSONValue(parsing: try await program.output("config", "show", "--account", "acme").utf8)
    #expect(try shown.number("aov") == 15_000)
    let changed = try await program.output(
      "config", "set", "--account", "acme", "aov=12000", "blending_curve=slow", "max_daily_change=0.25")
    #expect(try JSONValue(parsing: changed.utf8).number("aov") == 12_000)
    #expect(try await program.output("config", "show", "--account", "acme") == changed)
    for change in ["aov=0", "aov", "currency=EUR", "name=x"] {
      let refused = try await program.run("config", "set", "--account", "acme", change)
      #expect(refused.status == 2, "\(change)")
      #expect(refused.output == "", "\(change)")
      #expect(!refused.errors.isEmpty, "\(change)")
    }
    #expect(try await program.output("config", "show", "--account", "acme") == changed)
  }

  @Test("The schema's steps are shown, printed as SQL and applied")
  func migrate() async throws {
    let program = try await Program()
    let file = ["--database", "sqlite:fresh.sqlite"]
    let run = { (arguments: [String]) in
      let outcome = try await program.start(["migrate"] + arguments + file).outcome()
      try #require(outcome.status == 0, "\(outcome.errors)")
      return outcome.output
    }
    let before = try await run(["--status"])
    #expect(before.contains(/0001_accounts +missing/))
    let script = try await run(["--dry-run"])
    #expect(script.hasPrefix("-- 0001_accounts\nCREATE TABLE accounts ("))
    #expect(script.contains("CREATE TABLE jobs ("))
    #expect(try await run(["--status"]) == before, "looking changes nothing")
    #expect(try await run([]).hasPrefix("Applied 0001_accounts, "))
    #expect(try await run([]) == "The schema is up to date.\n")
    #expect(try await run(["--dry-run"]) == "-- The schema is up to date.\n")
    let after = try await run(["--status"])
    #expect(after.split(separator: "\n").count == before.split(separator: "\n").count)
    #expect(!after.contains("missing"))
    #expect(try await program.start(["migrate", "--status", "--dry-run"] + file).outcome().status == 64)
  }

  @Test("The doctor finds what is missing, and that nothing is")
  func doctor() async throws {
    let program = try await Program()
    try await program.output("migrate")
    let before = try await program.run("doctor")
    #expect(before.status == 1)
    #expect(before.output.contains("PROBLEM  accounts: none yet"))
    try await program.output("accounts", "create", "--account", "acme")
    if !TestDatabase.isPostgres {
      let file = program.path(".geminivideo/geminivideo.sqlite")
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
      let open = try await program.run("doctor")
      #expect(open.status == 1)
      #expect(open.output.contains("PROBLEM  file rights: users other than its owner may access"))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
    }
    let after = try await program.output("doctor")
    #expect(!after.contains("PROBLEM"))
    #expect(after.contains("ok       accounts: acme"))
    let misled = try await program.start(
      ["doctor"], environment: ["HUBSPOT_WEBHOOK_URL": "not an address", "HUBSPOT_CLIENT_SECRET": "s3cret"]
    ).outcome()
    #expect(misled.status == 1)
    #expect(misled.output.contains("ok       database: "))
    #expect(misled.output.contains("PROBLEM  HubSpot: HUBSPOT_WEBHOOK_URL"))
    #expect(!misled.output.contains("s3cret"))
    let elsewhere = try await program.run("doctor", "--database", "mysql://user:secret@host/name")
    #expect(elsewhere.status == 1)
    #expect(elsewhere.output.contains("must be sqlite:PATH or postgresql://USER@HOST/NAME"))
    #expect(!elsewhere.output.contains("secret"))
    let away = try await program.run(
      "doctor", "--database", "postgresql://user:secret@127.0.0.1:1/name?connect_timeout=2")
    #expect(away.status == 1)
    #expect(away.output.contains("PROBLEM  database: the database cannot be opened or reached"))
    #expect(!away.output.contains("secret"))
  }

  @Test(
    "What cannot be understood is status 64, with the usage on standard error",
    arguments: [
      ["nonsense"], ["decide"], ["decide", "--account", "acme", "--budget", "much"],
      ["decide", "--account", "a b", "--budget", "1"],
      ["decide", "--account", "acme", "--budget", "1", "--seed", "9007199254740992"],
      ["keys", "create", "--account", "acme", "--role", "king"],
      ["trial", "--seed", "18446744073709551615"], ["import", "xml", "a", "--account", "acme"],
    ])
  func usage(_ arguments: [String]) async throws {
    let outcome = try await Program().start(arguments).outcome()
    #expect(outcome.status == 64)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains("Usage: geminivideo"))
  }

  @Test(
    "What is refused is status 2, with the reason on standard error",
    arguments: [
      ["decide", "--account", "nobody", "--budget", "10"], ["import", "ads-csv", "absent.csv", "--account", "acme"],
      ["accounts", "list", "--database", "mysql:x"], ["keys", "create", "--account", "nobody", "--role", "admin"],
      ["decide", "--account", "acme", "--budget", "1"], ["decide", "--account", "acme", "--budget", "10.001"],
      ["accounts", "create", "--account", "x", "--timezone", "Mars"],
      ["accounts", "list", "--database", "postgresql://user:secret@host/name?pool_size=0"],
    ])
  func refusals(_ arguments: [String]) async throws {
    let program = try await programWithAds()
    let outcome = try await program.start(arguments).outcome()
    #expect(outcome.status == 2)
    #expect(outcome.output == "")
    #expect(outcome.errors.split(separator: "\n").count == 1)
  }

  @Test("A month's figures are decided on, and a day before the first has no ads")
  func month() async throws {
    let program = try await Program()
    try await program.addSample()
    let decided = try await program.output("decide", "--account", "sample", "--budget", "600", "--seed", "7")
    #expect(decided.contains("over 12 ads by lag_aware/2, seed 7."))
    let early = try await program.run("decide", "--account", "sample", "--budget", "600", "--date", "2020-01-01")
    #expect(early.status == 2)
    #expect(early.errors.contains("no ads"))
  }
}
