import CLibPQ
import Storage
import Values

/// A transaction on one of the pool's connections. Its beginning is sent together with its first statement.
final class PostgresTransaction: Transaction {
  private let connection: Connection
  private let interruption: Interruption
  /// What is sent before the first statement; empty once it has been sent.
  private var beginning: [String]
  private let scope: AccountScope
  /// The key whose earlier writes the transaction waits for before its first statement; nil where there is none.
  private let turn: (key: String, wait: Duration)?
  /// How long it waits for any other lock, in milliseconds.
  private let lockTimeout: Int64
  /// Whether the server is told of a beginning and an end; otherwise each statement is committed on its own.
  private let isTransaction: Bool
  /// Whether its end has been sent.
  private var isEnded = false
  /// The server's first failure. It refuses everything that follows, so nothing can be committed any more.
  private(set) var failure: PostgresFailure?

  init(
    _ kind: TransactionKind, on connection: Connection, _ settings: PostgresSettings, scope: AccountScope,
    interruption: Interruption
  ) {
    self.connection = connection
    self.interruption = interruption
    self.scope = scope
    turn = if case .turn(let key, let wait) = kind { (key, wait) } else { nil }
    lockTimeout = settings.lockTimeout
    isTransaction = kind.isTransaction
    connection.isReading = if case .read = kind { true } else { false }
    beginning = kind.beginning(setup: settings.transactionSetup)
  }

  var dialect: Dialect { .postgresql }

  /// Whether the beginning has been sent to the server.
  private var isBegun: Bool { beginning.isEmpty }

  func query(_ sql: SQL) throws -> [Row] {
    var rows: [Row] = []
    try read(sql.text(dialect), sql.bindings, rowByRow: false) { rows.append($0) }
    return rows
  }

  /// The rows come from the server one by one, unless another statement is run in between: the remaining rows are then
  /// kept in memory.
  func forEach(_ sql: SQL, _ body: (Row) throws -> Void) throws {
    try read(sql.text(dialect), sql.bindings, rowByRow: true, body)
  }

  func execute(_ sql: SQL) throws -> Int {
    try changes(of: sql.text(dialect), rows: [sql.bindings])[0]
  }

  func prepare(_ sql: SQL) throws -> any PreparedStatement {
    PostgresStatement(text: sql.text(dialect), placeCount: sql.bindings.count, transaction: self)
  }

  /// How many rows each execution of a statement changed, in order.
  func changes(of text: String, rows: [[SQLValue]]) throws -> [Int] {
    let parameters = try rows.map { try Parameters($0, vectorType: vectorType) }
    return try noting {
      try begin()
      for values in parameters { try connection.send(text, values) }
      let answers = try connection.finishBatch()
      var counts: [Int] = []
      counts.reserveCapacity(rows.count)
      while let result = try connection.next(answers) { counts.append(result.changedRows) }
      return counts
    }
  }

  fileprivate func read(
    _ text: String, _ values: [SQLValue], rowByRow: Bool, _ body: (Row) throws -> Void
  ) throws {
    let parameters = try Parameters(values, vectorType: vectorType)
    let answers = try noting {
      try begin()
      try connection.send(text, parameters)
      return try connection.finishBatch(rowByRow: rowByRow)
    }
    do {
      var reader: RowReader?
      while let result = try noting({ try connection.next(answers) }) {
        let columns = try reader ?? RowReader(result, vectorType: vectorType)
        reader = columns
        for row in 0..<result.rowCount { try body(try columns.row(row, of: result)) }
      }
    } catch {
      try noting { try connection.settle(answers) }
      throw error
    }
  }

  /// The OID of the vector type, which each database assigns when the extension is created; nil without the extension.
  /// It is queried once on each connection that meets a vector.
  private func vectorType() throws -> Oid? {
    if connection.vectorType == nil {
      let answer = try first("SELECT CAST(to_regtype(\(WireVector.typeName)) AS oid) AS type")
      connection.vectorType = try answer?.getOptional("type", as: Int.self).flatMap { Oid(exactly: $0) }
    }
    return connection.vectorType
  }

