import DecisionEngine
import Storage
import Values

/// The SQL of funnel counts.
struct FunnelRepository {
  /// Stands for the ad of deals that no ad is known for: no ad has an empty id.
  private static let nobody = ""
  private static let rowsAtOnce = 256
  private static let steps = StoredTable("funnel_steps", key: "account_id", "ad_id", "step", "entered_on")
  private static let logs = StoredTable("funnel_logs", key: "account_id", "kind", "subject")

  /// What a row of logarithms sums up: the amounts of an ad's deals, or the days until deals went on or were lost.
  private enum LogKind: String {
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
    let ads = change.ads.sorted { $0.key < $1.key }.map { ($0.key.value, $0.value) }
    var stepRows: [[SQLValue]] = []
    var logRows: [[SQLValue]] = []
    for (adID, tally) in ads + [(Self.nobody, change.unattributed)] {
      for (step, stage) in tally.steps.enumerated() {
        for cohort in stage.cohorts {
          stepRows.append([
            account.sqlValue, adID.sqlValue, step.sqlValue, cohort.day.sqlValue, cohort.waiting.sqlValue,
            cohort.advanced.sqlValue, cohort.lost.sqlValue,
          ])
        }
      }
      let amounts = tally.amounts
      if amounts != LogTally() {
        logRows.append(
          [account.sqlValue, LogKind.amount.rawValue.sqlValue, adID.sqlValue]
            + [amounts.count, amounts.logs, amounts.squares].map(\.sqlValue))
      }
    }
    for (kind, tallies) in [(LogKind.advance, change.advances), (.loss, change.losses)] {
      for (step, tally) in tallies.enumerated() where tally != LogTally() {
        logRows.append(
          [account.sqlValue, kind.rawValue.sqlValue, "\(step)".sqlValue]
            + [tally.count, tally.logs, tally.squares].map(\.sqlValue))
      }
    }
    for start in stride(from: 0, to: stepRows.count, by: Self.rowsAtOnce) {
      try transaction.execute(
        """
        INSERT INTO funnel_steps AS s (account_id, ad_id, step, entered_on, waiting, advanced, lost)
        VALUES \(.rows(Array(stepRows[start..<min(start + Self.rowsAtOnce, stepRows.count)])))
        ON CONFLICT (account_id, ad_id, step, entered_on) DO UPDATE SET
          waiting = s.waiting + excluded.waiting, advanced = s.advanced + excluded.advanced,
          lost = s.lost + excluded.lost
        """)
    }
    for start in stride(from: 0, to: logRows.count, by: Self.rowsAtOnce) {
      try transaction.execute(
        """
        INSERT INTO funnel_logs AS l (account_id, kind, subject, count, logs, squares)
        VALUES \(.rows(Array(logRows[start..<min(start + Self.rowsAtOnce, logRows.count)])))
        ON CONFLICT (account_id, kind, subject) DO UPDATE SET
          count = l.count + excluded.count, logs = l.logs + excluded.logs, squares = l.squares + excluded.squares
        """)
    }
    guard change.takesOut else { return }
    try transaction.execute(
      "DELETE FROM funnel_steps WHERE account_id = \(account) AND waiting = 0 AND advanced = 0 AND lost = 0")
    try transaction.execute("DELETE FROM funnel_logs WHERE account_id = \(account) AND count = 0")
  }

  /// The counts as they are stored, without ads' daily figures.
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

extension FunnelTallies {
  /// Whether any count goes down, so that all counts of a row may be zero.
  fileprivate var takesOut: Bool {
    (Array(ads.values) + [unattributed]).contains { tally in
      tally.amounts.count < 0
        || tally.steps.contains { $0.cohorts.contains { $0.waiting < 0 || $0.advanced < 0 || $0.lost < 0 } }
    }
  }
}
