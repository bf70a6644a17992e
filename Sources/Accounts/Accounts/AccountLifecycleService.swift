import Formats
import Foundation
import Jobs
import Storage
import Values
import Web

/// What is left of an account that was deleted.
package struct AccountReceipt: Hashable, Sendable {
  /// What the account was called; another of this name may exist since.
  package let accountName: String
  /// When it was deleted.
  package let deletedAt: Instant
  /// Who deleted it.
  package let deletedBy: String
  /// How many rows went, by table; tables without any are left out.
  package let rowCounts: [String: Int]
}

/// Disables, enables, deletes and exports accounts, and sets their limits.
package struct AccountLifecycleService: Sendable {
  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let accounts: AccountService
  private let audit: AuditService
  private let queue: DatabaseJobQueue
  private let queues: [QueueName]
  /// What is counted of an account.
  package let quotas: [Quota]
  private let repository = AccountRowsRepository()
  private let limits = AccountQuotaRepository()

  /// Works on `database`; `clock` tells the present moment, jobs stand in `queues` of `queue`, and `quotas` are what the
  /// features count.
  package init(
    database: any Database, clock: @escaping @Sendable () -> Instant, accounts: AccountService, audit: AuditService,
    queue: DatabaseJobQueue, queues: [QueueName], quotas: [Quota]
  ) {
    self.database = database
    self.clock = clock
    self.accounts = accounts
    self.audit = audit
    self.queue = queue
    self.queues = queues
    self.quotas = quotas
  }

  /// The end of a disabled account's pause: 9999-12-31T00:00:00Z.
  private static let endOfTime = Instant(seconds: 253_402_214_400)

  /// Has the account's keys refused within a second, and its jobs wait until ``enable(_:by:)``. Jobs that run go on to
  /// their end. An account that is disabled already stays as it is.
  ///
  /// Throws an ``APIError`` of status 404.
  package func disable(_ account: AccountID, by actor: AuditActor) async throws {
    try await database.write { [self] transaction in
      _ = try accounts.configuration(of: account, in: transaction)
      guard try repository.setDisabled(clock(), account, in: transaction) else { return }
      try queue.pause(
        account, in: .every, until: Self.endOfTime, reason: "the account is disabled", in: transaction)
      try AccountRepository.announceChange(of: account, in: transaction)
      try audit.record(.accountDisabled, of: account.value, by: actor, account: account, in: transaction)
    }
  }

  /// Has the account's keys taken again, and its jobs done. Throws an ``APIError`` of status 404.
  package func enable(_ account: AccountID, by actor: AuditActor) async throws {
    try await database.write { [self] transaction in
      _ = try accounts.configuration(of: account, in: transaction)
      guard try repository.setDisabled(nil, account, in: transaction) else { return }
      try queue.resume(account, in: .every, in: transaction)
      try AccountRepository.announceChange(of: account, in: transaction)
      try audit.record(.accountEnabled, of: account.value, by: actor, account: account, in: transaction)
    }
    for name in queues { queue.wake(name) }
  }

  /// Sets how many requests the account may send; servers follow within a second. Throws an ``APIError`` of status 404.
  package func setRate(_ rate: RequestRate, of account: AccountID, by actor: AuditActor) async throws {
    try await database.write { [self] transaction in
      _ = try accounts.configuration(of: account, in: transaction)
      try repository.setRate(rate, of: account, in: transaction)
      try AccountRepository.announceChange(of: account, in: transaction)
      try audit.record(
        .requestRateChanged, of: account.value, by: actor, account: account,
        after: ["requests_per_minute": .number("\(rate.perMinute)"), "burst": .number("\(rate.burst)")],
        in: transaction)
    }
  }

  /// Changes how much the account may keep; what it has already stays. Throws an ``APIError`` of status 404.
  package func setQuotas(
    of account: AccountID, by actor: AuditActor, _ change: @escaping @Sendable (inout AccountQuotas) -> Void
  ) async throws {
    try await database.write { [self] transaction in
      _ = try accounts.configuration(of: account, in: transaction)
      let before = try limits.get(of: account, in: transaction)
      var after = before
      change(&after)
      for quota in quotas where after[quota] != before[quota] {
        try limits.set(after[quota], on: quota.name, of: account, in: transaction)
      }
      guard after != before else { return }
      try audit.record(
        .quotasChanged, of: account.value, by: actor, account: account,
        before: AccountLimitCoding.value(before, of: quotas),
        after: AccountLimitCoding.value(after, of: quotas), in: transaction)
    }
  }

  /// Sets how long the account's decisions are kept. Throws an ``APIError`` of status 404.
  package func setDecisionRetention(
    _ retention: DecisionRetention, of account: AccountID, by actor: AuditActor
  ) async throws {
    try await database.write { [self] transaction in
      guard let before = try repository.decisionRetention(of: account, in: transaction) else {
        throw APIError.notFound("account \(account)")
      }
      guard before != retention else { return }
      try repository.setDecisionRetention(retention, of: account, in: transaction)
      try audit.record(
        .decisionRetentionChanged, of: account.value, by: actor, account: account,
        before: AccountLimitCoding.value(before), after: AccountLimitCoding.value(retention), in: transaction)
    }
  }

  /// What the account may send and keep, and how much it keeps. Throws an ``APIError`` of status 404.
  package func usage(of account: AccountID) async throws -> AccountUsage {
    try await database.read { [self] transaction in
      guard let rate = try repository.rate(of: account, in: transaction),
        let decisions = try repository.decisionRetention(of: account, in: transaction)
      else {
        throw APIError.notFound("account \(account)")
      }
      let limits = try limits.get(of: account, in: transaction)
      let usage = try quotas.map { quota in
        AccountUsage.OfQuota(quota: quota, limit: limits[quota], used: try quota.count(account, transaction))
      }
      return AccountUsage(rate: rate, quotas: usage, decisionRetention: decisions)
    }
  }

  /// Removes the account with every row that is kept of it, in one transaction, and leaves a receipt.
  ///
  /// It waits for its turn and for the writes of the account that are under way; those that come later find no account.
  /// Throws an ``APIError``: 404 where the account does not exist, 403 where the database's role may not delete accounts,
  /// 409 where a row could not be removed or other writes of the account do not end; then nothing was removed.
  package func delete(_ account: AccountID, by actor: AuditActor) async throws -> AccountReceipt {
    let receipt: AccountReceipt
    do {
      receipt = try await accounts.write(inTurnOf: account) { [self] _, transaction in
        try remove(account, by: actor, in: transaction)
      }
    } catch DatabaseError.busy(let detail) {
      throw APIError(
        .conflict, "account_busy",
        """
        nothing was removed: other writes of account \(account), such as an import or its jobs, do not end (\(detail)). \
        Disable the account, wait for what runs, and delete it again
        """)
    }
    accounts.forget(account)
    return receipt
  }

  private func remove(
    _ account: AccountID, by actor: AuditActor, in transaction: any Transaction
  ) throws -> AccountReceipt {
    guard try repository.mayDelete(in: transaction) else {
      throw APIError(
        .forbidden, "role_may_not_delete",
        "the database's role may not delete accounts: run this as the role that owns the tables")
    }
    guard try repository.lock(account, in: transaction) else { throw APIError.notFound("account \(account)") }
    let tables = try repository.tables(in: transaction)
    let counts = try tables.reduce(into: [String: Int]()) { counts, table in
      let count = try repository.count(table, of: account, in: transaction)
      if count > 0 { counts[table] = count }
    }
    // First the account itself: with it goes all that refers to it, and its audit log may go only after it.
    try repository.delete("accounts", of: account, in: transaction)
    for table in tables { try repository.delete(table, of: account, in: transaction) }
    for table in tables where try repository.count(table, of: account, in: transaction) > 0 {
      throw APIError(.conflict, "rows_left", "rows of account \(account) in \(table) cannot be removed")
    }
    let receipt = AccountReceipt(
      accountName: account.value, deletedAt: clock(), deletedBy: actor.description, rowCounts: counts)
    try repository.insert(receipt, rowCounts: Self.text(counts), in: transaction)
    try AccountRepository.announceChange(of: account, in: transaction)
    return receipt
  }

  private static func text(_ counts: [String: Int]) -> String {
    var json = JSONWriter()
    json.object { json in
      for (table, count) in counts.sorted(by: { $0.key < $1.key }) {
        json.key(table)
        json.value(count)
      }
    }
    return json.string
  }

  /// The receipts of deleted accounts, latest first, at most 1,000.
  package func receipts() async throws -> [AccountReceipt] {
    try await database.read { [repository] transaction in
      try repository.receipts(limit: 1_000, in: transaction).map { stored in
        let counts = try JSONReader.read(stored.rowCounts) { try $0.readValue() }
        guard case .object(let object) = counts else { throw DatabaseError.unreadableColumn("row_counts") }
        return AccountReceipt(
          accountName: stored.name, deletedAt: stored.deletedAt, deletedBy: stored.deletedBy,
          rowCounts: object.members.reduce(into: [:]) { $0[$1.key] = $1.value.doubleValue.flatMap { Int(exactly: $0) } }
        )
      }
    }
  }

  /// Hands over each row that is kept of the account as a JSON object in one line, table by table, as one consistent
  /// whole. Hashes of secrets are left out.
  ///
  /// Values are as the database has them: on SQLite, amounts are millionths and moments microseconds since 1970. The
  /// audit log says who was given it, also where that fails half-way. Throws an ``APIError`` of status 404, and what
  /// `body` throws.
  package func export(
    _ account: AccountID, by actor: AuditActor,
    _ body: @escaping @Sendable (_ table: String, _ line: [UInt8]) throws -> Void
  ) async throws {
    try await database.write { [self] transaction in
      _ = try accounts.configuration(of: account, in: transaction)
      try audit.record(.accountExported, of: account.value, by: actor, account: account, in: transaction)
    }
    try await database.read { [self] transaction in
      _ = try accounts.configuration(of: account, in: transaction)
      for table in try repository.tables(in: transaction) {
        let columns = try repository.columns(of: table, in: transaction).filter { $0 != "secret_hash" }
        try repository.forEach(table, of: account, in: transaction) { row in
          var json = JSONWriter()
          try json.object { json in
            for column in columns {
              json.key(column)
              json.value(try row.getOptional(column, as: SQLValue.self) ?? .null)
            }
          }
          try body(table, json.bytes)
        }
      }
    }
  }
}

extension JSONWriter {
  fileprivate mutating func value(_ value: SQLValue) {
    switch value {
    case .null: null()
    case .integer(let number): self.value(number)
    case .double(let number): self.value(number)
    case .text(let text): self.value(text)
    case .bool(let truth): self.value(truth)
    case .money(let amount): number(text: "\(amount)")
    case .instant(let instant): self.value("\(instant)")
    case .day(let day): self.value("\(day)")
    case .bytes(let bytes): self.value(Data(bytes).base64EncodedString())
    }
  }
}
