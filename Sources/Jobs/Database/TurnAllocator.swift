import Storage
import Values

/// Assigns turns within one transaction, and stores the last turn of each owner at its end.
struct TurnAllocator {
  private struct FairQueue: Hashable {
    let owner: JobOwner
    let queue: QueueName
    let priority: Int
  }

  private let transaction: any Transaction
  /// The next turn for each fair queue that was looked up.
  private var nextTurns: [FairQueue: Int64] = [:]
  private var lastTaken: [FairQueue: Int64] = [:]

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
      nextTurns[FairQueue(owner: owner, queue: queue, priority: priority)] =
        FairTurn.next(after: lastTurns[owner], floor: floor)
    }
  }

  /// Assigns the owner's next turn.
  mutating func take(for owner: JobOwner, in queue: QueueName, priority: Int) throws -> Int64 {
    let fairQueue = FairQueue(owner: owner, queue: queue, priority: priority)
    if nextTurns[fairQueue] == nil { try lookUp([owner], in: queue, priority: priority) }
    let turn = nextTurns[fairQueue] ?? 1
    (nextTurns[fairQueue], lastTaken[fairQueue]) = (turn + 1, turn)
    return turn
  }

  /// Stores the assigned turns, always in the same order, so that two transactions cannot deadlock.
  func close() throws {
    guard !lastTaken.isEmpty else { return }
    let taken = lastTaken.sorted {
      ($0.key.queue, $0.key.owner, $0.key.priority) < ($1.key.queue, $1.key.owner, $1.key.priority)
    }
    try transaction.prepare(Self.keeping).execute(
      each: taken.map { fairQueue, last in
        [fairQueue.owner.sqlValue, fairQueue.queue.sqlValue, fairQueue.priority.sqlValue, last.sqlValue]
      })
  }

  private static let keeping: SQL =
    """
    INSERT INTO job_turns (account_id, queue, priority, last_turn) VALUES (\(""), \(""), \(0), \(0))
    ON CONFLICT (account_id, queue, priority) DO UPDATE SET last_turn = excluded.last_turn
    WHERE job_turns.last_turn < excluded.last_turn
    """
}
