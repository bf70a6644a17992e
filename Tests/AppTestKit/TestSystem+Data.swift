import App
import Database
import DecisionEngine
import Features
import Testing
import Values

extension TestSystem {
  /// The names of all tables.
  public func tables() async throws -> [String] {
    try await system.database.read { transaction in
      try transaction.query(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
      ).map { try $0.get("name") }
    }
  }

  /// Every row of every table as text, by table; `leavingOut` names tables, or columns as `table.column`.
  public func dump(leavingOut: Set<String> = []) async throws -> [String: [String]] {
    var dump: [String: [String]] = [:]
    for table in try await tables() where !leavingOut.contains(table) {
      dump[table] = try await system.database.read { transaction in
        let columns = try transaction.query("SELECT name FROM pragma_table_info(\(table))")
          .map { try $0.get("name", as: String.self) }
          .filter { !leavingOut.contains("\(table).\($0)") }
        let line = columns.map { "quote(\($0))" }.joined(separator: " || ' ' || ")
        return try transaction.query(SQL(stringLiteral: "SELECT \(line) AS line FROM \(table) ORDER BY 1"))
          .map { try $0.get("line") }
      }
    }
    return dump
  }

  /// How many rows each table has.
  public func rowCounts() async throws -> [String: Int] {
    try await dump().mapValues(\.count)
  }

  /// The one number that `sql` gives as `value`.
  public func number(_ sql: String) async throws -> Int {
    try await system.database.read { transaction in
      try #require(try transaction.first(SQL(stringLiteral: sql))).get("value")
    }
  }

  /// The states of the account's ads by ad id: now, or as of the end of a day.
  public func states(asOf day: String? = nil) async throws -> [String: AdState] {
    let configuration = try await system.accounts.configuration(of: account)
    let day = try day.map { try #require(CalendarDay($0)) }
    let states = try await system.ads.states(of: account, configuration: configuration, asOf: day).states
    return Dictionary(uniqueKeysWithValues: states.map { ($0.adID.value, $0) })
  }

  /// Decides on the account's ads.
  public func decide(
    _ budget: String, _ change: (inout DecisionService.Order) throws -> Void = { _ in }
  ) async throws -> DecisionService.Decided {
    var order = DecisionService.Order(account: account, totalBudget: try #require(Money(decimal: budget)))
    order.policy = .battleHardened
    try change(&order)
    return try await system.decisions.decide(order)
  }
}
