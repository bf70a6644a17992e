import Values

/// Whose rows the current task's transactions can see, where the database can enforce it, and what its writes must
/// prove before they do anything.
///
/// This is a second barrier: every query on an account's data names the account anyway. Work done for one account, such
/// as a request with its key or one of its jobs, sees only that account's rows, even where a query forgets to filter.
/// Work that is not for a single account sees all rows: migrations, schedules, claiming of jobs, receiving of webhooks,
/// commands.
///
///     try await AccountScope.$current.withValue(.account(job.accountID)) { try await handle(job) }
public struct AccountScope: Sendable {
  /// Proves, at the start of a write's own transaction, that the write is allowed; throws where it is not.
  ///
  /// What was checked before the transaction began may have changed since: a key was revoked, an account deleted.
  public typealias Proof = @Sendable (any Transaction) throws -> Void

  /// The account whose rows can be seen; nil for the rows of all accounts.
  public let accountID: AccountID?
  private let proof: Proof?

  /// The rows of all accounts.
  public static let all = AccountScope(accountID: nil, proof: nil)

  /// The rows of this account, and tables that belong to no account. Each write runs `proof` first.
  public static func account(_ id: AccountID, proof: Proof? = nil) -> AccountScope {
    AccountScope(accountID: id, proof: proof)
  }

  /// The scope of the current task.
  @TaskLocal public static var current = AccountScope.all

  /// Drivers call this once in each write, before its closure. Throws what the proof throws.
  public func prove(in transaction: any Transaction) throws {
    try proof?(transaction)
  }
}
