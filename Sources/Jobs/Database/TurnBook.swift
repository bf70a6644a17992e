import Storage
import Values

/// Assigns turns within one transaction, and stores the last turn of each owner at its end.
struct TurnBook {
  private struct Line: Hashable {
    let owner: JobOwner
    let queue: QueueName
    let priority: Int
  }

  private let transaction: any Transaction
  /// The next turn for each fair queue that was looked up.
  private var nextTurns: [Line: Int64] = [:]
  private var lastTaken: [Line: Int64] = [:]

  init(_ transaction: any Transaction) {
    self.transaction = transaction
  }

  /// Looks up the fair queues of many owners at once.
  mutating func lookUp(_ owners: Set<JobOwner>, in queue: QueueName, priority: Int) throws {
    let rows = try transaction.query(
      """
      SELECT line.floor, job_turns.account_id, job_turns.last_turn
      FROM (SELECT
        (SELECT floor FROM job_queues WHERE queue = \(queue) AND priority = \(priority)) AS floor) AS line
      LEFT JOIN job_turns ON job_turns.queue = \(queue) AND job_turns.priority = \(priority)
        AND job_turns.account_id IN (\(.list(owners.sorted())))
      """)
    let floor: Int64 = try rows.first?.getOptional("floor") ?? 0
    var lastTurns: [JobOwner: Int64] = [:]
    for row in rows {
      if let owner: JobOwner = try row.getOptional("account_id") { lastTurns[owner] = try row.get("last_turn") }
    }
    for owner in owners {
      nextTurns[Line(owner: owner, queue: queue, priority: priority)] =
        FairTurn.next(after: lastTurns[owner], floor: floor)
    }
  }

  /// Assigns the owner's next turn.
  mutating func take(for owner: JobOwner, in queue: QueueName, priority: Int) throws -> Int64 {
    let line = Line(owner: owner, queue: queue, priority: priority)
    if nextTurns[line] == nil { try lookUp([owner], in: queue, priority: priority) }
    let turn = nextTurns[line] ?? 1
    (nextTurns[line], lastTaken[line]) = (turn + 1, turn)
    return turn
  }

  /// Stores the assigned turns, always in the same order, so that two transactions cannot deadlock.
  func close() throws {
    guard !lastTaken.isEmpty else { return }
    let lines = lastTaken.sorted {
      ($0.key.queue, $0.key.owner, $0.key.priority) < ($1.key.queue, $1.key.owner, $1.key.priority)
    }
    try transaction.prepare(Self.keeping).execute(
      each: lines.map { line, last in
        [line.owner.sqlValue, line.queue.sqlValue, line.priority.sqlValue, last.sqlValue]
      })
  }

  private static let keeping: SQL =
    """
    INSERT INTO job_turns (account_id, queue, priority, last_turn) VALUES (\(""), \(""), \(0), \(0))
    ON CONFLICT (account_id, queue, priority) DO UPDATE SET last_turn = excluded.last_turn
    WHERE job_turns.last_turn < excluded.last_turn
    """
}

/// Counts how attempts end within one transaction, and stores the counts at its end.
struct CounterBook {
  private var counts: [JobCounter.Key: Int] = [:]

  mutating func count(_ outcome: JobOutcome, queue: QueueName, name: String, failureClass: String?) {
    counts[JobCounter.Key(queue: queue, name: name, outcome: outcome, failureClass: failureClass ?? ""), default: 0] +=
      1
  }

  /// Stores the counts, always in the same order, so that two transactions cannot deadlock.
  func close(in transaction: any Transaction) throws {
    for (key, count) in counts.sorted(by: { $0.key < $1.key }) {
      try transaction.execute(
        """
        INSERT INTO job_counters (queue, name, outcome, failure_class, slot, count)
        VALUES (\(key.queue), \(key.name), \(key.outcome.rawValue), \(key.failureClass),
          \(transaction.dialect.writerSlot), \(count))
        ON CONFLICT (queue, name, outcome, failure_class, slot)
        DO UPDATE SET count = job_counters.count + excluded.count
        """)
    }
  }
}

extension JobCounter.Key: Comparable {
  /// Orders by queue, name, outcome and class.
  public static func < (left: JobCounter.Key, right: JobCounter.Key) -> Bool {
    (left.queue, left.name, left.outcome.rawValue, left.failureClass)
      < (right.queue, right.name, right.outcome.rawValue, right.failureClass)
  }
}
