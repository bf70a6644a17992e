import Values

/// Whose rows the present task's transactions see, where the database can hold them to it, and what its writes must
/// prove before they do anything.
///
/// It is a second wall: every query on an account's data names the account anyway. What is done for one account, such
/// as a request with its key or one of its jobs, sees that account alone, whatever a query forgets to say. Work that
/// is for no single account sees all: migrations, schedules, claims of jobs, the intake of webhooks, commands.
///
///     try await AccountScope.$current.withValue(.account(job.accountID)) { try await handle(job) }
public struct AccountScope: Sendable {
  /// Proves, at the beginning of a write's own transaction, that the write may be made; throws where it may not.
  ///
  /// What was checked before the transaction began may have changed by then: a key revoked, an account deleted.
  public typealias Proof = @Sendable (any Transaction) throws -> Void

  /// The account whose rows are seen; nil for the rows of every account.
  public let accountID: AccountID?
  private let proof: Proof?

  /// The rows of every account.
  public static let all = AccountScope(accountID: nil, proof: nil)

  /// The rows of this account, and tables that belong to none. Each write runs `proof` first.
  public static func account(_ id: AccountID, proof: Proof? = nil) -> AccountScope {
    AccountScope(accountID: id, proof: proof)
  }

  /// The scope of the present task.
  @TaskLocal public static var current = AccountScope.all

  /// Drivers call this once in each write, before its closure. Throws what the proof throws.
  public func prove(in transaction: any Transaction) throws {
    try proof?(transaction)
  }
}
