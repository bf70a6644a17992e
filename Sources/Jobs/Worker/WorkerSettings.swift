/// How a worker goes about its work.
public struct WorkerSettings: Sendable, Hashable {
  /// How long a job is held without a heartbeat; three heartbeats fit into it.
  public let lease: Duration
  /// How often a worker looks for jobs that nobody told it of.
  public let pollInterval: Duration
  /// How long running jobs may go on once the worker is to stop.
  public let gracePeriod: Duration
  /// How many jobs of one account a worker runs at once in a queue, at least 1; nil for all of its places but one, so
  /// that an account whose jobs are slow leaves a place to the others.
  public let accountShare: Int?

  /// Takes the settings.
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

/// What a worker has to tell.
public enum WorkerEvent: Sendable {
  /// An attempt has ended.
  case ended(Lease, Settlement.Ending)
  /// The job was finished within its handler's transaction.
  case finishedByHandler(Lease)
  /// The job went to somebody else before it was settled.
  case leaseLost(Lease)
  /// What has ended could not be recorded, nor jobs be claimed; the worker tries again.
  case queueFailed(QueueName, any Error)
  /// Heartbeats could not be written; the worker tries again.
  case heartbeatFailed(any Error)
}
