import Values

/// A job that recurs. Each kind is either a ``RecurringAccountJob`` or a ``RecurringInstallationJob``.
public protocol RecurringJob: Job {
  /// When it recurs unless configured otherwise, in the syntax of ``Schedule``: `6h`, or a cron expression.
  static var usualSchedule: String { get }

  /// The jobs of one tick; `accounts` are those that are not disabled.
  static func jobs(for accounts: [AccountID]) -> [Self]
}

/// A job that recurs for every account.
public protocol RecurringAccountJob: RecurringJob, AccountJob {
  init(accountID: AccountID)
}

extension RecurringAccountJob {
  /// One for each account.
  public static func jobs(for accounts: [AccountID]) -> [Self] { accounts.map { Self(accountID: $0) } }
}

/// A job of no account that recurs.
public protocol RecurringInstallationJob: RecurringJob, InstallationJob {
  init()
}

extension RecurringInstallationJob {
  /// One, whatever accounts there are.
  public static func jobs(for accounts: [AccountID]) -> [Self] { [Self()] }
}
