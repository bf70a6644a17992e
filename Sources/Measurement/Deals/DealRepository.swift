import Storage
import Values

/// The SQL of deals and their moves.
struct DealRepository {
  func get(_ dealID: String, of account: AccountID, in transaction: any Transaction) throws -> Deal? {
    try transaction.first("SELECT * FROM deals WHERE account_id = \(account) AND deal_id = \(dealID)")
      .map { row in
        Deal(
          id: try row.get("deal_id"), adID: try row.getOptional("ad_id"), stage: try row.get("stage"),
          amount: try row.getOptional("amount"), stageEnteredAt: try row.get("stage_entered_at"),
          source: try row.get("source"))
      }
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

  /// A move of a deal into a stage.
  struct Move: Hashable {
    let stage: String
    let at: Instant
  }

  private static let movesAtOnce = 100

  /// Adds the moves that are not known yet.
  func insert(
    _ moves: [Move], of dealID: String, source: String, account: AccountID, in transaction: any Transaction
  ) throws {
    for start in stride(from: 0, to: moves.count, by: Self.movesAtOnce) {
      let rows = moves[start..<min(start + Self.movesAtOnce, moves.count)].map { move in
        [account.sqlValue, dealID.sqlValue, move.at.sqlValue, move.stage.sqlValue, source.sqlValue]
      }
      try transaction.execute(
        """
        INSERT INTO deal_stage_history (account_id, deal_id, occurred_at, stage, source) VALUES \(.rows(rows))
        ON CONFLICT (account_id, deal_id, occurred_at, stage) DO NOTHING
        """)
    }
  }

  /// Forgets the moves of a deal that are not among `kept`.
  func deleteMoves(
    of dealID: String, except kept: Set<Move>, account: AccountID, in transaction: any Transaction
  ) throws {
    for move in try moves(of: dealID, account: account, in: transaction) where !kept.contains(move) {
      try transaction.execute(
        """
        DELETE FROM deal_stage_history
        WHERE account_id = \(account) AND deal_id = \(dealID) AND occurred_at = \(move.at) AND stage = \(move.stage)
        """)
    }
  }

  /// Gives the deal's moves that lie after `now` that moment.
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

  /// The moves of one deal, in time.
  func moves(of dealID: String, account: AccountID, in transaction: any Transaction) throws -> [Move] {
    try transaction.query(
      """
      SELECT stage, occurred_at FROM deal_stage_history
      WHERE account_id = \(account) AND deal_id = \(dealID) ORDER BY occurred_at, stage
      """
    ).map { Move(stage: try $0.get("stage"), at: try $0.get("occurred_at")) }
  }

  func delete(_ dealID: String, of account: AccountID, in transaction: any Transaction) throws {
    try transaction.execute("DELETE FROM deals WHERE account_id = \(account) AND deal_id = \(dealID)")
  }

  /// Whether the account has deals.
  func hasDeals(_ account: AccountID, in transaction: any Transaction) throws -> Bool {
    try transaction.first("SELECT 1 AS found FROM deals WHERE account_id = \(account) LIMIT 1") != nil
  }

  /// The latest moment up to `moment` at which a deal entered the stage it stands in; nil where there is none.
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

  /// The stages that the account's deals stand in, with an ad or without.
  func stages(of account: AccountID, in transaction: any Transaction) throws -> [String] {
    try transaction.query("SELECT DISTINCT stage FROM deals WHERE account_id = \(account) ORDER BY stage")
      .map { try $0.get("stage") }
  }

  /// Hands over the ad, stage and amount of each of the account's attributed deals.
  func forEachAttributed(
    of account: AccountID, in transaction: any Transaction,
    _ body: (_ adID: AdID, _ stage: String, _ amount: Money?) throws -> Void
  ) throws {
    try transaction.forEach(
      "SELECT ad_id, stage, amount FROM deals WHERE account_id = \(account) AND ad_id IS NOT NULL"
    ) { try body($0.get("ad_id"), $0.get("stage"), $0.getOptional("amount")) }
  }

  /// How many ads one query asks for.
  private static let adsAtOnce = 100

  /// Hands over the ad, stage and amount of each deal of `ads`.
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

  /// Hands over each attributed deal's ad, entry into the funnel, stage and amount.
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

  /// Hands over the ad and stage of each attributed deal that entered the stage it stands in at `moment` or later.
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

  /// A move with what is known of its deal today.
  struct KnownMove {
    let dealID: String
    let adID: AdID?
    let stage: String
    let amount: Money?
    let at: Instant
  }

  /// Hands over the moves of the account's deals before `end`, each deal's in time.
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
