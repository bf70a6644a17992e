import Storage
import TextEmbedding
import Values

/// A change of a winner as indexes follow it.
struct WinnerChange: Sendable {
  let number: Int64
  let adID: AdID
  let change: Int64
  /// The model that ``embedding`` comes from; nil without one.
  let model: String?
  let embedding: [Float]?
  let facts: WinnerFacts
}

/// What winners are filtered by.
struct WinnerFacts: Hashable, Sendable {
  /// Clicks for each impression when it came to win; nil where not known.
  let ctr: Double?
  /// Pipeline value for each unit spent when it came to win; nil where not known.
  let pipelineROAS: Double?
  let wonAt: Instant
  let isWinning: Bool
}

/// How many winners stand how.
package struct WinnerCounts: Hashable, Sendable {
  package var winners = 0
  package var winning = 0
  /// Those with an embedding of the model asked about.
  package var embedded = 0
  /// Those with an embedding of another model or of an older text, which is made again.
  package var outdated = 0
  package var withoutDNA = 0
  /// Those whose text the model does not take.
  package var refused = 0
}

extension WinnerRepository {
  /// The account's winners that changed after the change `last`, oldest change first, at most `limit`.
  func changes(
    after last: Int64, limit: Int, of account: AccountID, in transaction: any Transaction
  ) throws -> [WinnerChange] {
    try transaction.query(
      """
      SELECT account_id, ad_id, number, change, model, embedding, ctr, pipeline_roas, won_at, lost_at FROM winner_index
      WHERE account_id = \(account) AND change > \(last) ORDER BY change LIMIT \(limit)
      """
    ).map { try Self.table.read($0, Self.change) }
  }

  private static func change(from row: Row) throws -> WinnerChange {
    let embedding: [Float]? = try row.getOptional("embedding")
    return WinnerChange(
      number: try row.get("number"), adID: try row.get("ad_id"), change: try row.get("change"),
      model: embedding == nil ? nil : try row.get("model"), embedding: embedding,
      facts: WinnerFacts(
        ctr: try row.getOptional("ctr"), pipelineROAS: try row.getOptional("pipeline_roas"),
        wonAt: try row.get("won_at"), isWinning: try row.getOptional("lost_at", as: Instant.self) == nil))
  }

  /// The model that most of the account's embeddings come from; nil where there are none.
  func usualModel(of account: AccountID, in transaction: any Transaction) throws -> String? {
    try transaction.first(
      """
      SELECT model, COUNT(*) AS n FROM winner_index WHERE account_id = \(account) AND embedding IS NOT NULL
      GROUP BY model ORDER BY n DESC, model LIMIT 1
      """)?.get("model")
  }

  /// A winner that is to be embedded, with its DNA.
  struct Waiting: Sendable {
    let adID: AdID
    let dna: CreativeDNA
  }

  /// Winners with DNA that have no embedding of `model` by the present text, those without any first, at most `limit`;
  /// of one ad alone where it is given.
  func waiting(
    for model: String, only adID: AdID? = nil, limit: Int, of account: AccountID, in transaction: any Transaction
  ) throws -> [Waiting] {
    let only: SQL = adID.map { " AND w.ad_id = \($0)" } ?? ""
    return try transaction.query(
      """
      SELECT w.account_id, w.ad_id, d.dna FROM winner_index w
      JOIN creative_dna d ON d.account_id = w.account_id AND d.ad_id = w.ad_id
      WHERE w.account_id = \(account) AND \(Self.isOutdated(for: model))\(only)
      ORDER BY CASE WHEN w.embedding IS NULL THEN 0 ELSE 1 END, w.ad_id LIMIT \(limit)
      """
    ).map { row in
      try Self.table.read(row) {
        Waiting(adID: try $0.get("ad_id"), dna: try CreativeDNA.readStored($0.get("dna")))
      }
    }
  }

  /// Whether the winner `w` with the DNA `d` is to be embedded anew.
  private static func isOutdated(for model: String) -> SQL {
    """
    (COALESCE(w.model, '') <> \(model) OR COALESCE(w.text_version, 0) <> \(CreativeDNA.textVersion)
      OR (d.text_version = \(CreativeDNA.textVersion) AND COALESCE(w.text_hash, '') <> d.text_hash))
    """
  }

  /// How the account's winners stand towards `model`; nil is none.
  func counts(of account: AccountID, model: String?, in transaction: any Transaction) throws -> WinnerCounts {
    let row = try transaction.first(
      """
      SELECT COUNT(*) AS winners, SUM(CASE WHEN w.lost_at IS NULL THEN 1 ELSE 0 END) AS winning,
        SUM(CASE WHEN w.embedding IS NOT NULL AND w.model = \(model ?? "") THEN 1 ELSE 0 END) AS embedded,
        SUM(CASE WHEN w.embedding IS NOT NULL AND d.ad_id IS NOT NULL AND \(Self.isOutdated(for: model ?? ""))
          THEN 1 ELSE 0 END) AS outdated,
        SUM(CASE WHEN w.embedding IS NULL AND d.ad_id IS NULL THEN 1 ELSE 0 END) AS without_dna,
        SUM(CASE WHEN w.problem IS NOT NULL THEN 1 ELSE 0 END) AS refused
      FROM winner_index w LEFT JOIN creative_dna d ON d.account_id = w.account_id AND d.ad_id = w.ad_id
      WHERE w.account_id = \(account)
      """)
    var counts = WinnerCounts()
    guard let row else { return counts }
    counts.winners = try row.get("winners")
    counts.winning = try row.getOptional("winning") ?? 0
    counts.embedded = try row.getOptional("embedded") ?? 0
    counts.outdated = try row.getOptional("outdated") ?? 0
    counts.withoutDNA = try row.getOptional("without_dna") ?? 0
    counts.refused = try row.getOptional("refused") ?? 0
    return counts
  }
}

/// What winners must be like to be found.
package struct WinnerFilter: Hashable, Sendable {
  /// The least clicks for each impression at the time; those of which it is not known do not pass.
  package var minCTR: Double?
  /// The least pipeline ROAS at the time; those of which it is not known do not pass.
  package var minROAS: Double?
  package var wonSince: Instant?
  package var wonBefore: Instant?
  /// Whether only ads that still win are found.
  package var onlyWinning = false

  package init() {}

  /// Whether every winner passes.
  var isOpen: Bool { self == WinnerFilter() }

  func passes(_ facts: WinnerFacts) -> Bool {
    if let minCTR, (facts.ctr ?? -1) < minCTR { return false }
    if let minROAS, (facts.pipelineROAS ?? -1) < minROAS { return false }
    if let wonSince, facts.wonAt < wonSince { return false }
    if let wonBefore, facts.wonAt >= wonBefore { return false }
    return facts.isWinning || !onlyWinning
  }

  /// The same for the database.
  var condition: SQL {
    var condition: SQL = ""
    if let minCTR { condition = "\(condition) AND ctr >= \(minCTR)" }
    if let minROAS { condition = "\(condition) AND pipeline_roas >= \(minROAS)" }
    if let wonSince { condition = "\(condition) AND won_at >= \(wonSince)" }
    if let wonBefore { condition = "\(condition) AND won_at < \(wonBefore)" }
    if onlyWinning { condition = "\(condition) AND lost_at IS NULL" }
    return condition
  }
}
