import Formats
import Storage
import Values

/// Records and shows who changed what, for each account. Lines are never changed, and are deleted only with their
/// account; a chain of hashes reveals manipulation.
package struct AuditService: Sendable {
  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let repository = AuditRepository()
  private let ids = TimedIDMaker()

  package init(database: any Database, clock: @escaping @Sendable () -> Instant) {
    self.database = database
    self.clock = clock
  }

  /// Records a change in the transaction that makes it. `before` and `after` must not contain secrets; a value longer
  /// than 64 KiB is replaced by its length.
  package func record(
    _ action: AuditAction, of subject: String, by actor: AuditActor, account: AccountID, before: JSONValue? = nil,
    after: JSONValue? = nil, in transaction: any Transaction
  ) throws {
    let now = clock()
    var entry = AuditEntry(
      id: ids.next(at: now), at: now, actor: actor.description, action: action.rawValue, subject: subject,
      before: before.map(AuditValue.text), after: after.map(AuditValue.text))
    let head = try lockedHead(of: account, in: transaction).adding(entry, of: account)
    entry.line = head.lines
    entry.hash = head.hash
    try repository.insert(entry, of: account, in: transaction)
    try repository.saveHead(head, of: account, in: transaction)
  }

  /// The head of the account's log, locked so that other lines wait until the transaction ends. An account without one
  /// gets a head over its existing lines.
  private func lockedHead(of account: AccountID, in transaction: any Transaction) throws -> AuditHead {
    if let head = try repository.head(of: account, locking: true, in: transaction) { return head }
    try startHead(of: account, in: transaction)
    guard let head = try repository.head(of: account, locking: true, in: transaction) else {
      throw DatabaseError.failed("account \(account) has no head of its audit log")
    }
    return head
  }

  private func startHead(of account: AccountID, in transaction: any Transaction) throws {
    var reader = AuditChainReader(of: account)
    try repository.forEach(of: account, in: transaction) { try reader.take($0) }
    try repository.startHead(reader.head, of: account, in: transaction)
  }

  /// Starts the chain of accounts whose lines are older than chains, with their existing lines.
  package func startChains() async throws {
    guard try await !database.read({ [repository] in try repository.accountsWithoutHead(in: $0) }).isEmpty else {
      return
    }
    try await database.write { [self] transaction in
      for account in try repository.accountsWithoutHead(in: transaction) {
        try startHead(of: account, in: transaction)
      }
    }
  }

  /// Verifies every line of the account's log against its chain, and against `mark`, a head that was noted outside the
  /// database.
  package func verify(_ account: AccountID, mark: AuditHead? = nil) async throws -> AuditVerification {
    try await database.read { [self] in try verify(account, mark: mark, in: $0) }
  }

  /// Verifies the log of every account, by name.
  package func verifyAll() async throws -> [AuditVerification] {
    try await database.read { [self] transaction in
      try repository.accounts(in: transaction).map { try verify($0, mark: nil, in: transaction) }
    }
  }

  private func verify(
    _ account: AccountID, mark: AuditHead?, in transaction: any Transaction
  ) throws -> AuditVerification {
    var reader = AuditChainReader(of: account, mark: mark)
    try repository.forEach(of: account, in: transaction) { try reader.take($0) }
    return reader.verification(stored: try repository.head(of: account, in: transaction))
  }

  /// The most lines on one page.
  package static let page = 500

  /// The account's lines, newest first: at most `limit` of those before `id`.
  package func list(of account: AccountID, before id: TimedID? = nil, limit: Int = 100) async throws -> [AuditEntry] {
    try await database.read { [repository] in
      try repository.list(of: account, before: id, limit: min(max(limit, 1), Self.page), in: $0)
    }
  }
}
