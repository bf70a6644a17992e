import Accounts
import App
import AppTestKit
import Formats
import HTTPTypes
import Storage
import TestKit
import Testing
import Values
import Web

/// The audit log's chain of hashes, and what keeps lines from being changed in the first place.
struct AuditChainTests {
  /// A system with four lines on the log, with values before and after among them.
  private func system() async throws -> TestSystem {
    let test = try await TestSystem()
    try await test.configure(#"{"aov": 12000.50, "max_daily_change": 0.3}"#)
    _ = try await test.system.keys.create(for: test.account, role: .viewer)
    try await test.system.lifecycle.disable(test.account, by: .commandLine(user: "ada"))
    return test
  }

  @Test("Lines are numbered and chained, and a log that nobody touched is whole")
  func whole() async throws {
    let test = try await system()
    let entries = try await test.system.audit.list(of: test.account)
    #expect(entries.map(\.line) == [4, 3, 2, 1])
    #expect(Set(entries.compactMap(\.hash)).count == 4)
    let found = try await test.system.audit.verify(test.account)
    #expect(found.problem == nil)
    #expect(found.head.lines == 4)
    #expect(found.head.hash == entries[0].hash)
    #expect(AuditHead(found.head.description) == found.head)
    #expect(try await test.system.audit.verifyAll() == [found])
    let other = try #require(AccountID("other"))
    try await test.system.accounts.create(other)
    #expect(try await test.system.audit.verifyAll().map(\.problem) == [nil, nil])
  }

  @Test("Lines that are written side by side make one chain")
  func sideBySide() async throws {
    let test = try await TestSystem()
    let other = try await test.anotherProcess()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<12 {
        let keys = number.isMultiple(of: 2) ? test.system.keys : other.keys
        group.addTask { _ = try await keys.create(for: test.account, role: .viewer) }
      }
      try await group.waitForAll()
    }
    let found = try await test.system.audit.verify(test.account)
    #expect(found.problem == nil)
    #expect(found.head.lines == 13)
  }

  /// What somebody who may do everything in the database does to it, the guards taken away.
  private func tamper(_ test: TestSystem, _ statements: [SQL]) async throws {
    try await test.system.database.write { transaction in
      let guards: [SQL] =
        switch transaction.dialect {
        case .sqlite:
          try transaction.query("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_log'")
            .map { SQL(stringLiteral: "DROP TRIGGER \(try $0.get("name", as: String.self))") }
        case .postgresql: ["ALTER TABLE audit_log DISABLE TRIGGER USER"]
        }
      for statement in guards + statements { try transaction.execute(statement) }
    }
  }

  @Test(
    "A line that was changed, removed, added or moved shows",
    arguments: [
      ["UPDATE audit_log SET actor = 'nobody' WHERE line = 2"],
      ["UPDATE audit_log SET action = 'key_revoked' WHERE line = 3"],
      ["UPDATE audit_log SET after_value = '{\"aov\": 12000.51, \"max_daily_change\": 0.3}' WHERE line = 2"],
      ["UPDATE audit_log SET before_value = NULL WHERE line = 2"],
      ["DELETE FROM audit_log WHERE line = 2"],
      ["DELETE FROM audit_log WHERE line = 4"],
      ["DELETE FROM audit_log WHERE line = 2", "UPDATE audit_log SET line = line - 1 WHERE line > 2"],
      ["DELETE FROM audit_log"],
      ["UPDATE audit_log SET hash = NULL, line = NULL, actor = 'nobody'"],
      [
        "UPDATE audit_log SET line = NULL, hash = NULL WHERE line = 1",
        "UPDATE audit_log SET subject = 'x' WHERE line = 4",
      ],
      ["UPDATE audit_heads SET lines = 3"], ["DELETE FROM audit_heads"],
    ])
  func tampered(_ statements: [String]) async throws {
    let test = try await system()
    try await tamper(test, statements.map { SQL(stringLiteral: $0) })
    #expect(try await test.system.audit.verify(test.account).problem != nil)
  }

