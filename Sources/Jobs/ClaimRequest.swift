import Values

/// What a worker asks a queue for.
public struct ClaimRequest: Sendable, Hashable {
  public let queue: QueueName
  /// The kinds of job that the worker can run; others stay where they are.
  public let names: Set<String>
  /// The most jobs to claim.
  public let limit: Int
  /// The worker's name.
  public let owner: String
  /// How long the jobs are leased without a heartbeat.
  public let lease: Duration
  /// The most jobs of one account that the worker holds at once.
  public let accountLimit: Int
  /// How many jobs of each account it holds already; those of no account under nil.
  public let held: [AccountID?: Int]

  /// Limits below 0 count as 0.
  public init(
    queue: QueueName, names: Set<String>, limit: Int, owner: String, lease: Duration = .seconds(60),
    accountLimit: Int = .max, held: [AccountID?: Int] = [:]
  ) {
    self.queue = queue
    self.names = names
    self.limit = min(max(limit, 0), JobLimits.batch)
    self.owner = owner
    self.lease = lease
    self.accountLimit = max(accountLimit, 0)
    self.held = held
  }

  /// Whether the request cannot return a job.
  package var isVoid: Bool { limit == 0 || accountLimit == 0 || names.isEmpty }
}
