import Values

/// Which jobs to list; nil means any.
public struct JobFilter: Sendable, Hashable {
  /// Only this account's.
  public let accountID: AccountID?
  /// Only those of no account.
  public let isOfNoAccount: Bool
  /// Only this queue's.
  public let queue: QueueName?
  /// Only of this kind.
  public let name: String?
  /// Only in this state.
  public let state: JobState?
  /// Only jobs created before this one: the last job of the previous page.
  public let before: JobID?
  /// The most jobs to return, 1 to ``JobLimits/page``.
  public let limit: Int

  /// Clamps the limit to its range.
  public init(
    accountID: AccountID? = nil, isOfNoAccount: Bool = false, queue: QueueName? = nil, name: String? = nil,
    state: JobState? = nil, before: JobID? = nil, limit: Int = 100
  ) {
    self.accountID = accountID
    self.isOfNoAccount = isOfNoAccount
    self.queue = queue
    self.name = name
    self.state = state
    self.before = before
    self.limit = min(max(limit, 1), JobLimits.page)
  }
}
