import Storage
import Values

extension DatabaseJobQueue {
  /// How many jobs there are, by queue and state, sorted. Each state is counted in the index that covers it.
  public func counts() async throws -> [JobCount] {
    let statements: [SQL] = [
      "SELECT queue, state, COUNT(*) AS n FROM jobs WHERE state = 'available' GROUP BY queue, state",
      "SELECT queue, state, COUNT(*) AS n FROM jobs WHERE state = 'scheduled' GROUP BY queue, state",
      "SELECT queue, state, COUNT(*) AS n FROM jobs WHERE state = 'running' GROUP BY queue, state",
      """
      SELECT queue, state, COUNT(*) AS n FROM jobs WHERE state IN ('completed', 'cancelled', 'dead')
      GROUP BY queue, state
      """,
    ]
    let counts = try await database.read { transaction in
      try statements.flatMap { statement in
        try transaction.query(statement).map {
          JobCount(queue: QueueName(rawValue: try $0.get("queue")), state: try $0.word("state"), count: try $0.get("n"))
        }
      }
    }
    return counts.sorted { ($0.queue, $0.state.rawValue) < ($1.queue, $1.state.rawValue) }
  }

  /// How many of the account's jobs are waiting to run.
  public static func waitingCount(of accountID: AccountID, in transaction: any Transaction) throws -> Int {
    try transaction.first(
      """
      SELECT COUNT(*) AS n FROM jobs WHERE account_id = \(accountID) AND state IN ('available', 'scheduled')
      """)?.get("n") ?? 0
  }

  /// For each queue with available jobs, the earliest moment at which one of them could have run.
  public func oldestWaiting() async throws -> [QueueName: Instant] {
    let rows = try await database.read { transaction in
      try transaction.query("SELECT queue, MIN(run_at) AS since FROM jobs WHERE state = 'available' GROUP BY queue")
    }
    return try Dictionary(
      rows.map { (QueueName(rawValue: try $0.get("queue")), try $0.get("since")) }, uniquingKeysWith: min)
  }

  /// How attempts have ended so far, sorted.
  public func counters() async throws -> [JobCounter] {
    let rows = try await database.read { transaction in
      try transaction.query(
        """
        SELECT queue, name, outcome, failure_class, CAST(SUM(count) AS \(type: .integer)) AS count FROM job_counters
        GROUP BY queue, name, outcome, failure_class
        """)
    }
    return try rows.map { row in
      JobCounter(
        key: JobCounter.Key(
          queue: QueueName(rawValue: try row.get("queue")), name: try row.get("name"), outcome: try row.word("outcome"),
          failureClass: try row.get("failure_class")), count: try row.get("count"))
    }.sorted { $0.key < $1.key }
  }

  /// Removes jobs that ended longer ago than `retention`, at most `limit` at once, and pauses that have ended.
  public func prune(_ retention: JobRetention, limit: Int) async throws -> Int {
    let now = clock()
    return try await database.write(isolation: .readCommitted) { transaction in
      try transaction.execute("DELETE FROM job_pauses WHERE until <= \(now)")
      let queues = try transaction.query("SELECT DISTINCT queue FROM job_turns ORDER BY queue")
      var removed = 0
      for row in queues {
        for state in JobState.allCases where state.isFinal {
          let age = state == .completed ? retention.completed : retention.others
          removed += try transaction.execute(
            """
            DELETE FROM jobs WHERE job_id IN (
              SELECT job_id FROM jobs
              WHERE queue = \(try row.get("queue", as: String.self)) AND state = \(state)
                AND state IN ('completed', 'cancelled', 'dead') AND finished_at <= \(now.adding(.zero - age))
              ORDER BY finished_at LIMIT \(max(0, limit - removed)))
            """)
        }
      }
      return removed
    }
  }
}
