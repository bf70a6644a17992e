import Accounts
import App
import DecisionEngine
import Decisions
import Measurement
import Storage
import TestKit
import Testing
import Values

extension TestSystem {
  /// Every row of every table as text, by table; `leavingOut` names tables, or columns as `table.column`.
  package func dump(leavingOut: Set<String> = []) async throws -> [String: [String]] {
    try await system.database.read { transaction in
      var dump: [String: [String]] = [:]
      for table in try DatabaseContents.tables(in: transaction) where !leavingOut.contains(table) {
        let columns = try DatabaseContents.columns(of: table, in: transaction)
          .filter { !leavingOut.contains("\(table).\($0)") }
        dump[table] = try DatabaseContents.rows(of: table, columns, in: transaction)
      }
      return dump
    }
  }

  /// How many rows each table has.
  package func rowCounts() async throws -> [String: Int] {
    try await dump().mapValues(\.count)
  }

  /// The one number that `sql` gives as `value`; amounts are millionths.
  package func number(_ sql: SQL) async throws -> Int {
    try await system.database.read { transaction in
      try #require(try transaction.first(sql)).get("value", as: PlainNumber.self).value
    }
  }

  /// The states of the account's ads by ad id, running or not: now, or as of the end of a day.
  package func states(asOf day: String? = nil) async throws -> [String: AdState] {
    let configuration = try await system.accounts.configuration(of: account)
    let day = try day.map { try #require(CalendarDay($0)) }
    let known = try await system.ads.known(of: account, configuration: configuration, asOf: day)
    return Dictionary(uniqueKeysWithValues: known.ads.map { ($0.state.adID.value, $0.state) })
  }

  /// Decides on the account's ads.
  package func decide(
    _ budget: String, _ change: (inout DecisionService.Order) throws -> Void = { _ in }
  ) async throws -> DecisionService.Decided {
    var order = DecisionService.Order(account: account, totalBudget: try #require(Money(decimal: budget)))
    order.policy = .battleHardened
    try change(&order)
    return try await system.decisions.decide(order)
  }
}
