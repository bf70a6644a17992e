import DecisionEngine
import Storage
import Values

/// The SQL of funnel counts.
struct FunnelRepository {
  /// Stands for the missing ad of deals without one: no ad has an empty id.
  private static let nobody = ""
  private static let rowsAtOnce = 256
  private static let steps = StoredTable("funnel_steps", key: "account_id", "ad_id", "step", "entered_on")
  private static let logs = StoredTable("funnel_logs", key: "account_id", "kind", "subject")

  /// What a row of logarithms sums: the amounts of an ad's deals, or the days until deals went on or were lost.
  fileprivate enum LogKind: String {
    case amount, advance, loss
  }

  func signature(of account: AccountID, in transaction: any Transaction) throws -> String? {
    try transaction.first("SELECT signature FROM funnel_states WHERE account_id = \(account)")
      .map { try $0.get("signature") }
  }

  func clear(_ account: AccountID, signature: String, in transaction: any Transaction) throws {
    try transaction.execute("DELETE FROM funnel_steps WHERE account_id = \(account)")
    try transaction.execute("DELETE FROM funnel_logs WHERE account_id = \(account)")
    try transaction.execute(
      """
      INSERT INTO funnel_states (account_id, signature) VALUES (\(account), \(signature))
      ON CONFLICT (account_id) DO UPDATE SET signature = excluded.signature
      """)
  }

  /// Adds `change`, whose counts may be negative, to what is stored.
  func add(_ change: FunnelTallies, of account: AccountID, in transaction: any Transaction) throws {
    let (stepRows, logRows) = Self.rows(of: change)
    for start in stride(from: 0, to: stepRows.count, by: Self.rowsAtOnce) {
      try transaction.execute(
        """
        INSERT INTO funnel_steps AS s (account_id, ad_id, step, entered_on, waiting, advanced, lost)
        VALUES \(.rows(stepRows[start..<min(start + Self.rowsAtOnce, stepRows.count)].map { $0.values(of: account) }))
        ON CONFLICT (account_id, ad_id, step, entered_on) DO UPDATE SET
          waiting = s.waiting + excluded.waiting, advanced = s.advanced + excluded.advanced,
          lost = s.lost + excluded.lost
        """)
    }
    for start in stride(from: 0, to: logRows.count, by: Self.rowsAtOnce) {
      try transaction.execute(
        """
        INSERT INTO funnel_logs AS l (account_id, kind, subject, count, logs, squares)
        VALUES \(.rows(logRows[start..<min(start + Self.rowsAtOnce, logRows.count)].map { $0.values(of: account) }))
        ON CONFLICT (account_id, kind, subject) DO UPDATE SET
          count = l.count + excluded.count, logs = l.logs + excluded.logs, squares = l.squares + excluded.squares
        """)
    }
    try removeEmptyRows(after: stepRows, logRows, of: account, in: transaction)
  }

  /// Removes rows whose counts are all zero. Only rows whose total went down are checked: most moves of a deal only
  /// move it from one count of a row to another.
  private func removeEmptyRows(
    after steps: [StepRow], _ logs: [LogRow], of account: AccountID, in transaction: any Transaction
  ) throws {
    if steps.contains(where: { $0.counts.reduce(0, +) < 0 }) {
      try transaction.execute(
        "DELETE FROM funnel_steps WHERE account_id = \(account) AND waiting = 0 AND advanced = 0 AND lost = 0")
    }
    for log in logs where log.tally.count < 0 {
      try transaction.execute(
        """
        DELETE FROM funnel_logs
        WHERE account_id = \(account) AND kind = \(log.kind.rawValue) AND subject = \(log.subject) AND count = 0
        """)
    }
  }

