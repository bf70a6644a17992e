import CLibPQ
import Storage
import Values

/// A connection to the server, used by only one thread.
///
/// It is always in libpq's pipeline mode: what belongs together, such as `BEGIN`, preparing a statement and executing
/// it, is sent as one batch and waited for once. Every batch ends with a synchronisation point. Where nobody waits for
/// the answers to a batch, such as the end of a read, they are read before those to the next batch.
final class Connection {
  private let pointer: OpaquePointer
  private let preparesStatements: Bool
  private var statements: StatementCache
  private var batch: [Answers.Command] = []
  /// How many synchronisation points have been sent whose answers have not been read.
  private var unreadBatches = 0
  /// The answers that are being read from the connection.
  private var openAnswers: Answers?

  /// Whether something failed after which answers cannot be matched to commands any more.
  private(set) var isBroken = false

  /// Whether the server accepts no writes.
  private(set) var leadsToReadOnlyServer = false

  /// The OID of the vector type in this database; nil until it has been queried and found.
  var vectorType: Oid?

  /// Whether the current transaction only reads.
  var isReading = false

  /// Allows another thread to cancel the running statement.
  let cancelKey: CancelKey

  /// Connects, which may take as long as the connection string's `connect_timeout`. `namePrefix` begins the names of
  /// prepared statements, and no other connection of any process may use it.
  ///
  /// Throws ``DatabaseError/unavailable(_:)``.
  init(_ settings: PostgresSettings, namePrefix: String) throws(DatabaseError) {
    let pointer = try ServerAddress(settings).connect()
    guard let key = CancelKey(pointer), PQenterPipelineMode(pointer) == 1 else {
      PQfinish(pointer)
      throw .unavailable("the server gave no key to cancel with, or libpq has no pipeline mode")
    }
    self.pointer = pointer
    cancelKey = key
    preparesStatements = settings.preparesStatements
    statements = StatementCache(capacity: settings.preparedStatements, prefix: namePrefix)
    do throws(PostgresFailure) {
      for text in settings.sessionSetup { try send(text) }
      try settle(try finishBatch())
    } catch {
      throw error.error
    }
  }

  deinit {
    PQfinish(pointer)
  }

  /// Whether the server has closed the connection, as far as can be told without waiting.
  var isEndedByServer: Bool {
    isBroken || PQstatus(pointer) != CONNECTION_OK || Socket.isEndedByPeer(PQsocket(pointer))
  }

  // MARK: Sending

  /// Adds a statement without values to the current batch; its results are discarded.
  func send(_ text: String) throws(PostgresFailure) {
    try send(text, .none, as: .plain)
  }

  /// Adds a statement that sets something to the current batch; its results are discarded.
  func send(_ text: String, setting values: Parameters) throws(PostgresFailure) {
    try send(text, values, as: .plain)
  }

  /// Adds a statement to the current batch; its results are wanted.
  func send(_ text: String, _ parameters: Parameters) throws(PostgresFailure) {
    try send(text, parameters, as: .wanted)
  }

  private func send(
    _ text: String, _ parameters: Parameters, as command: Answers.Command
  ) throws(PostgresFailure) {
    if let openAnswers { try readRest(of: openAnswers) }
    guard preparesStatements else {
      try queue(command) {
        parameters.withPointers { count, types, values, lengths, formats in
          PQsendQueryParams(pointer, text, count, types, values, lengths, formats, 1)
        }
      }
      return
    }
    let plan = statements.plan(text, types: parameters.types)
    if let types = plan.typesToPrepare {
      try queue(.prepare(text: text)) { PQsendPrepare(pointer, plan.name, text, Int32(types.count), types) }
    }
    try queue(command) {
      parameters.withPointers { count, _, values, lengths, formats in
        PQsendQueryPrepared(pointer, plan.name, count, values, lengths, formats, 1)
      }
    }
    if case .wanted = command { try deallocateExpired() }
  }

  /// Must be sent within a transaction: before `BEGIN` it would start one with other properties.
  private func deallocateExpired() throws(PostgresFailure) {
    for name in statements.takeExpired() {
      try queue(.deallocate(name: name)) {
        PQsendQueryParams(pointer, "DEALLOCATE \(name)", 0, nil, nil, nil, nil, 1)
      }
    }
  }

  private func queue(_ command: Answers.Command, _ send: () -> Int32) throws(PostgresFailure) {
    guard send() == 1 else { throw broken() }
    batch.append(command)
  }

