import Formats
import Foundation
import Jobs
import Storage
import Values
import Web

/// What remains of a deleted account.
package struct AccountReceipt: Hashable, Sendable {
  /// The name of the account; another account may have it since.
  package let accountName: String
  /// When it was deleted.
  package let deletedAt: Instant
  /// Who deleted it.
  package let deletedBy: String
  /// How many rows were removed, by table; tables without any are left out.
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
  /// What is counted for an account.
  package let quotas: [Quota]
  private let repository = AccountRowsRepository()
  private let limits = AccountQuotaRepository()

  /// `clock` returns the current moment, `queue` holds the jobs, and `quotas` are those of all features.
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

  /// The account's keys are refused within a second, and its jobs wait until ``enable(_:by:)``. Running jobs continue
  /// to their end. An account that is already disabled stays as it is.
  ///
  /// Throws ``AccountError/unknown(_:)``.
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

  /// The account's keys are accepted again, and its jobs run. Throws ``AccountError/unknown(_:)``.
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

  /// Sets how many requests the account may send; servers apply it within a second. Throws
  /// ``AccountError/unknown(_:)``.
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

  /// Changes how much the account may store; what it has already stays. Throws ``AccountError/unknown(_:)``.
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

  /// Sets how long the account's decisions are kept. Throws ``AccountError/unknown(_:)``.
  package func setDecisionRetention(
    _ retention: DecisionRetention, of account: AccountID, by actor: AuditActor
  ) async throws {
    try await database.write { [self] transaction in
      guard let before = try repository.decisionRetention(of: account, in: transaction) else {
        throw AccountError.unknown(account)
      }
      guard before != retention else { return }
      try repository.setDecisionRetention(retention, of: account, in: transaction)
      try audit.record(
        .decisionRetentionChanged, of: account.value, by: actor, account: account,
        before: AccountLimitCoding.value(before), after: AccountLimitCoding.value(retention), in: transaction)
    }
  }

  /// What the account may send and store, and how much it stores. Throws ``AccountError/unknown(_:)``.
  package func usage(of account: AccountID) async throws -> AccountUsage {
    try await database.read { [self] transaction in
      guard let rate = try repository.rate(of: account, in: transaction),
        let decisions = try repository.decisionRetention(of: account, in: transaction)
      else {
        throw AccountError.unknown(account)
      }
      let limits = try limits.get(of: account, in: transaction)
      let usage = try quotas.map { quota in
        AccountUsage.OfQuota(quota: quota, limit: limits[quota], used: try quota.count(account, transaction))
      }
      return AccountUsage(rate: rate, quotas: usage, decisionRetention: decisions)
    }
  }

  /// Removes the account with all its rows, in one transaction, and leaves a receipt.
  ///
  /// It waits for its turn and for the account's running writes; later writes find no account. Throws an
  /// ``AccountError`` where the account does not exist, the database's role is not allowed to delete accounts, a row
  /// could not be removed, or other writes of the account keep running; then nothing was removed.
  package func delete(_ account: AccountID, by actor: AuditActor) async throws -> AccountReceipt {
    let receipt: AccountReceipt
    do {
      receipt = try await accounts.write(inTurnOf: account) { [self] _, transaction in
        try remove(account, by: actor, in: transaction)
      }
    } catch DatabaseError.busy(let detail) {
      throw AccountError.busy(account, detail: detail)
    }
    accounts.forget(account)
    return receipt
  }

  private func remove(
    _ account: AccountID, by actor: AuditActor, in transaction: any Transaction
  ) throws -> AccountReceipt {
    guard try repository.mayDelete(in: transaction) else { throw AccountError.roleMayNotDelete }
    guard try repository.lock(account, in: transaction) else { throw AccountError.unknown(account) }
    let tables = try repository.tables(in: transaction)
    let counts = try tables.reduce(into: [String: Int]()) { counts, table in
      let count = try repository.count(table, of: account, in: transaction)
      if count > 0 { counts[table] = count }
    }
    // First the account itself: everything that refers to it is deleted with it, and its audit log may be deleted only
    // after it.
    try repository.delete("accounts", of: account, in: transaction)
    for table in tables { try repository.delete(table, of: account, in: transaction) }
    for table in tables where try repository.count(table, of: account, in: transaction) > 0 {
      throw AccountError.rowsLeft(account, table: table)
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
      try repository.receipts(limit: 1_000, in: transaction)
    }
  }

  /// Passes each of the account's rows to `body` as a JSON object on one line, table by table, from one consistent
  /// snapshot. Hashes of secrets, and sealed secrets, are left out.
  ///
  /// Values are as the database stores them: on SQLite, amounts are millionths and moments are microseconds since 1970.
  /// The audit log records who received the export, also where it fails half-way. Throws ``AccountError/unknown(_:)``,
  /// and what `body` throws.
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
        let columns = try repository.columns(of: table, in: transaction).filter {
          !["secret_hash", "sealed_token"].contains($0)
        }
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
    case .vector(let numbers): array { json in for number in numbers { json.value(Double(number)) } }
    }
  }
}
