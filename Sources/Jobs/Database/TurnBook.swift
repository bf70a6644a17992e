import Database
import Values

/// Gives out turns within one transaction, and writes down the last of each account at its end.
struct TurnBook {
  private struct Line: Hashable {
    let accountID: AccountID
    let queue: QueueName
    let priority: Int
  }

  private let transaction: any Transaction
  private var lastTurns: [Line: Int64] = [:]

  init(_ transaction: any Transaction) {
    self.transaction = transaction
  }

  /// The turn that a job would take; it counts once it is taken.
  mutating func next(for accountID: AccountID, in queue: QueueName, priority: Int) throws -> Int64 {
    let line = Line(accountID: accountID, queue: queue, priority: priority)
    if let last = lastTurns[line] { return last + 1 }
    let row = try transaction.first(
      """
      SELECT
        (SELECT floor FROM job_queues WHERE queue = \(queue) AND priority = \(priority)) AS floor,
        (SELECT last_turn FROM job_turns
         WHERE account_id = \(accountID) AND queue = \(queue) AND priority = \(priority)) AS last_turn
      """)
    return FairTurn.next(after: try row?.getOptional("last_turn"), floor: try row?.getOptional("floor") ?? 0)
  }

  /// Takes a turn that ``next(for:in:priority:)`` named.
  mutating func take(_ turn: Int64, for accountID: AccountID, in queue: QueueName, priority: Int) {
    lastTurns[Line(accountID: accountID, queue: queue, priority: priority)] = turn
  }

  /// Writes the turns that were taken, always in the same order, so that two transactions cannot wait for each other.
  func close() throws {
    let lines = lastTurns.sorted {
      ($0.key.queue, $0.key.accountID, $0.key.priority) < ($1.key.queue, $1.key.accountID, $1.key.priority)
    }
    for (line, last) in lines {
      try transaction.execute(
        """
        INSERT INTO job_turns (account_id, queue, priority, last_turn)
        VALUES (\(line.accountID), \(line.queue), \(line.priority), \(last))
        ON CONFLICT (account_id, queue, priority) DO UPDATE SET last_turn = excluded.last_turn
        WHERE job_turns.last_turn < excluded.last_turn
        """)
    }
  }
}

/// Counts how attempts end within one transaction, and adds the counts at its end.
struct CounterBook {
  private var counts: [JobCounter.Key: Int] = [:]

  mutating func count(_ outcome: JobOutcome, queue: QueueName, name: String, failureClass: String?) {
    counts[JobCounter.Key(queue: queue, name: name, outcome: outcome, failureClass: failureClass ?? ""), default: 0] +=
      1
  }

  /// Adds the counts, always in the same order, so that two transactions cannot wait for each other.
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
