import Values

/// Whose rows the present task's transactions see, where the database can hold them to it.
///
/// It is a second wall: every query on an account's data names the account anyway. What is done for one account, such
/// as a request with its key or one of its jobs, sees that account alone, whatever a query forgets to say. Work that
/// is for no single account sees all: migrations, schedules, claims of jobs, the intake of webhooks, commands.
///
///     try await AccountScope.$current.withValue(.account(job.accountID)) { try await handle(job) }
public enum AccountScope: Hashable, Sendable {
  /// The rows of every account.
  case all
  /// The rows of this account, and tables that belong to none.
  case account(AccountID)

  /// The scope of the present task.
  @TaskLocal public static var current = AccountScope.all
}
