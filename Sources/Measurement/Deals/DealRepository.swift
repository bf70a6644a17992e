import Storage
import Values

/// The SQL of deals and their moves.
struct DealRepository {
  private static let table = StoredTable("deals", key: "account_id", "deal_id")
  private static let history = StoredTable(
    "deal_stage_history", key: "account_id", "deal_id", "occurred_at", "stage")

  /// Everything that is stored of a deal, with the stages that the account's funnel counts.
  func known(_ dealID: String, of account: AccountID, in transaction: any Transaction) throws -> KnownDeal {
    let rows = try transaction.query(
      """
      SELECT d.deal_id, d.ad_id, d.stage AS stands_in, d.amount, d.stage_entered_at, d.source, m.stage, m.occurred_at,
        a.ad_id AS credited_ad_id, a.method, a.reason, a.evidence, a.attributed_at, f.signature
      FROM (SELECT 1 AS one) AS one
        LEFT JOIN deals d ON d.account_id = \(account) AND d.deal_id = \(dealID)
        LEFT JOIN deal_stage_history m ON m.account_id = \(account) AND m.deal_id = \(dealID)
        LEFT JOIN attributions a ON a.account_id = \(account) AND a.deal_id = \(dealID)
        LEFT JOIN funnel_states f ON f.account_id = \(account)
      ORDER BY m.occurred_at, m.stage
      """)
    let first = rows.first
    return KnownDeal(
      id: dealID, deal: try first.flatMap { try Self.table.read($0, of: account, deal(from:)) },
      moves: try rows.compactMap { try Self.history.read($0, of: account, move(from:)) },
      credit: try first.flatMap { try AttributionRepository.stored(from: $0, dealID: dealID, of: account) },
      countedStages: try first?.getOptional("signature"))
  }

  private func deal(from row: Row) throws -> Deal? {
    guard let id: String = try row.getOptional("deal_id") else { return nil }
    return Deal(
      id: id, adID: try row.getOptional("ad_id"), stage: try row.get("stands_in"),
      amount: try row.getOptional("amount"), stageEnteredAt: try row.get("stage_entered_at"),
      source: try row.get("source"))
  }

  private func move(from row: Row) throws -> DealUpdate.Move? {
    guard let stage: String = try row.getOptional("stage") else { return nil }
    return DealUpdate.Move(stage: stage, occurredAt: try row.get("occurred_at"))
  }

  func save(_ deal: Deal, of account: AccountID, in transaction: any Transaction) throws {
    try transaction.execute(
      """
      INSERT INTO deals (account_id, deal_id, ad_id, stage, amount, stage_entered_at, source)
      VALUES (
        \(account), \(deal.id), \(deal.adID.sqlValue), \(deal.stage), \(deal.amount.sqlValue), \(deal.stageEnteredAt), \(deal.source))
      ON CONFLICT (account_id, deal_id) DO UPDATE SET
        ad_id = excluded.ad_id, stage = excluded.stage, amount = excluded.amount,
        stage_entered_at = excluded.stage_entered_at, source = excluded.source
      """)
  }

  private static let movesAtOnce = 100

  /// Adds moves of a deal; existing ones stay unchanged.
  func insert(
    _ moves: Set<DealUpdate.Move>, of dealID: String, source: String, account: AccountID,
    in transaction: any Transaction
  ) throws {
    let moves = Array(moves)
    for start in stride(from: 0, to: moves.count, by: Self.movesAtOnce) {
      let rows = moves[start..<min(start + Self.movesAtOnce, moves.count)].map { move in
        [account.sqlValue, dealID.sqlValue, move.occurredAt.sqlValue, move.stage.sqlValue, source.sqlValue]
      }
      try transaction.execute(
        """
        INSERT INTO deal_stage_history (account_id, deal_id, occurred_at, stage, source) VALUES \(.rows(rows))
        ON CONFLICT (account_id, deal_id, occurred_at, stage) DO NOTHING
        """)
    }
  }

  /// Removes moves of a deal.
  func delete(
    _ moves: Set<DealUpdate.Move>, of dealID: String, account: AccountID, in transaction: any Transaction
  ) throws {
    for move in moves {
      try transaction.execute(
        """
        DELETE FROM deal_stage_history
        WHERE account_id = \(account) AND deal_id = \(dealID) AND occurred_at = \(move.occurredAt)
          AND stage = \(move.stage)
        """)
    }
  }

  /// Changes the deal's moves that are later than `now` to `now`.
  func bringBack(
    movesOf dealID: String, to now: Instant, account: AccountID, in transaction: any Transaction
  ) throws {
    try transaction.execute(
      """
      INSERT INTO deal_stage_history (account_id, deal_id, occurred_at, stage, source)
      SELECT account_id, deal_id, \(now), stage, MIN(source) FROM deal_stage_history
      WHERE account_id = \(account) AND deal_id = \(dealID) AND occurred_at > \(now)
      GROUP BY account_id, deal_id, stage
      ON CONFLICT (account_id, deal_id, occurred_at, stage) DO NOTHING
      """)
    try transaction.execute(
      """
      DELETE FROM deal_stage_history
      WHERE account_id = \(account) AND deal_id = \(dealID) AND occurred_at > \(now)
      """)
  }

