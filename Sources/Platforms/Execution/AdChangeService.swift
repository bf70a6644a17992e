import Accounts
import Execution
import Formats
import Jobs
import Storage
import Values
import Web

/// The changes of accounts as seen by people: listed, explained, approved, rejected.
package struct AdChangeService: Sendable {
  let database: any Database
  let log: ChangeLog
  let accounts: AccountService
  let queue: DatabaseJobQueue
  let audit: AuditService
  let settings = ExecutionSettingsRepository()
  let live: LiveAccounts

  /// `clock` returns the current moment, jobs go to `queue`, and `live` reads ad accounts.
  package init(
    database: any Database, clock: @escaping @Sendable () -> Instant, accounts: AccountService,
    queue: DatabaseJobQueue, audit: AuditService, live: LiveAccounts
  ) {
    self.database = database
    self.accounts = accounts
    self.queue = queue
    self.audit = audit
    self.live = live
    log = ChangeLog(clock: clock)
  }

  /// The most changes or batches on one page.
  package static let page = 500

  /// Changes with the currency of their amounts.
  package struct Listed<Item: Sendable>: Sendable {
    package let items: [Item]
    package let currency: Currency
  }

  /// The account's changes, latest first. Throws an ``ExecutionError`` or an ``AccountError`` where there is none.
  package func list(_ filter: AdChangeFilter, of account: AccountID) async throws -> Listed<PendingAdChange> {
    try await database.read { [self] transaction in
      let currency = try currency(of: account, in: transaction)
      var filter = filter
      filter.limit = min(max(filter.limit, 1), Self.page)
      return Listed(
        items: try AdChangeRepository(currency).list(filter, of: account, in: transaction), currency: currency)
    }
  }

  /// A change with its history. Throws an ``ExecutionError`` or an ``AccountError`` where there is none.
  package func change(
    _ id: TimedID, of account: AccountID
  ) async throws -> (change: PendingAdChange, history: [ChangeEvent], currency: Currency) {
    try await database.read { [self] transaction in
      let currency = try currency(of: account, in: transaction)
      let change = try require(id, of: account, currency, in: transaction)
      return (change, try log.moves.history(of: id, account: account, in: transaction), currency)
    }
  }

  /// The account's batches, latest first, only those made before `id`. Throws an ``ExecutionError`` or an
  /// ``AccountError`` where there is none.
  package func batches(
    of account: AccountID, before id: TimedID? = nil, limit: Int = 50
  ) async throws -> Listed<ChangeBatch> {
    try await database.read { [self] transaction in
      let currency = try currency(of: account, in: transaction)
      let batches = try AdChangeRepository(currency).batches(
        of: account, before: id, limit: min(max(limit, 1), Self.page), in: transaction)
      return Listed(items: batches, currency: currency)
    }
  }

  /// A batch with its changes, in the order in which they are applied. Throws an ``ExecutionError`` or an
  /// ``AccountError`` where there is none.
  package func batch(
    _ id: TimedID, of account: AccountID
  ) async throws -> (batch: ChangeBatch, changes: [PendingAdChange], currency: Currency) {
    try await database.read { [self] transaction in
      let currency = try currency(of: account, in: transaction)
      let repository = AdChangeRepository(currency)
      guard let batch = try repository.batch(id, of: account, in: transaction) else {
        throw ExecutionError.unknownBatch(id, account)
      }
      return (batch, try repository.changes(ofBatch: id, account: account, in: transaction), currency)
    }
  }

  // MARK: Approving and rejecting

  /// Approves a proposal: it is applied as soon as the limits allow.
  ///
  /// Throws an ``ExecutionError``, also where it is not a proposal any more, has expired, or the account's mode is
  /// `observe`.
  package func approve(_ id: TimedID, of account: AccountID, by actor: AuditActor) async throws {
    try await database.write { [self] transaction in
      let currency = try currency(of: account, in: transaction)
      let change = try require(id, of: account, currency, in: transaction)
      try requireWriting(account, currency, in: transaction)
      try approve(change, of: account, by: actor, in: transaction)
      try push(account, in: transaction)
    }
    queue.wake(ApplyAdChanges.queue)
  }

  /// Approves all proposals of a batch, and returns how many there were. Throws as ``approve(_:of:by:)`` does, but not
  /// for a batch without proposals.
  package func approve(batch id: TimedID, of account: AccountID, by actor: AuditActor) async throws -> Int {
    let count = try await database.write { [self] transaction in
      let currency = try currency(of: account, in: transaction)
      let proposed = try requireChanges(ofBatch: id, account, currency, in: transaction).filter {
        $0.state == .proposed && $0.expiresAt > log.clock()
      }
      guard !proposed.isEmpty else { return 0 }
      try requireWriting(account, currency, in: transaction)
      for change in proposed { try approve(change, of: account, by: actor, in: transaction) }
      try push(account, in: transaction)
      return proposed.count
    }
    queue.wake(ApplyAdChanges.queue)
    return count
  }

  /// Rejects a change that has not been written yet.
  ///
  /// Throws an ``ExecutionError``, also where it was written, is being written or has ended.
  package func reject(
    _ id: TimedID, of account: AccountID, by actor: AuditActor, reason: String?
  ) async throws {
    try await database.write { [self] transaction in
      let change = try require(id, of: account, currency(of: account, in: transaction), in: transaction)
      guard try reject(change, of: account, by: actor, reason, in: transaction) else {
        throw Self.conflict(change, "only a change that has not been written yet can be rejected")
      }
    }
  }

  /// Rejects all changes of a batch that have not been written yet, and returns how many. Throws an ``ExecutionError``
  /// or an ``AccountError`` where there is none.
  package func reject(
    batch id: TimedID, of account: AccountID, by actor: AuditActor, reason: String?
  ) async throws -> Int {
    try await database.write { [self] transaction in
      let currency = try currency(of: account, in: transaction)
      return try requireChanges(ofBatch: id, account, currency, in: transaction).count {
        try reject($0, of: account, by: actor, reason, in: transaction)
      }
    }
  }

  private func approve(
    _ change: PendingAdChange, of account: AccountID, by actor: AuditActor, in transaction: any Transaction
  ) throws {
    guard change.expiresAt > log.clock() else {
      throw ExecutionError.changeExpired(change.id, change.expiresAt)
    }
    guard try log.approve(change.id, of: account, by: actor.description, in: transaction) else {
      throw Self.conflict(change, "only proposals can be approved")
    }
    try audit.record(
      .changeApproved, of: change.id.description, by: actor, account: account,
      after: ["change": .string(change.summary)], in: transaction)
  }

  private func reject(
    _ change: PendingAdChange, of account: AccountID, by actor: AuditActor, _ reason: String?,
    in transaction: any Transaction
  ) throws -> Bool {
    let why = "rejected by \(actor)" + (reason.map { ": \($0)" } ?? "")
    let isEnded = try log.end(
      change.id, of: account, as: .rejected, by: actor.description, because: why, in: transaction)
    guard isEnded else { return false }
    try audit.record(
      .changeRejected, of: change.id.description, by: actor, account: account,
      after: ["change": .string(change.summary), "reason": reason.map { .string($0) } ?? .null], in: transaction)
    return true
  }

  // MARK: Helpers

  func currency(of account: AccountID, in transaction: any Transaction) throws -> Currency {
    try accounts.configuration(of: account, in: transaction).currency
  }

  func require(
    _ id: TimedID, of account: AccountID, _ currency: Currency, in transaction: any Transaction
  ) throws -> PendingAdChange {
    guard let change = try AdChangeRepository(currency).get(id, of: account, in: transaction) else {
      throw ExecutionError.unknownChange(id, account)
    }
    return change
  }

  func requireChanges(
    ofBatch id: TimedID, _ account: AccountID, _ currency: Currency, in transaction: any Transaction
  ) throws -> [PendingAdChange] {
    let repository = AdChangeRepository(currency)
    guard try repository.batch(id, of: account, in: transaction) != nil else {
      throw ExecutionError.unknownBatch(id, account)
    }
    return try repository.changes(ofBatch: id, account: account, in: transaction)
  }

  /// Throws ``ExecutionError/observing(_:)`` while nothing may be written for the account, whoever approves it.
  func requireWriting(_ account: AccountID, _ currency: Currency, in transaction: any Transaction) throws {
    let stored = try settings.get(of: account, in: currency, in: transaction)
    guard stored.settings.mode != .observe else {
      throw ExecutionError.observing(account)
    }
  }

  /// Pushes the job that applies the account's changes. One waiting job is enough.
  func push(_ account: AccountID, in transaction: any Transaction) throws {
    try queue.push([ApplyAdChanges(accountID: account)], in: transaction)
  }

  static func conflict(_ change: PendingAdChange, _ rule: String) -> ExecutionError {
    .changeState(change.id, change.state, rule: rule)
  }
}

extension PendingAdChange {
  /// The change in a few words, for logs: `set_budget ad set 2385 from 10000 to 12000`, in minor units.
  var summary: String {
    let budgets = action.budgets.map { " from \($0.from) to \($0.to)" } ?? ""
    return "\(action.kind.rawValue) \(level.noun) \(object)\(budgets)"
  }
}
