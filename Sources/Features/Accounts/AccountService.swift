import Database
import Synchronization
import Values

/// Accounts and what their decisions are made by.
public struct AccountService: Sendable {
  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let repository = AccountRepository()
  private let configurations = ExpiringCache<AccountID, AccountConfiguration>()

  /// Works on `database`; `clock` tells the present moment.
  public init(database: any Database, clock: @escaping @Sendable () -> Instant) {
    self.database = database
    self.clock = clock
  }

  /// Makes an account with the default configuration in `currency` and `timezone`.
  ///
  /// Throws an ``APIError``: 409 where it exists already, 422 where the time zone is unknown.
  public func create(_ account: AccountID, currency: Currency = .usd, timezone: String = "UTC") async throws {
    let configuration = AccountConfiguration(currency: currency, timezone: timezone)
    if let problem = configuration.problem { throw APIError.invalid([problem]) }
    do {
      try await database.write { [repository, clock] in
        try repository.create(account, configuration, at: clock(), in: $0)
      }
    } catch DatabaseError.uniqueViolation {
      throw APIError(.conflict, "account_exists", "account \(account) exists already")
    }
  }

  /// All accounts, by name.
  public func all() async throws -> [Account] {
    try await database.read { [repository] in try repository.all(in: $0) }
  }

  /// The names of all accounts, as `transaction` sees them.
  public func ids(in transaction: any Transaction) throws -> [AccountID] {
    try repository.all(in: transaction).map(\.id)
  }

  /// The account's configuration, at most a second old. Throws an ``APIError`` of status 404.
  public func configuration(of account: AccountID) async throws -> AccountConfiguration {
    let now = clock()
    if let cached = configurations.value(of: account, at: now) { return cached }
    let configuration = try await database.read { [self] in try self.configuration(of: account, in: $0) }
    configurations.keep(configuration, of: account, at: now)
    return configuration
  }

  /// Changes the configuration by `change` and counts its version up; `figures` follow in the same transaction.
  ///
  /// Throws an ``APIError`` where the result breaks a rule, or the currency is to change under stored amounts.
  public func update(
    _ account: AccountID, figures: any GovernedFigures,
    _ change: @escaping @Sendable (inout AccountConfiguration) -> Void
  ) async throws -> AccountConfiguration {
    let updated = try await database.write { [self] transaction in
      let before = try configuration(of: account, in: transaction)
      var after = before
      change(&after)
      if let problem = after.problem { throw APIError.invalid([problem]) }
      if after.currency != before.currency, try figures.hasAmounts(of: account, in: transaction) {
        throw APIError(
          .conflict, "currency_in_use",
          "account \(account) has amounts in \(before.currency); make another account for \(after.currency)")
      }
      guard after != before else { return before }
      after.version = before.version + 1
      try repository.save(after, of: account, at: clock(), in: transaction)
      if after.stages != before.stages { try figures.revalue(account, after, in: transaction) }
      return after
    }
    configurations.forget(account)
    return updated
  }

  /// The configuration as `transaction` sees it. Throws an ``APIError`` of status 404.
  func configuration(of account: AccountID, in transaction: any Transaction) throws -> AccountConfiguration {
    guard let configuration = try repository.configuration(of: account, in: transaction) else {
      throw APIError.notFound("account \(account)")
    }
    return configuration
  }
}

/// What is kept under an account and depends on its configuration.
public protocol GovernedFigures: Sendable {
  /// Whether amounts in the account's currency are stored.
  func hasAmounts(of account: AccountID, in transaction: any Transaction) throws -> Bool

  /// Values the account's deals anew after its stages' values changed.
  func revalue(
    _ account: AccountID, _ configuration: AccountConfiguration, in transaction: any Transaction) throws
}

/// Values that are read often and may be a second old, kept by key.
final class ExpiringCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private static var lifetimeSeconds: Int64 { 1 }
  private static var capacity: Int { 10_000 }

  private let entries = Mutex<[Key: (value: Value, until: Instant)]>([:])

  func value(of key: Key, at now: Instant) -> Value? {
    entries.withLock { entries in
      entries[key].flatMap { now < $0.until ? $0.value : nil }
    }
  }

  func keep(_ value: Value, of key: Key, at now: Instant) {
    entries.withLock { entries in
      if entries.count >= Self.capacity { entries.removeAll(keepingCapacity: true) }
      entries[key] = (value, now.adding(seconds: Self.lifetimeSeconds))
    }
  }

  func forget(_ key: Key) {
    entries.withLock { _ = $0.removeValue(forKey: key) }
  }
}
