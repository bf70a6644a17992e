import Storage
import Values

/// Merges the rows of a deal's other spelling into those of its canonical id.
struct DealMerge {
  /// The tables with deal ids that a file or a caller may choose freely. HubSpot's own ids are numbers.
  static let tables = ["deals", "attributions", "awaited_clicks"]

  private let account: AccountID
  private let old: String
  private let new: String
  private let transaction: any Transaction

  init(_ spelling: Spelling, _ transaction: any Transaction) {
    account = spelling.account
    old = spelling.name
    new = spelling.canonical
    self.transaction = transaction
  }

  func merge() throws {
    try mergeDeal()
    try mergeAttribution()
    try transaction.execute(
      """
      INSERT INTO awaited_clicks (account_id, click_id, deal_id)
      SELECT account_id, click_id, \(new) FROM awaited_clicks WHERE account_id = \(account) AND deal_id = \(old)
      ON CONFLICT (account_id, click_id, deal_id) DO NOTHING
      """)
    try transaction.execute("DELETE FROM awaited_clicks WHERE account_id = \(account) AND deal_id = \(old)")
  }

  /// The merged deal is in the stage of the latest move, and has the moves of both spellings.
  private func mergeDeal() throws {
    guard let oldEntry = try entry(old) else { return }
    if let newEntry = try entry(new) {
      if oldEntry > newEntry { try takeOver() }
    } else {
      try copyDeal()
    }
    try transaction.execute(
      """
      INSERT INTO deal_stage_history (account_id, deal_id, occurred_at, stage, source)
      SELECT account_id, \(new), occurred_at, stage, source FROM deal_stage_history
      WHERE account_id = \(account) AND deal_id = \(old)
      ON CONFLICT (account_id, deal_id, occurred_at, stage) DO NOTHING
      """)
    for table in ["deal_stage_history", "deals"] {
      try transaction.execute(
        "DELETE FROM \(SQL(stringLiteral: table)) WHERE account_id = \(account) AND deal_id = \(old)")
    }
  }

  private func entry(_ dealID: String) throws -> Instant? {
    try transaction.first(
      "SELECT stage_entered_at FROM deals WHERE account_id = \(account) AND deal_id = \(dealID)"
    )?.get("stage_entered_at")
  }

  /// Copies the deal: its moves refer to it, so its id cannot be changed in place.
  private func copyDeal() throws {
    try transaction.execute(
      """
      INSERT INTO deals (account_id, deal_id, ad_id, stage, amount, stage_entered_at, source)
      SELECT account_id, \(new), ad_id, stage, amount, stage_entered_at, source FROM deals
      WHERE account_id = \(account) AND deal_id = \(old)
      """)
  }

  private func takeOver() throws {
    let other = { (column: SQL) -> SQL in
      "(SELECT o.\(column) FROM deals o WHERE o.account_id = \(account) AND o.deal_id = \(old))"
    }
    try transaction.execute(
      """
      UPDATE deals SET stage = \(other("stage")), stage_entered_at = \(other("stage_entered_at")),
        source = \(other("source")), ad_id = COALESCE(\(other("ad_id")), ad_id),
        amount = COALESCE(\(other("amount")), amount)
      WHERE account_id = \(account) AND deal_id = \(new)
      """)
  }

  /// The later attribution counts.
  private func mergeAttribution() throws {
    let later = try transaction.first(
      """
      SELECT 1 AS found FROM attributions o JOIN attributions n
        ON n.account_id = o.account_id AND n.deal_id = \(new) AND n.attributed_at >= o.attributed_at
      WHERE o.account_id = \(account) AND o.deal_id = \(old)
      """)
    if later == nil {
      try transaction.execute(
        """
        DELETE FROM attributions WHERE account_id = \(account) AND deal_id = \(new) AND EXISTS (
          SELECT 1 FROM attributions o WHERE o.account_id = \(account) AND o.deal_id = \(old))
        """)
      try transaction.execute(
        "UPDATE attributions SET deal_id = \(new) WHERE account_id = \(account) AND deal_id = \(old)")
    } else {
      try transaction.execute("DELETE FROM attributions WHERE account_id = \(account) AND deal_id = \(old)")
    }
  }
}

/// Merges the rows of a click's other spelling into those of its canonical id; the canonical id's report counts.
struct ClickMerge {
  private let account: AccountID
  private let old: String
  private let new: String
  private let transaction: any Transaction

  init(_ spelling: Spelling, _ transaction: any Transaction) {
    account = spelling.account
    old = spelling.name
    new = spelling.canonical
    self.transaction = transaction
  }

  func merge() throws {
    for (table, key) in [("clicks", ""), ("awaited_clicks", " AND n.deal_id = o.deal_id")] {
      let name = SQL(stringLiteral: table)
      try transaction.execute(
        """
        DELETE FROM \(name) AS o WHERE o.account_id = \(account) AND o.click_id = \(old) AND EXISTS (
          SELECT 1 FROM \(name) n
          WHERE n.account_id = o.account_id AND n.click_id = \(new)\(SQL(stringLiteral: key)))
        """)
      try transaction.execute(
        "UPDATE \(name) SET click_id = \(new) WHERE account_id = \(account) AND click_id = \(old)")
    }
  }
}
