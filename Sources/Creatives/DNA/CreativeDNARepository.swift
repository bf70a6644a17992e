import Formats
import Storage
import Values

/// The DNA of an ad as it is stored.
struct StoredDNA: Sendable {
  let adID: AdID
  let dna: CreativeDNA
  let updatedAt: Instant
}

/// The SQL of creative DNA.
struct CreativeDNARepository: Sendable {
  private static let table = StoredTable("creative_dna", key: "account_id", "ad_id")
  /// How many ads one statement asks for.
  private static let adsAtOnce = 500

  /// Throws ``CreativeDNAError/tooLong(_:bytes:)``.
  func save(
    _ dna: CreativeDNA, of adID: AdID, account: AccountID, at now: Instant, in transaction: any Transaction
  ) throws {
    var json = JSONWriter()
    dna.write(to: &json)
    guard json.count <= CreativeDNAError.byteLimit else { throw CreativeDNAError.tooLong(adID, bytes: json.count) }
    let hash = TextHash.hexadecimal(dna.canonicalText)
    try transaction.execute(
      """
      INSERT INTO creative_dna (account_id, ad_id, dna, text_version, text_hash, updated_at)
      VALUES (\(account), \(adID), \(json.string), \(CreativeDNA.textVersion), \(hash), \(now))
      ON CONFLICT (account_id, ad_id) DO UPDATE SET dna = excluded.dna, text_version = excluded.text_version,
        text_hash = excluded.text_hash, updated_at = excluded.updated_at
      """)
  }

  func get(_ adID: AdID, of account: AccountID, in transaction: any Transaction) throws -> StoredDNA? {
    try get([adID], of: account, in: transaction)[adID]
  }

  /// Those of `ads` whose DNA is known.
  func get(
    _ ads: some Collection<AdID>, of account: AccountID, in transaction: any Transaction
  ) throws -> [AdID: StoredDNA] {
    let ads = Array(ads)
    var found: [AdID: StoredDNA] = [:]
    for start in stride(from: 0, to: ads.count, by: Self.adsAtOnce) {
      let asked = ads[start..<min(start + Self.adsAtOnce, ads.count)]
      for row in try transaction.query(
        "SELECT * FROM creative_dna WHERE account_id = \(account) AND ad_id IN (\(.list(asked)))")
      {
        let dna = try Self.table.read(row, Self.dna)
        found[dna.adID] = dna
      }
    }
    return found
  }

  /// Those of `ads` whose DNA is known, without reading it.
  func known(_ ads: [AdID], of account: AccountID, in transaction: any Transaction) throws -> Set<AdID> {
    var known: Set<AdID> = []
    for start in stride(from: 0, to: ads.count, by: Self.adsAtOnce) {
      let asked = ads[start..<min(start + Self.adsAtOnce, ads.count)]
      for row in try transaction.query(
        "SELECT account_id, ad_id FROM creative_dna WHERE account_id = \(account) AND ad_id IN (\(.list(asked)))")
      {
        known.insert(try Self.table.read(row) { try $0.get("ad_id") })
      }
    }
    return known
  }

  /// Notes the hashes of texts that the present rules make of what was stored by others.
  func renewHashes(
    _ hashes: [(adID: AdID, textHash: String)], of account: AccountID, in transaction: any Transaction
  ) throws {
    for (adID, hash) in hashes {
      try transaction.execute(
        """
        UPDATE creative_dna SET text_version = \(CreativeDNA.textVersion), text_hash = \(hash)
        WHERE account_id = \(account) AND ad_id = \(adID) AND text_version <> \(CreativeDNA.textVersion)
        """)
    }
  }

  func count(of account: AccountID, in transaction: any Transaction) throws -> Int {
    try transaction.first("SELECT COUNT(*) AS n FROM creative_dna WHERE account_id = \(account)")?.get("n") ?? 0
  }

  private static func dna(from row: Row) throws -> StoredDNA {
    StoredDNA(
      adID: try row.get("ad_id"), dna: try CreativeDNA.readStored(row.get("dna")),
      updatedAt: try row.get("updated_at"))
  }
}
