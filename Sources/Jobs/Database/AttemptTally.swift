import Storage
import Values

/// Counts how attempts end within one transaction, and stores the counts at its end.
struct AttemptTally {
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
