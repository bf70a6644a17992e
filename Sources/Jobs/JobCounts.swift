/// How many jobs of a queue are in a state.
public struct JobCount: Sendable, Hashable {
  public let queue: QueueName
  public let state: JobState
  /// How many; at least 1.
  public let count: Int

  package init(queue: QueueName, state: JobState, count: Int) {
    self.queue = queue
    self.state = state
    self.count = count
  }
}

/// How many attempts of a kind of job have ended in one way so far.
public struct JobCounter: Sendable, Hashable {
  /// What is counted.
  public struct Key: Sendable, Hashable {
    public let queue: QueueName
    /// The kind of job.
    public let name: String
    /// How the attempt ended.
    public let outcome: JobOutcome
    /// The class of the failure; empty for an attempt that did not fail.
    public let failureClass: String

    package init(queue: QueueName, name: String, outcome: JobOutcome, failureClass: String) {
      self.queue = queue
      self.name = name
      self.outcome = outcome
      self.failureClass = failureClass
    }
  }

  /// What is counted.
  public let key: Key
  /// How often.
  public let count: Int

  package init(key: Key, count: Int) {
    self.key = key
    self.count = count
  }
}

/// How an attempt, or a waiting job, ended.
public enum JobOutcome: String, Sendable, CaseIterable {
  /// It succeeded.
  case completed
  /// It failed and will be tried again.
  case retried
  /// It failed for good.
  case dead
  /// It was cancelled.
  case cancelled
  /// A twin was waiting.
  case superseded
  /// It was returned because its account's jobs are paused.
  case paused
  /// A worker that is stopping returned it unfinished.
  case released
  /// Its worker stopped answering, and it waits for another.
  case expired
}