  func delete(_ dealID: String, of account: AccountID, in transaction: any Transaction) throws {
    try transaction.execute("DELETE FROM deals WHERE account_id = \(account) AND deal_id = \(dealID)")
  }

  /// Whether the account has deals.
  func hasDeals(_ account: AccountID, in transaction: any Transaction) throws -> Bool {
    try transaction.first("SELECT 1 AS found FROM deals WHERE account_id = \(account) LIMIT 1") != nil
  }

  /// The latest moment up to `moment` at which a deal entered its current stage; nil where there is none.
  func lastEntry(of account: AccountID, until moment: Instant, in transaction: any Transaction) throws -> Instant? {
    try transaction.first(
      "SELECT MAX(stage_entered_at) AS at FROM deals WHERE account_id = \(account) AND stage_entered_at <= \(moment)"
    )?.getOptional("at")
  }

  /// The latest move of any deal before `end`; nil where there is none.
  func lastMove(of account: AccountID, before end: Instant, in transaction: any Transaction) throws -> Instant? {
    try transaction.first(
      "SELECT MAX(occurred_at) AS at FROM deal_stage_history WHERE account_id = \(account) AND occurred_at < \(end)"
    )?.getOptional("at")
  }

  /// The stages that the account's deals are in, with or without an ad.
  func stages(of account: AccountID, in transaction: any Transaction) throws -> [String] {
    try transaction.query("SELECT DISTINCT stage FROM deals WHERE account_id = \(account) ORDER BY stage")
      .map { try $0.get("stage") }
  }

  /// Passes the ad, stage and amount of each of the account's attributed deals to `body`.
  func forEachAttributed(
    of account: AccountID, in transaction: any Transaction,
    _ body: (_ adID: AdID, _ stage: String, _ amount: Money?) throws -> Void
  ) throws {
    try transaction.forEach(
      "SELECT ad_id, stage, amount FROM deals WHERE account_id = \(account) AND ad_id IS NOT NULL"
    ) { try body($0.get("ad_id"), $0.get("stage"), $0.getOptional("amount")) }
  }

  /// How many ads one query covers.
  private static let adsAtOnce = 100

  /// Passes the ad, stage and amount of each deal of `ads` to `body`.
  func forEach(
    of ads: Set<AdID>, account: AccountID, in transaction: any Transaction,
    _ body: (_ adID: AdID, _ stage: String, _ amount: Money?) throws -> Void
  ) throws {
    let ads = ads.sorted()
    for start in stride(from: 0, to: ads.count, by: Self.adsAtOnce) {
      let asked = ads[start..<min(start + Self.adsAtOnce, ads.count)]
      try transaction.forEach(
        "SELECT ad_id, stage, amount FROM deals WHERE account_id = \(account) AND ad_id IN (\(.list(asked)))"
      ) { try body($0.get("ad_id"), $0.get("stage"), $0.getOptional("amount")) }
    }
  }

  /// Passes each attributed deal's ad, entry into the funnel, stage and amount to `body`.
  func forEachEntry(
    of account: AccountID, in transaction: any Transaction,
    _ body: (_ adID: AdID, _ enteredAt: Instant, _ stage: String, _ amount: Money?) throws -> Void
  ) throws {
    try transaction.forEach(
      """
      SELECT d.ad_id, MIN(h.occurred_at) AS entered_at, d.stage, d.amount
      FROM deals d JOIN deal_stage_history h ON h.account_id = d.account_id AND h.deal_id = d.deal_id
      WHERE d.account_id = \(account) AND d.ad_id IS NOT NULL
      GROUP BY d.deal_id, d.ad_id, d.stage, d.amount
      """
    ) { try body($0.get("ad_id"), $0.get("entered_at"), $0.get("stage"), $0.getOptional("amount")) }
  }

  /// Passes the ad and stage of each attributed deal that entered its current stage at `moment` or later to `body`.
  func forEachEntered(
    of account: AccountID, since moment: Instant, in transaction: any Transaction,
    _ body: (_ adID: AdID, _ stage: String) throws -> Void
  ) throws {
    try transaction.forEach(
      """
      SELECT ad_id, stage FROM deals
      WHERE account_id = \(account) AND stage_entered_at >= \(moment) AND ad_id IS NOT NULL
      """
    ) { try body($0.get("ad_id"), $0.get("stage")) }
  }

  /// A move with the current state of its deal.
  struct KnownMove {
    let dealID: String
    let adID: AdID?
    let stage: String
    let amount: Money?
    let at: Instant
  }

  /// Passes the moves of the account's deals before `end` to `body`, those of each deal in order of time.
  func forEachMove(
    of account: AccountID, until end: Instant, in transaction: any Transaction, _ body: (KnownMove) throws -> Void
  ) throws {
    try transaction.forEach(
      """
      SELECT h.deal_id, d.ad_id, h.stage, d.amount, h.occurred_at
      FROM deal_stage_history h JOIN deals d ON d.account_id = h.account_id AND d.deal_id = h.deal_id
      WHERE h.account_id = \(account) AND h.occurred_at < \(end)
      ORDER BY h.deal_id, h.occurred_at, h.stage
      """
    ) { row in
      try body(
        KnownMove(
          dealID: row.get("deal_id"), adID: row.getOptional("ad_id"), stage: row.get("stage"),
          amount: row.getOptional("amount"), at: row.get("occurred_at")))
    }
  }
}