  private static func rows(of change: FunnelTallies) -> (steps: [StepRow], logs: [LogRow]) {
    var steps: [StepRow] = []
    var logs: [LogRow] = []
    let ads = change.ads.sorted { $0.key < $1.key }.map { ($0.key.value, $0.value) }
    for (adID, tally) in ads + [(nobody, change.unattributed)] {
      for (step, stage) in tally.steps.enumerated() {
        steps += stage.cohorts.map {
          StepRow(adID: adID, step: step, day: $0.day, counts: [$0.waiting, $0.advanced, $0.lost])
        }
      }
      logs.append(LogRow(kind: .amount, subject: adID, tally: tally.amounts))
    }
    for (kind, tallies) in [(LogKind.advance, change.advances), (.loss, change.losses)] {
      logs += tallies.enumerated().map { LogRow(kind: kind, subject: "\($0)", tally: $1) }
    }
    return (steps, logs.filter { $0.tally != LogTally() })
  }

  /// The stored counts, without ads' daily figures.
  func tallies(
    of account: AccountID, _ funnel: SalesFunnel, in transaction: any Transaction
  ) throws -> FunnelTallies {
    var tallies = FunnelTallies(funnel: funnel)
    try transaction.forEach(
      """
      SELECT ad_id, step, entered_on, waiting, advanced, lost FROM funnel_steps
      WHERE account_id = \(account) ORDER BY ad_id, step, entered_on
      """
    ) { row in
      try Self.steps.read(row, of: account) { try Self.addStep($0, to: &tallies) }
    }
    try transaction.forEach(
      "SELECT kind, subject, count, logs, squares FROM funnel_logs WHERE account_id = \(account)"
    ) { row in
      try Self.logs.read(row, of: account) { try Self.addLog($0, to: &tallies) }
    }
    return tallies
  }

  private static func addStep(_ row: Row, to tallies: inout FunnelTallies) throws {
    let (step, day): (Int, Int) = (try row.get("step"), try row.get("entered_on"))
    let counts: [(WritableKeyPath<StageTally.Cohort, Int>, Int)] = [
      (\.waiting, try row.get("waiting")), (\.advanced, try row.get("advanced")), (\.lost, try row.get("lost")),
    ]
    guard step < tallies.funnel.stepCount else { throw DatabaseError.unreadableColumn("step") }
    try change(&tallies, try row.get("ad_id")) { tally in
      for (outcome, count) in counts where count != 0 { tally.steps[step].add(count, on: day, outcome) }
    }
  }

  private static func addLog(_ row: Row, to tallies: inout FunnelTallies) throws {
    let subject: String = try row.get("subject")
    let tally = LogTally(count: try row.get("count"), logs: try row.get("logs"), squares: try row.get("squares"))
    let kind = try row.word("kind", as: LogKind.self)
    guard kind != .amount else { return try change(&tallies, subject) { $0.amounts = tally } }
    guard let step = Int(subject), step < tallies.funnel.stepCount else {
      throw DatabaseError.unreadableColumn("subject")
    }
    let path: WritableKeyPath<FunnelTallies, [LogTally]> = kind == .advance ? \.advances : \.losses
    tallies[keyPath: path][step] = tally
  }

  private static func change(_ tallies: inout FunnelTallies, _ name: String, _ body: (inout AdTally) -> Void) throws {
    guard name != nobody else { return body(&tallies.unattributed) }
    guard let adID = AdID(stored: name) else { throw DatabaseError.unreadableColumn("ad_id") }
    body(&tallies.ads[adID, default: AdTally(stepCount: tallies.funnel.stepCount)])
  }
}

/// An addition to a row of `funnel_steps`.
private struct StepRow {
  let adID: String
  let step: Int
  let day: Int
  /// Deals that wait, that advanced and that were lost.
  let counts: [Int]

  func values(of account: AccountID) -> [SQLValue] {
    [account.sqlValue, adID.sqlValue, step.sqlValue, day.sqlValue] + counts.map(\.sqlValue)
  }
}

/// An addition to a row of `funnel_logs`.
private struct LogRow {
  let kind: FunnelRepository.LogKind
  let subject: String
  let tally: LogTally

  func values(of account: AccountID) -> [SQLValue] {
    [account.sqlValue, kind.rawValue.sqlValue, subject.sqlValue]
      + [tally.count, tally.logs, tally.squares].map(\.sqlValue)
  }
}