  private func begin() throws {
    guard !isBegun else { return }
    for text in beginning { try connection.send(text) }
    beginning = []
    guard isTransaction else { return }
    if let id = scope.accountID {
      // `SET` takes no bound values: the name would have to be spliced in.
      try connection.send(
        "SELECT set_config('geminivideo.account_id', $1, true)", setting: try Parameters([id.sqlValue]))
    } else {
      try connection.send("SET LOCAL geminivideo.all_accounts = 'on'")
    }
    // Each statement sees what was committed before it began: those that follow this one see what the earlier writes
    // left.
    if let turn {
      let wait = Int64(clamping: turn.wait / .milliseconds(1))
      if wait != lockTimeout { try setLockTimeout(wait) }
      // The first number of the lock key: any that this program uses for nothing else.
      try connection.send(
        "SELECT pg_advisory_xact_lock(1953853038, hashtext($1))", setting: try Parameters([.text(turn.key)]))
      if wait != lockTimeout { try setLockTimeout(lockTimeout) }
    }
  }

  private func setLockTimeout(_ milliseconds: Int64) throws {
    try connection.send(
      "SELECT set_config('lock_timeout', $1, true)", setting: try Parameters([.text("\(milliseconds)")]))
  }

  /// Runs a statement, unless the task was cancelled, and records the server's failure.
  private func noting<Result>(_ work: () throws -> Result) throws -> Result {
    try interruption.check()
    do {
      return try work()
    } catch let error as PostgresFailure {
      failure = failure ?? error
      throw error.error
    }
  }

  // MARK: The end

  /// Waits until the changes are on disk.
  ///
  /// Fails, and rolls back, where a statement has failed, even if the closure ignored the failure.
  func commit() throws(PostgresFailure) {
    if let failure { throw failure }
    guard isBegun, isTransaction else { return }
    isEnded = true
    do throws(PostgresFailure) {
      try connection.send("COMMIT")
      try connection.settle(try connection.finishBatch())
    } catch {
      guard connection.isBroken, case .unavailable(let detail) = error.error else { throw error }
      throw PostgresFailure(
        .unavailable("\(detail); the connection broke during a commit: whether it was done is unknown"),
        remedy: .reconnect)
    }
  }

  /// Ends a transaction that only read. Nobody waits for it, because there is nothing to save.
  func endReading() throws(PostgresFailure) {
    if let failure { throw failure }
    rollBack()
  }

  /// Rolls back. Nobody waits for it: it is sent with the next transaction, or as soon as the connection is idle. Where
  /// it fails, the connection is unusable.
  func rollBack() {
    guard isBegun, isTransaction, !isEnded, !connection.isBroken else { return }
    isEnded = true
    try? connection.send("ROLLBACK")
  }
}

/// A statement to be executed many times in a transaction; the connection prepares it with the first execution.
private struct PostgresStatement: PreparedStatement {
  let text: String
  let placeCount: Int
  let transaction: PostgresTransaction

  /// Few enough that the answers fit into the connection's buffers while the executions are being sent.
  private static let executionsAtOnce = 256

  func execute(_ values: [SQLValue]) throws -> Int {
    try execute(each: [values])[0]
  }

  func query(_ values: [SQLValue]) throws -> [Row] {
    try check(values)
    var rows: [Row] = []
    try transaction.read(text, values, rowByRow: false) { rows.append($0) }
    return rows
  }

  private func check(_ values: [SQLValue]) throws {
    guard values.count == placeCount else {
      throw DatabaseError.failed("the statement takes \(placeCount) values, not \(values.count)")
    }
  }

  func execute(each rows: [[SQLValue]]) throws -> [Int] {
    for values in rows { try check(values) }
    var counts: [Int] = []
    counts.reserveCapacity(rows.count)
    for start in stride(from: 0, to: rows.count, by: Self.executionsAtOnce) {
      let end = min(start + Self.executionsAtOnce, rows.count)
      counts += try transaction.changes(of: text, rows: Array(rows[start..<end]))
    }
    return counts
  }
}
