import Accounts
import RemoteAPIs
import Storage
import Values

/// The campaigns, ad sets and ads of an account, as last read from Meta.
package struct AdObjectService: Sendable {
  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let repository = AdObjectRepository()

  package init(database: any Database, clock: @escaping @Sendable () -> Instant) {
    self.database = database
    self.clock = clock
  }

  /// All of the account's objects, including archived and deleted ones, by kind and id.
  package func all(of account: AccountID, in transaction: any Transaction) throws -> [AdObject] {
    try repository.all(of: account, in: transaction)
  }

  /// All of the account's objects.
  package func all(of account: AccountID) async throws -> [AdObject] {
    try await database.read { [repository] in try repository.all(of: account, in: $0) }
  }

  /// An object; nil where it was never read.
  package func get(
    _ kind: AdObject.Kind, _ id: MetaID, of account: AccountID, in transaction: any Transaction
  ) throws -> AdObject? {
    try repository.get(kind, id, of: account, in: transaction)
  }

  /// Stores objects that were just read from Meta, for instance after a change. Objects that were read individually
  /// come without their budget schedules: the known ones are kept.
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

  /// Deletes all of the account's objects.
  func removeAll(of account: AccountID, in transaction: any Transaction) throws {
    try repository.removeAll(of: account, in: transaction)
  }

  /// How long objects that were deleted at Meta are kept, in seconds.
  private static let deletedLifetime: Int64 = 400 * 86_400

  /// Deletes up to `limit` objects, over all accounts, that were deleted at Meta more than 400 days ago.
  @Sendable package func removeDeleted(_ limit: Int) async throws -> Int {
    let moment = clock().adding(seconds: -Self.deletedLifetime)
    return try await database.write { [repository] in
      try repository.removeDeleted(before: moment, limit: limit, in: $0)
    }
  }
}

extension AdObject {
  /// Identifies it among the account's objects.
  struct Key: Hashable {
    let kind: Kind
    let id: MetaID
  }

  var key: Key { Key(kind: kind, id: id) }
}