  /// Sends what remains of the current batch, such as the end of a transaction that was held back to be sent with the
  /// beginning of the next. Where that fails, the connection is broken.
  func flush() {
    guard !batch.isEmpty, !isBroken else { return }
    _ = try? finishBatch()
  }

  /// Sends the batch. Its answers must be read to their end, by ``next(_:)`` or ``settle(_:)``, or not at all.
  func finishBatch(rowByRow: Bool = false) throws(PostgresFailure) -> Answers {
    guard PQpipelineSync(pointer) == 1 else { throw broken() }
    unreadBatches += 1
    let answers = Answers(to: batch, rowByRow: rowByRow)
    batch = []
    return answers
  }

  // MARK: Reading

  /// The next result of the batch's wanted statements; nil when there are no more.
  ///
  /// The batch's first failure is thrown in place of the end, once everything has been read.
  func next(_ answers: Answers) throws(PostgresFailure) -> ServerResult? {
    if let result = answers.buffer.popFirst() { return result }
    if !answers.isComplete, let result = try read(answers) { return result }
    if let failure = answers.failure { throw failure }
    return nil
  }

  /// Reads the answers to their end and discards their results.
  func settle(_ answers: Answers) throws(PostgresFailure) {
    while try next(answers) != nil {}
  }

  /// Marks the connection to be closed rather than reused.
  func retire() {
    settle()
    isBroken = true
  }

  /// Waits for the answers to everything that was sent. The connection is unusable if one of them is a failure, as when
  /// a cancellation arrived late and hit the end of its transaction.
  func settle() {
    flush()
    guard !isBroken else { return }
    do throws(PostgresFailure) {
      if let openAnswers { try readRest(of: openAnswers) }
      try readUnreadBatches(keeping: 0)
    } catch {
      isBroken = true
    }
  }

  private func readRest(of answers: Answers) throws(PostgresFailure) {
    while let result = try read(answers) { answers.buffer.append(result) }
  }

  /// Reads on to the next wanted result; nil at the end of the batch.
  private func read(_ answers: Answers) throws(PostgresFailure) -> ServerResult? {
    if openAnswers !== answers {
      try readUnreadBatches(keeping: 1)
      openAnswers = answers
      startReading(answers)
    }
    while let command = answers.commands.first {
      guard let result = nextResult() else {
        if PQstatus(pointer) != CONNECTION_OK { throw broken() }
        answers.commands.removeFirst()
        startReading(answers)
        continue
      }
      if let failure = note(result, of: command) {
        answers.failure = answers.failure ?? failure
        if isBroken { break }
      } else if case .wanted = command, answers.failure == nil, result.rowCount > 0 || !answers.isRowByRow {
        return result
      }
    }
    openAnswers = nil
    answers.isComplete = true
    if !isBroken { try readUnreadBatches(keeping: 0) }
    return nil
  }

  /// libpq must be told of each command before its first result is read.
  private func startReading(_ answers: Answers) {
    if answers.isRowByRow, case .wanted = answers.commands.first { PQsetSingleRowMode(pointer) }
  }

  /// Reads up to the synchronisation points of all but the last `count` batches.
  private func readUnreadBatches(keeping count: Int) throws(PostgresFailure) {
    var pauses = 0
    while unreadBatches > count {
      guard let result = nextResult() else {
        // A nil result ends each command; two in a row mean that there is nothing left to wait for.
        pauses += 1
        if pauses > 1 || PQstatus(pointer) != CONNECTION_OK { throw broken() }
        continue
      }
      pauses = 0
      if result.status == PGRES_PIPELINE_SYNC {
        unreadBatches -= 1
      } else if result.isFailure {
        isBroken = true
        throw PostgresFailure(result, whileReading: isReading)
      }
    }
  }

  private func nextResult() -> ServerResult? {
    PQgetResult(pointer).map(ServerResult.init)
  }

  /// Records what a command's result means for the connection, and returns its failure.
  private func note(_ result: ServerResult, of command: Answers.Command) -> PostgresFailure? {
    switch (command, result.isFailure) {
    case (.prepare(let text), true): statements.refused(text)
    case (.deallocate(let name), true): statements.kept(name)
    default: break
    }
    guard result.isUsable else {
      let failure = PostgresFailure(result, whileReading: isReading)
      if case .leaveServer = failure.remedy { leadsToReadOnlyServer = true }
      if failure.endsConnection || !result.isFailure || PQstatus(pointer) != CONNECTION_OK { isBroken = true }
      return failure
    }
    return nil
  }

  private func broken() -> PostgresFailure {
    isBroken = true
    return PostgresFailure(.unavailable(ServerAddress.message(of: pointer)), remedy: .reconnect)
  }
}
