import Accounts
import App
import AppTestKit
import Storage
import TestKit
import Testing
import Values

/// Two accounts that are full of data, and every function with SQL called for one of them with the names of the other:
/// by the queries' own filters alone, for the scope is that of all accounts.
struct StatementIsolationTests {
  private static let calls = StatementCalls()

  @Test("Every function with SQL that others can call is called here, or is said to be for all accounts")
  func complete() throws {
    let found = try StatementScan.functions()
    #expect(found.subtracting(Self.calls.calls.keys).sorted() == [], "add a call to StatementCalls")
    #expect(Set(Self.calls.calls.keys).subtracting(found).sorted() == [], "there is no such function")
  }

  @Test("The scan finds what others can call, by its full name, in files with SQL alone")
  func scan() {
    let text = """
      public struct Box {
        let sql = "SELECT 1"
        public static func a<T: P>(_ x: [String: Int], of y: (Int, Int) -> Void, in z: Int = f(1)) {}
        @discardableResult
        func b() -> Int { 1 }
        private func hidden(x: Int) {}
      }
      private struct Inner {
        func hidden() {}
      }
      """
    #expect(StatementScan.functions(in: text) == ["Box.a(_:of:in:)", "Box.b()"])
    #expect(StatementScan.functions(in: text.replacing("SELECT", with: "select")) == [])
  }

  @Test("No function tells of another account's rows or changes any")
  func crossed() async throws {
    let test = try await TestSystem()
    let tenants = try await Tenant.pair(in: test)
    let empty = try #require(AccountID("empty"))
    try await test.system.accounts.create(empty)
    let tables = try await Self.tables(of: test)
    for (caller, other) in [(tenants[0], tenants[1]), (tenants[1], tenants[0])] {
      let crossings = [(caller, other), (caller, try caller.sharing), (other.named(for: empty), other)].map { pair in
        Crossing(system: test.system, caller: pair.0, named: pair.1, now: test.clock.now())
      }
      let before = try await Self.rows(of: other.account, tables, in: test)
      for (name, call) in Self.calls.calls.sorted(by: { $0.key < $1.key }) {
        switch call {
        case .within(let body, let reason):
          for crossing in crossings {
            let outcome = try await Self.tryOut(crossing, body, seeing: other.account, tables, in: test)
            let changes = Self.changes(from: before, to: outcome.rows ?? before)
            #expect(changes == [], "\(name) changes rows of \(other.account)")
            let alone = try await Self.tryOut(crossing, body, without: .others, tables, in: test)
            #expect(
              outcome.answer == alone.answer || reason != nil,
              "\(name) tells of \(other.account): \(outcome.answer), and without it \(alone.answer)")
          }
        case .committed(let body):
          let crossing = crossings[0]
          let answer = await Self.answer { try await body(crossing) }
          #expect(!answer.contains(other.account.value), "\(name) tells of \(other.account)")
          let changes = Self.changes(from: before, to: try await Self.rows(of: other.account, tables, in: test))
          #expect(changes == [], "\(name) changes rows of \(other.account)")
        case .forAll: break
        }
      }
    }
  }

  @Test("With its own names an account sees and changes its own, so what is kept apart is there to be met")
  func own() async throws {
    let test = try await TestSystem()
    let tables = try await Self.tables(of: test)
    for tenant in try await Tenant.pair(in: test) {
      let crossing = Crossing(system: test.system, caller: tenant, named: tenant, now: test.clock.now())
      for (name, call) in Self.calls.calls.sorted(by: { $0.key < $1.key }) where !Self.calls.traceless.contains(name) {
        let before = try await Self.rows(of: tenant.account, tables, in: test)
        switch call {
        case .within(let body, _):
          let outcome = try await Self.tryOut(crossing, body, seeing: tenant.account, tables, in: test)
          let alone = try await Self.tryOut(crossing, body, without: .own, tables, in: test)
          let changes = Self.changes(from: before, to: outcome.rows ?? before)
          #expect(changes != [] || outcome.answer != alone.answer, "\(name) does nothing")
        case .committed(let body):
          let answer = await Self.answer { try await body(crossing) }
          let after = try await Self.rows(of: tenant.account, tables, in: test)
          let changes = Self.changes(from: before, to: after)
          #expect(changes != [] || answer.contains(tenant.account.value), "\(name) does nothing")
        case .forAll: break
        }
      }
    }
  }

  private struct Table {
    let name: String
    let columns: [String]
  }

  /// What became of a call: what it answers, and the rows of an account after it, where it did not fail.
  private struct Outcome: Error {
    let answer: String
    var rows: [String]?
  }

  /// Whose rows are removed before a call.
  private enum Absent {
    case own, others

    func condition(_ crossing: Crossing) -> SQL {
      switch self {
      case .own: "account_id = \(crossing.caller.account)"
      case .others: "account_id <> \(crossing.caller.account)"
      }
    }
  }

  /// Makes a call in a transaction that is rolled back.
  private static func tryOut(
    _ crossing: Crossing, _ body: @escaping @Sendable (Crossing, any Transaction) throws -> String,
    seeing account: AccountID? = nil, without absent: Absent? = nil, _ tables: [Table], in test: TestSystem
  ) async throws -> Outcome {
    do {
      try await test.system.database.write { transaction in
        if let absent {
          // First the account itself, after which its audit log may go.
          for table in ["accounts"] + tables.map(\.name) {
            try transaction.execute("DELETE FROM \(SQL(stringLiteral: table)) WHERE \(absent.condition(crossing))")
          }
        }
        let answer = try body(crossing, transaction)
        throw Outcome(answer: answer, rows: try account.map { try rows(of: $0, tables, in: transaction) })
      }
      return Outcome(answer: "")
    } catch let outcome as Outcome {
      return outcome
    } catch {
      return Outcome(answer: text(of: error))
    }
  }

  private static func answer(_ body: () async throws -> String) async -> String {
    do {
      return try await body()
    } catch {
      return text(of: error)
    }
  }

  /// A refusal is an answer; what a statement itself does wrong is a fault of the test.
  private static func text(of error: any Error) -> String {
    switch error as? DatabaseError {
    case .failed, .unreadableColumn, .unavailable, .busy, .schemaMismatch: Issue.record(error)
    default: break
    }
    return "\(error)"
  }

  private static func tables(of test: TestSystem) async throws -> [Table] {
    try await test.system.database.read { transaction in
      try DatabaseContents.tables(in: transaction).map {
        Table(name: $0, columns: try DatabaseContents.columns(of: $0, in: transaction))
      }.filter { $0.columns.contains("account_id") }
    }
  }

  private static func rows(of account: AccountID, _ tables: [Table], in test: TestSystem) async throws -> [String] {
    let rows = try await test.system.database.read { try self.rows(of: account, tables, in: $0) }
    try #require(rows.count > 20)
    return rows
  }

  private static func changes(from before: [String], to after: [String]) -> [String] {
    after.difference(from: before).map { "\($0)" }
  }

  /// Every row that is kept of an account.
  private static func rows(
    of account: AccountID, _ tables: [Table], in transaction: any Transaction
  ) throws -> [String] {
    try tables.flatMap { table in
      try transaction.query("SELECT * FROM \(SQL(stringLiteral: table.name)) WHERE account_id = \(account)")
        .map { row in
          "\(table.name) \(try table.columns.map { try row.getOptional($0, as: SQLValue.self) ?? .null })"
        }.sorted()
    }
  }
}
