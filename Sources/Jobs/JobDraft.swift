import Values

/// A job to be pushed: what ``Job`` declares, in the form that drivers store.
public struct JobDraft: Sendable, Hashable {
  /// The account it belongs to; nil for none.
  public let accountID: AccountID?
  /// The queue it is pushed to.
  public let queue: QueueName
  /// What kind of job it is.
  public let name: String
  /// The job as JSON.
  public let payload: String
  /// The key that makes it the twin of a waiting job with the same key.
  public let uniqueKey: String?
  /// The most attempts it may have.
  public let maximumAttempts: Int
}
