import Storage
import Values

/// The SQL of winners. Whatever writes does so in the account's turn: changes are numbered in the order of their commits.
struct WinnerRepository: Sendable {
  static let table = StoredTable("winner_index", key: "account_id", "ad_id")
  /// All columns but the embedding, which is long.
  static let columns: SQL =
    """
    account_id, ad_id, number, reason, won_at, lost_at, impressions, clicks, spend, pipeline_value, ctr, pipeline_roas,
    model, dimension, text_version, text_hash, problem, created_at, updated_at, change,
    CASE WHEN embedding IS NULL THEN 0 ELSE 1 END AS is_embedded
    """
  /// How many ads one statement asks for.
  private static let adsAtOnce = 500

  /// The last numbers given to winners and to changes of them; 0 before the first.
  func last(of account: AccountID, in transaction: any Transaction) throws -> (number: Int64, change: Int64) {
    let row = try transaction.first(
      """
      SELECT (SELECT MAX(number) FROM winner_index WHERE account_id = \(account)) AS number,
        (SELECT MAX(change) FROM winner_index WHERE account_id = \(account)) AS change
      """)
    return (try row?.getOptional("number") ?? 0, try row?.getOptional("change") ?? 0)
  }

  /// Stores why and since when ads are winners or are none any more. New ones are numbered; embeddings stay.
  func save(_ winners: [Winner], of account: AccountID, in transaction: any Transaction) throws {
    guard !winners.isEmpty else { return }
    var (number, change) = try last(of: account, in: transaction)
    for winner in winners {
      change += 1
      if winner.number == 0 { number += 1 }
      let then = winner.then
      try transaction.execute(
        """
        INSERT INTO winner_index (account_id, ad_id, number, reason, won_at, lost_at, impressions, clicks, spend,
          pipeline_value, ctr, pipeline_roas, created_at, updated_at, change)
        VALUES (\(account), \(winner.adID), \(winner.number == 0 ? number : winner.number), \(winner.reason.rawValue),
          \(winner.wonAt), \(winner.lostAt.sqlValue), \(then.impressions.sqlValue), \(then.clicks.sqlValue),
          \(then.spend.sqlValue), \(then.pipelineValue.sqlValue), \(then.ctr.sqlValue), \(then.pipelineROAS.sqlValue),
          \(winner.createdAt), \(winner.updatedAt), \(change))
        ON CONFLICT (account_id, ad_id) DO UPDATE SET reason = excluded.reason, won_at = excluded.won_at,
          lost_at = excluded.lost_at, impressions = excluded.impressions, clicks = excluded.clicks,
          spend = excluded.spend, pipeline_value = excluded.pipeline_value, ctr = excluded.ctr,
          pipeline_roas = excluded.pipeline_roas, updated_at = excluded.updated_at, change = excluded.change
        """)
    }
  }

  /// An embedding of a winner, or why there is none.
  struct Placement: Sendable {
    let adID: AdID
    let text: EmbeddedText
    let embedding: [Float]?
    /// Why there is none.
    let problem: String?
  }

  /// Stores embeddings in place of earlier ones.
  func place(
    _ placements: [Placement], of account: AccountID, at now: Instant, in transaction: any Transaction
  ) throws {
    guard !placements.isEmpty else { return }
    let kind = try VectorColumn.present(in: transaction)
    var change = try last(of: account, in: transaction).change
    for placement in placements {
      change += 1
      let text = placement.text
      try transaction.execute(
        """
        UPDATE winner_index SET model = \(text.model), dimension = \(text.dimension), text_version = \(text.textVersion),
          text_hash = \(text.textHash), embedding = \(kind.value(of: placement.embedding)),
          problem = \(placement.problem?.cut(toBytes: 2_000).sqlValue ?? .null), updated_at = \(now), change = \(change)
        WHERE account_id = \(account) AND ad_id = \(placement.adID)
        """)
    }
  }

  func get(_ adID: AdID, of account: AccountID, in transaction: any Transaction) throws -> Winner? {
    try get([adID], of: account, in: transaction)[adID]
  }

  /// Those of `ads` that are or were winners.
  func get(
    _ ads: some Collection<AdID>, of account: AccountID, in transaction: any Transaction
  ) throws -> [AdID: Winner] {
    let ads = Array(ads)
    var found: [AdID: Winner] = [:]
    for start in stride(from: 0, to: ads.count, by: Self.adsAtOnce) {
      let asked = ads[start..<min(start + Self.adsAtOnce, ads.count)]
      for row in try transaction.query(
        "SELECT \(Self.columns) FROM winner_index WHERE account_id = \(account) AND ad_id IN (\(.list(asked)))")
      {
        let winner = try Self.table.read(row, Self.winner)
        found[winner.adID] = winner
      }
    }
    return found
  }

  /// Every winner of the account, by ad id.
  func all(of account: AccountID, in transaction: any Transaction) throws -> [AdID: Winner] {
    var found: [AdID: Winner] = [:]
    try transaction.forEach("SELECT \(Self.columns) FROM winner_index WHERE account_id = \(account)") {
      let winner = try Self.table.read($0, Self.winner)
      found[winner.adID] = winner
    }
    return found
  }

  /// The winners, in the order of their ads, behind `last`, at most `limit`; only those without embedding where told so.
  func list(
    after last: AdID?, limit: Int, onlyWaiting: Bool, of account: AccountID, in transaction: any Transaction
  ) throws -> [Winner] {
    let after: SQL = last.map { " AND ad_id > \($0)" } ?? ""
    let waiting: SQL = onlyWaiting ? " AND embedding IS NULL" : ""
    return try transaction.query(
      """
      SELECT \(Self.columns) FROM winner_index WHERE account_id = \(account)\(after)\(waiting)
      ORDER BY ad_id LIMIT \(limit)
      """
    ).map { try Self.table.read($0, Self.winner) }
  }

  /// The embedding of a winner and the model that it comes from; nil without one.
  func embedding(
    of adID: AdID, account: AccountID, in transaction: any Transaction
  ) throws -> (embedding: [Float], model: String)? {
    try transaction.first(
      """
      SELECT account_id, ad_id, embedding, model FROM winner_index
      WHERE account_id = \(account) AND ad_id = \(adID) AND embedding IS NOT NULL
      """
    ).map { row in
      try Self.table.read(row) { (embedding: try $0.get("embedding"), model: try $0.get("model")) }
    }
  }

  static func winner(from row: Row) throws -> Winner {
    var winner = Winner(
      try row.get("ad_id"), of: try row.get("account_id"), by: try row.word("reason"), at: try row.get("won_at"),
      then: WinnerFigures())
    winner.number = try row.get("number")
    winner.lostAt = try row.getOptional("lost_at")
    winner.then.impressions = try row.getOptional("impressions")
    winner.then.clicks = try row.getOptional("clicks")
    winner.then.spend = try row.getOptional("spend")
    winner.then.pipelineValue = try row.getOptional("pipeline_value")
    winner.then.ctr = try row.getOptional("ctr")
    winner.then.pipelineROAS = try row.getOptional("pipeline_roas")
    if let model: String = try row.getOptional("model") {
      winner.text = EmbeddedText(
        model: model, dimension: try row.get("dimension"), textVersion: try row.get("text_version"),
        textHash: try row.get("text_hash"))
    }
    winner.isEmbedded = try row.get("is_embedded", as: Int.self) == 1
    winner.problem = try row.getOptional("problem")
    winner.createdAt = try row.get("created_at")
    winner.updatedAt = try row.get("updated_at")
    winner.change = try row.get("change")
    return winner
  }
}
