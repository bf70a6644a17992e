import Values

/// A job that recurs for every account.
public protocol RecurringJob: Job {
  /// When it recurs unless told otherwise, as ``Schedule`` is written: `6h`, or a cron expression.
  static var usualSchedule: String { get }

  /// The job of an account.
  init(accountID: AccountID)
}
