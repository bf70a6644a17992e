import Accounts
import Formats
import Storage
import Values
import Web

/// Winners as they are taken from one installation to another: one object or table row each.
package struct WinnerTransfer: Sendable {
  /// How many winners go in one transaction.
  package static let batch = 500

  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let accounts: AccountService
  private let marker: WinnerMarker
  private let winners = WinnerRepository()
  private let creatives = CreativeDNARepository()

  package init(
    database: any Database, clock: @escaping @Sendable () -> Instant, accounts: AccountService, marker: WinnerMarker
  ) {
    self.database = database
    self.clock = clock
    self.accounts = accounts
    self.marker = marker
  }

  /// Hands over the account's winners in the order of their ads, a page at a time. Each page is read in one snapshot.
  package func export(_ account: AccountID, _ body: ([WinnerRow]) throws -> Void) async throws {
    var last: AdID?
    while true {
      let after = last
      let page = try await database.read { [winners, creatives] transaction in
        let found = try winners.list(
          after: after, limit: Self.batch, onlyWaiting: false, of: account, in: transaction)
        let dna = try creatives.get(found.map(\.adID), of: account, in: transaction)
        return try found.map { winner in
          WinnerRow(
            winner, dna: dna[winner.adID]?.dna,
            embedding: try winners.embedding(of: winner.adID, account: account, in: transaction)?.embedding)
        }
      }
      guard let end = page.last else { return }
      try body(page)
      last = end.adID
    }
  }

  /// Takes winners in place of what was remembered of the same ads, all or none; those without an embedding are embedded
  /// soon. Throws what quotas throw.
  package func take(_ rows: [WinnerRow], of account: AccountID) async throws {
    try await accounts.write(inTurnOf: account) { [self] _, transaction in
      let now = clock()
      let known = try winners.get(rows.map(\.adID), of: account, in: transaction)
      try QuotaService().hold(.creativeDNA, of: account, in: transaction) {
        for row in rows {
          guard let dna = row.dna, !dna.isEmpty else { continue }
          try creatives.save(dna, of: row.adID, account: account, at: now, in: transaction)
        }
      }
      try winners.save(
        rows.map { $0.winner(of: account, known[$0.adID], at: now) }, of: account, in: transaction)
      try winners.place(rows.compactMap(\.placement), of: account, at: now, in: transaction)
      try marker.embedSoon(of: account, in: transaction)
    }
  }
}

/// One winner on its way.
package struct WinnerRow: Sendable {
  package var adID: AdID
  package var reason = WinReason.hand
  /// Nil is the moment at which it is taken in.
  package var wonAt: Instant?
  package var lostAt: Instant?
  package var then = WinnerFigures()
  package var dna: CreativeDNA?
  package var model: String?
  package var textVersion: Int?
  package var textHash: String?
  /// Of length 1.
  package var embedding: [Float]?

  package init(_ adID: AdID) {
    self.adID = adID
  }

  init(_ winner: Winner, dna: CreativeDNA?, embedding: [Float]?) {
    adID = winner.adID
    reason = winner.reason
    wonAt = winner.wonAt
    lostAt = winner.lostAt
    then = winner.then
    self.dna = dna
    self.embedding = embedding
    guard embedding != nil, let text = winner.text else { return }
    (model, textVersion, textHash) = (text.model, text.textVersion, text.textHash)
  }

  fileprivate func winner(of account: AccountID, _ known: Winner?, at now: Instant) -> Winner {
    var winner = known ?? Winner(adID, of: account, by: reason, at: now, then: then)
    winner.reason = reason
    winner.wonAt = wonAt ?? known?.wonAt ?? now
    winner.lostAt = lostAt
    winner.then = then
    winner.updatedAt = now
    return winner
  }

  /// The embedding with what it is of. Without the text's hash it is of the DNA beside it, or of a text that nobody knows.
  fileprivate var placement: WinnerRepository.Placement? {
    guard let embedding, let model else { return nil }
    return WinnerRepository.Placement(
      adID: adID,
      text: EmbeddedText(
        model: model, dimension: embedding.count, textVersion: textVersion ?? CreativeDNA.textVersion,
        textHash: textHash ?? TextHash.hexadecimal(dna?.canonicalText ?? "")), embedding: embedding, problem: nil)
  }
}

extension WinnerTransfer {
  /// Takes the winners of a file, and returns how many. Throws a ``RecordFileError`` before anything is taken, and what
  /// ``take(_:of:)`` throws.
  package func importFile(_ path: String, into account: AccountID) async throws -> Int {
    let rows = try RecordFile.read(path, json: WinnerRow.read, columns: WinnerRow.read(columns:))
    for start in stride(from: 0, to: rows.count, by: Self.batch) {
      try await take(Array(rows[start..<min(start + Self.batch, rows.count)]), of: account)
    }
    return rows.count
  }
}
