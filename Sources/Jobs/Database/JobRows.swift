import Storage
import Values

extension JobRecord {
  private static let table = StoredTable("jobs", key: "account_id", "job_id")

  /// Reads a row with all columns of `jobs`.
  init(_ row: Row) throws {
    self = try Self.table.read(row, Self.read)
  }

  private static func read(_ row: Row) throws -> JobRecord {
    let failureClass: String? = try row.getOptional("failure_class")
    return JobRecord(
      id: try row.get("job_id"), accountID: try row.get("account_id", as: JobOwner.self).accountID,
      queue: QueueName(rawValue: try row.get("queue")), name: try row.get("name"), payload: try row.get("payload"),
      uniqueKey: try row.getOptional("unique_key"), state: try row.word("state"),
      priority: try row.get("priority"), turn: try row.get("turn"), attempt: try row.get("attempt"),
      maximumAttempts: try row.get("maximum_attempts"), runAt: try row.get("run_at"),
      createdAt: try row.get("created_at"), startedAt: try row.getOptional("started_at"),
      finishedAt: try row.getOptional("finished_at"), leaseOwner: try row.getOptional("lease_owner"),
      leaseToken: try row.get("lease_token"), leaseUntil: try row.getOptional("lease_until"),
      isCancelRequested: try row.get("cancel_requested"),
      failure: try failureClass.map {
        JobFailure(
          class: $0, reason: try row.getOptional("failure_reason") ?? "", text: try row.getOptional("failure") ?? "")
      }, report: try row.getOptional("report"))
  }
}

extension JobID: SQLEncodable, SQLDecodable {
  public var sqlValue: SQLValue { .text(value) }

  public init?(sqlValue: SQLValue) {
    guard case .text(let text) = sqlValue else { return nil }
    self.init(text)
  }
}

extension QueueName: SQLEncodable {
  public var sqlValue: SQLValue { .text(rawValue) }
}

extension JobState: SQLEncodable {
  public var sqlValue: SQLValue { .text(rawValue) }
}

extension Transaction {
  /// The suffix of a SELECT whose rows this transaction is about to change: rows locked by another transaction are
  /// skipped. SQLite has one writer at a time and needs none.
  var lockingRows: SQL {
    switch dialect {
    case .sqlite: ""
    case .postgresql: " FOR UPDATE SKIP LOCKED"
    }
  }

  /// The same for a single row that cannot be skipped: it waits for the other transaction.
  var lockingOneRow: SQL {
    switch dialect {
    case .sqlite: ""
    case .postgresql: " FOR UPDATE"
    }
  }

  /// Notifies other processes, once this transaction has committed, that `queue` has work. Where the database cannot
  /// send notifications, they find it by polling.
  func announce(_ queue: QueueName) throws {
    switch dialect {
    case .sqlite: break
    case .postgresql: _ = try query("SELECT pg_notify(\(DatabaseJobQueue.channel), \(queue))")
    }
  }
}
