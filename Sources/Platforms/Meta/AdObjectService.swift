import Accounts
import RemoteAPIs
import Storage
import Values

/// The campaigns, ad sets and ads of an account, as they were last read at Meta.
package struct AdObjectService: Sendable {
  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let repository = AdObjectRepository()

  /// Works on `database`; `clock` tells the present moment.
  package init(database: any Database, clock: @escaping @Sendable () -> Instant) {
    self.database = database
    self.clock = clock
  }

  /// All of the account's, those that were archived or deleted too, by kind and number.
  package func all(of account: AccountID, in transaction: any Transaction) throws -> [AdObject] {
    try repository.all(of: account, in: transaction)
  }

  /// All of the account's.
  package func all(of account: AccountID) async throws -> [AdObject] {
    try await database.read { [repository] in try repository.all(of: account, in: $0) }
  }

  /// One of them; nil where it was never read.
  package func get(
    _ kind: AdObject.Kind, _ id: MetaID, of account: AccountID, in transaction: any Transaction
  ) throws -> AdObject? {
    try repository.get(kind, id, of: account, in: transaction)
  }

  /// Keeps objects as they were just read at Meta, such as after a change. The schedules of budgets of those that were
  /// read alone, which have none with them, stay as they are known.
  package func save(_ objects: [AdObject], of account: AccountID, in transaction: any Transaction) throws {
    let known = try Dictionary(grouping: repository.all(of: account, in: transaction), by: \.key)
    let changed = objects.compactMap { object -> AdObject? in
      var object = object
      guard let before = known[object.key]?.first else { return object }
      if object.hasBudgetSchedules, object.budgetSchedules.isEmpty { object.budgetSchedules = before.budgetSchedules }
      return object == before ? nil : object
    }
    try repository.save(changed, of: account, at: clock(), in: transaction)
  }

  /// Forgets all of the account's.
  func removeAll(of account: AccountID, in transaction: any Transaction) throws {
    try repository.removeAll(of: account, in: transaction)
  }

  /// How long objects that were deleted at Meta are kept, in seconds.
  private static let deletedLifetime: Int64 = 400 * 86_400

  /// Forgets up to `limit` objects, over all accounts, that were deleted at Meta more than 400 days ago.
  @Sendable package func removeDeleted(_ limit: Int) async throws -> Int {
    let moment = clock().adding(seconds: -Self.deletedLifetime)
    return try await database.write { [repository] in
      try repository.removeDeleted(before: moment, limit: limit, in: $0)
    }
  }
}

extension AdObject {
  /// What tells it from others of the account.
  struct Key: Hashable {
    let kind: Kind
    let id: MetaID
  }

  var key: Key { Key(kind: kind, id: id) }
}
