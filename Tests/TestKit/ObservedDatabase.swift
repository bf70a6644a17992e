import Storage
import Synchronization
import Values

/// A database that notes the statements of each transaction. Those that prove that a write may be made (``AccountScope``)
/// are the driver's own and are not noted.
package final class ObservedDatabase: Database {
  private let base: any Database
  private let noted = Mutex<[[String]]>([])

  /// Passes everything on to `base`.
  package init(_ base: any Database) {
    self.base = base
  }

  package var dialect: Dialect { base.dialect }

  /// The statements of each transaction that ended well since the last call, in order. One that was prepared is there as
  /// often as it was executed.
  package func takeTransactions() -> [[String]] {
    noted.withLock { noted in
      defer { noted = [] }
      return noted
    }
  }

  package func read<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    note(try await base.read { try Self.observe($0, body) })
  }

  package func write<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    note(try await base.write { try Self.observe($0, body) })
  }

  package func write<Result: Sendable>(
    isolation: Isolation, _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    note(try await base.write(isolation: isolation) { try Self.observe($0, body) })
  }

  package func write<Result: Sendable>(
    inTurnOf key: String, _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    note(try await base.write(inTurnOf: key) { try Self.observe($0, body) })
  }

  package func shutDown() async { await base.shutDown() }

  private static func observe<Result>(
    _ transaction: any Transaction, _ body: (any Transaction) throws -> Result
  ) throws -> (Result, [String]) {
    let observed = ObservedTransaction(transaction)
    return (try body(observed), observed.statements)
  }

  private func note<Result>(_ outcome: (Result, [String])) -> Result {
    noted.withLock { $0.append(outcome.1) }
    return outcome.0
  }
}

private final class ObservedTransaction: Transaction {
  private let base: any Transaction
  fileprivate var statements: [String] = []

  init(_ base: any Transaction) {
    self.base = base
  }

  var dialect: Dialect { base.dialect }

  func query(_ sql: SQL) throws -> [Row] {
    statements.append(sql.text(dialect))
    return try base.query(sql)
  }

  func forEach(_ sql: SQL, _ body: (Row) throws -> Void) throws {
    statements.append(sql.text(dialect))
    try base.forEach(sql, body)
  }

  func execute(_ sql: SQL) throws -> Int {
    statements.append(sql.text(dialect))
    return try base.execute(sql)
  }

  func prepare(_ sql: SQL) throws -> any PreparedStatement {
    ObservedStatement(base: try base.prepare(sql), text: sql.text(dialect), transaction: self)
  }
}

private struct ObservedStatement: PreparedStatement {
  let base: any PreparedStatement
  let text: String
  let transaction: ObservedTransaction

  func execute(_ values: [SQLValue]) throws -> Int {
    transaction.statements.append(text)
    return try base.execute(values)
  }

  func query(_ values: [SQLValue]) throws -> [Row] {
    transaction.statements.append(text)
    return try base.query(values)
  }

  func execute(each rows: [[SQLValue]]) throws -> [Int] {
    transaction.statements += Array(repeating: text, count: rows.count)
    return try base.execute(each: rows)
  }
}
