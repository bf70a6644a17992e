public struct WorkerSettings: Sendable, Hashable {
  /// How long a job is leased without a heartbeat; a heartbeat is sent three times per lease.
  public let lease: Duration
  /// How often a worker polls for jobs that it was not notified of.
  public let pollInterval: Duration
  /// How long running jobs may go on once the worker is to stop.
  public let gracePeriod: Duration
  /// How many jobs of one account a worker runs at once in a queue, at least 1; nil for all of its places but one, so
  /// that an account whose jobs are slow leaves a place to the others.
  public let accountShare: Int?

  public init(
    lease: Duration = .seconds(60), pollInterval: Duration = .seconds(1), gracePeriod: Duration = .seconds(20),
    accountShare: Int? = nil
  ) {
    self.lease = lease
    self.pollInterval = pollInterval
    self.gracePeriod = gracePeriod
    self.accountShare = accountShare.map { max(1, $0) }
  }

  /// The most jobs of one account among `places`.
  func accountLimit(ofPlaces places: Int) -> Int {
    min(accountShare ?? max(1, places - 1), places)
  }
}

/// What a worker reports.
public enum WorkerEvent: Sendable {
  /// An attempt has ended.
  case ended(Lease, Settlement.Ending)
  /// The job was finished within its handler's transaction.
  case finishedByHandler(Lease)
  /// The job was given to another worker before it was settled.
  case leaseLost(Lease)
  /// Results could not be recorded, nor jobs claimed; the worker tries again.
  case queueFailed(QueueName, any Error)
  /// Heartbeats could not be written; the worker tries again.
  case heartbeatFailed(any Error)
}
