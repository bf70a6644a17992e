import Accounts
import App
import AppTestKit
import Measurement
import Storage
import TestKit
import Testing
import Values

/// The wall between accounts that PostgreSQL holds up by itself, whatever a query forgets.
@Suite(.enabled(if: TestDatabase.isPostgres, "GEMINIVIDEO_TEST_DATABASE_URL names no server"))
struct RowSecurityTests {
  private static let other = AccountID("other")

  /// The account `acme` with a day of figures, and another account beside it.
  private func twoAccounts() async throws -> TestSystem {
    let test = try await TestSystem()
    try await test.system.accounts.create(try #require(Self.other))
    try await test.importText("ad_id,date,impressions,clicks,spend\n1,2026-05-27,10,1,2.5\n", as: .adsCSV)
    return test
  }

  private func count(_ sql: SQL, in test: TestSystem, as scope: AccountScope) async throws -> Int {
    try await AccountScope.$current.withValue(scope) { try await test.number(sql) }
  }

  @Test("The tests' role is one that the wall holds")
  func role() async throws {
    let test = try await TestSystem()
    let passes: SQL = "SELECT rolsuper OR rolbypassrls AS value FROM pg_roles WHERE rolname = current_user"
    #expect(try await test.number(passes) == 0)
  }

  @Test("Every table with an account's data has the wall, for its owner too")
  func everyTable() async throws {
    let test = try await TestSystem()
    let open = try await test.system.database.read { transaction in
      try transaction.query(
        """
        SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attname = 'account_id'
          AND NOT (c.relrowsecurity AND c.relforcerowsecurity
            AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid))
        """
      ).map { try $0.get("name", as: String.self) }
    }
    #expect(open == [], "add a step with RowSecurityMigrations.walls")
  }

  @Test(
    "A query that forgets the account sees one's own rows alone",
    arguments: ["ad_states", "ad_daily_metrics", "imports"])
  func forgottenFilter(_ table: String) async throws {
    let test = try await twoAccounts()
    let all = SQL(stringLiteral: "SELECT COUNT(*) AS value FROM \(table)")
    #expect(try await count(all, in: test, as: .all) == 1)
    #expect(try await count(all, in: test, as: .account(test.account)) == 1)
    #expect(try await count(all, in: test, as: .account(#require(Self.other))) == 0)
    let named: SQL = "\(all) WHERE account_id = \(test.account)"
    #expect(try await count(named, in: test, as: .account(#require(Self.other))) == 0)
  }

  @Test("Another account's rows are neither changed, removed nor added to")
  func foreignWrites() async throws {
    let test = try await twoAccounts()
    let other = try #require(Self.other)
    let before = try await test.dump()
    try await AccountScope.$current.withValue(.account(other)) {
      let changed = try await test.system.database.write { transaction in
        try transaction.execute("UPDATE ad_states SET spend = \(Money.zero)")
          + transaction.execute("DELETE FROM ad_daily_metrics") + transaction.execute("DELETE FROM accounts")
      }
      #expect(changed == 1, "one's own account can be removed")
      await #expect(throws: DatabaseError.self) {
        try await test.system.database.write { transaction in
          try transaction.execute(
            """
            INSERT INTO imports (account_id, import_id, source, file_name, imported_at)
            VALUES (\(test.account), 99, 'x', 'x', \(test.clock.now()))
            """)
        }
      }
    }
    let after = try await test.dump()
    for (table, rows) in before {
      let kept = rows.filter { !$0.hasPrefix("'\(other)' ") }
      #expect(after[table] == kept, "\(table)")
    }
  }

  @Test("A transaction that says nothing of whose rows it may see sees none")
  func unsaid() async throws {
    let test = try await twoAccounts()
    let seen = try await test.system.database.write { transaction in
      try transaction.execute("SET LOCAL geminivideo.all_accounts = ''")
      return try transaction.query("SELECT account_id FROM accounts").count
    }
    #expect(seen == 0)
  }

  @Test("What a request does is held to its key's account, and a scope ends with its transaction")
  func requests() async throws {
    let test = try await twoAccounts()
    try await test.serving { api in
      let answer = try await api.post("/api/ml/battle-hardened/select", #"{"total_budget": 20}"#).done()
      #expect(try answer.list("recommendations").count == 1)
    }
    #expect(try await test.number("SELECT COUNT(*) AS value FROM accounts") == 2)
  }
}