  @Test("A chain that was made anew as a whole shows beside a head that was noted elsewhere")
  func madeAnew() async throws {
    let test = try await system()
    let noted = try await test.system.audit.verify(test.account).head
    try await tamper(
      test,
      [
        "UPDATE audit_log SET actor = 'nobody'", "UPDATE audit_log SET line = NULL, hash = NULL",
        "DELETE FROM audit_heads",
      ])
    try await test.system.audit.startChains()
    try await test.system.lifecycle.enable(test.account, by: .system)
    #expect(try await test.system.audit.verify(test.account).problem == nil)
    let problem = try await test.system.audit.verify(test.account, mark: noted).problem
    #expect(problem?.contains("line 4") == true)
  }

  @Test("A log that was cut shows beside a head that was noted elsewhere")
  func cut() async throws {
    let test = try await system()
    let noted = try await test.system.audit.verify(test.account).head
    try await tamper(test, ["DELETE FROM audit_log WHERE line = 4", "DELETE FROM audit_heads"])
    try await test.system.audit.startChains()
    #expect(try await test.system.audit.verify(test.account).problem == nil)
    #expect(try await test.system.audit.verify(test.account, mark: noted).problem != nil)
    let later = try await test.system.audit.verify(test.account).head
    #expect(try await test.system.audit.verify(test.account, mark: later).problem == nil)
  }

  @Test("Lines from before there were chains are part of the chain from the first start on")
  func olderLines() async throws {
    let test = try await system()
    try await tamper(test, ["UPDATE audit_log SET line = NULL, hash = NULL", "DELETE FROM audit_heads"])
    let next = try await test.anotherProcess()
    let started = try await next.audit.verify(test.account)
    #expect(started.problem == nil)
    #expect(started.head.lines == 4)
    try await next.lifecycle.enable(test.account, by: .system)
    #expect(try await next.audit.verify(test.account).problem == nil)
    #expect(try await next.audit.list(of: test.account).compactMap(\.line) == [5])
    try await tamper(test, ["UPDATE audit_log SET actor = 'nobody' WHERE line IS NULL"])
    #expect(try await next.audit.verify(test.account).problem != nil)
  }

  @Test(
    "SQLite refuses a row that would replace a line", .enabled(if: !TestDatabase.isPostgres, "it is SQLite's own"),
    arguments: [
      """
      INSERT OR REPLACE INTO audit_log SELECT account_id, id, at, 'evil', action, subject, before_value, after_value,
        line, hash FROM audit_log
      """,
      """
      INSERT OR REPLACE INTO audit_log (account_id, id, at, actor, action, subject, line)
        SELECT account_id, 'ffffffffffffffffffffffff', at, 'evil', action, subject, line FROM audit_log LIMIT 1
      """,
      """
      INSERT OR REPLACE INTO audit_log (rowid, account_id, id, at, actor, action, subject)
        SELECT rowid, account_id, 'ffffffffffffffffffffffff', at, 'evil', action, subject FROM audit_log LIMIT 1
      """,
      "UPDATE OR REPLACE audit_log SET actor = 'evil'",
    ])
  func replacing(_ statement: String) async throws {
    let test = try await system()
    let before = try await test.dump()
    await #expect(throws: DatabaseError.self) {
      try await test.system.database.write { try $0.execute(SQL(stringLiteral: statement)) }
    }
    #expect(try await test.dump() == before)
  }

  @Test(
    "PostgreSQL's guard is not fooled by a session's own tables and settings",
    .enabled(if: TestDatabase.isPostgres, "it is PostgreSQL's own"),
    arguments: [
      ["CREATE TEMP TABLE accounts (account_id text)", "DELETE FROM audit_log"],
      ["CREATE TEMP TABLE accounts (account_id text)", "UPDATE audit_log SET actor = 'evil'"],
      ["DELETE FROM audit_log WHERE set_config('geminivideo.all_accounts', '', true) = ''"],
      ["TRUNCATE audit_log"], ["TRUNCATE accounts CASCADE"],
    ])
  func fooling(_ statements: [String]) async throws {
    let test = try await system()
    let before = try await test.dump()
    // A statement that sees no line is not refused, and changes nothing either.
    try? await test.system.database.write { transaction in
      for statement in statements { try transaction.execute(SQL(stringLiteral: statement)) }
    }
    #expect(try await test.dump() == before)
  }
}
