import Accounts
import DecisionEngine
import Measurement
import Storage
import TextEmbedding
import Values
import Web

/// The memory of winners: what is in it, and what is put there by hand.
package struct WinnerService: Sendable {
  /// How many winners one page of a list has at most.
  package static let page = 500
  /// How many ads that wait are named at most where the memory is described.
  private static let namedCount = 100

  let database: any Database
  let clock: @Sendable () -> Instant
  let accounts: AccountService
  let ads: AdService
  let marker: WinnerMarker
  let indexer: WinnerIndexer
  let embedder: CheckedEmbedder
  let cache: WinnerCache
  let settings: WinnerSearchSettings
  let compute: ComputeGate
  let winners = WinnerRepository()
  let creatives = CreativeDNARepository()

  /// Takes the services behind it; `clock` tells the present moment.
  package init(
    database: any Database, clock: @escaping @Sendable () -> Instant, accounts: AccountService, ads: AdService,
    marker: WinnerMarker, indexer: WinnerIndexer, embedder: CheckedEmbedder, settings: WinnerSearchSettings,
    compute: ComputeGate
  ) {
    self.database = database
    self.clock = clock
    self.accounts = accounts
    self.ads = ads
    self.marker = marker
    self.indexer = indexer
    self.embedder = embedder
    self.settings = settings
    self.compute = compute
    cache = WinnerCache(database: database, accounts: accounts, compute: compute, settings: settings)
  }

  /// A winner with what is known of it besides.
  package struct Remembered: Sendable {
    package let winner: Winner
    /// What it has done by now; nil for an ad without figures.
    package let now: WinnerFigures?
    package let dna: CreativeDNA?
    /// Why it cannot be searched yet; nil where it can.
    package let waits: String?
  }

  /// What is remembered of an ad. Throws ``WinnerError/notRemembered(_:_:)``.
  package func winner(_ adID: AdID, of account: AccountID) async throws -> Remembered {
    let found = try await remembered(account) { [winners] transaction in
      try winners.get(adID, of: account, in: transaction).map { [$0] } ?? []
    }
    guard let winner = found.first else { throw WinnerError.notRemembered(adID, account) }
    return winner
  }

  /// Winners in the order of their ads, behind `last`, at most `limit`; only those that cannot be searched yet where told so.
  package func list(
    after last: AdID? = nil, limit: Int, onlyWaiting: Bool = false, of account: AccountID
  ) async throws -> [Remembered] {
    try await remembered(account) { [winners] transaction in
      try winners.list(
        after: last, limit: min(max(limit, 1), Self.page), onlyWaiting: onlyWaiting, of: account, in: transaction)
    }
  }

  /// What is known of the winners that `find` finds, read in one snapshot.
  func remembered(
    _ account: AccountID, _ find: @escaping @Sendable (any Transaction) throws -> [Winner]
  ) async throws -> [Remembered] {
    try await database.read { [self] transaction in
      let found = try find(transaction)
      let configuration = try accounts.configuration(of: account, in: transaction)
      let states = try ads.states(of: Set(found.map(\.adID)), account: account, configuration, in: transaction)
      let now = Dictionary(states.map { ($0.adID, WinnerFigures($0)) }, uniquingKeysWith: { first, _ in first })
      let dna = try creatives.get(found.map(\.adID), of: account, in: transaction).mapValues(\.dna)
      return found.map { winner in
        Remembered(
          winner: winner, now: now[winner.adID], dna: dna[winner.adID],
          waits: waiting(winner, hasDNA: dna[winner.adID] != nil))
      }
    }
  }

  /// Why a winner cannot be searched yet, in a sentence.
  private func waiting(_ winner: Winner, hasDNA: Bool) -> String? {
    let model = embedder.model?.name
    if winner.isEmbedded, model == nil || winner.text?.model == model { return nil }
    if !hasDNA { return "its creative DNA is not known" }
    if let gap = embedder.gap { return gap.description }
    if let problem = winner.problem, winner.text?.model == model { return problem }
    return "it is about to be embedded"
  }

  /// What became of an ad that was named a winner.
  package struct Added: Sendable {
    /// Whether it was remembered before.
    package let wasKnown: Bool
    package let remembered: Remembered
  }

  /// Remembers an ad as a winner by hand, with its DNA where it is given, and embeds it at once where that can be done.
  ///
  /// Throws ``WinnerError/unknownAd(_:_:)`` for an ad with neither figures nor DNA, and what ``CreativeDNAService`` throws.
  package func add(_ adID: AdID, dna: CreativeDNA? = nil, of account: AccountID) async throws -> Added {
    if let dna, dna.isEmpty { throw CreativeDNAError.empty(adID) }
    let wasKnown = try await accounts.write(inTurnOf: account) { [self] configuration, transaction in
      if let dna { try save(dna, of: adID, account: account, in: transaction) }
      let state = try ads.states(of: [adID], account: account, configuration, in: transaction).first
      guard try state != nil || creatives.get(adID, of: account, in: transaction) != nil else {
        throw WinnerError.unknownAd(adID, account)
      }
      let known = try winners.get(adID, of: account, in: transaction)
      if let named = named(known, adID, account, state) { try winners.save([named], of: account, in: transaction) }
      return known != nil
    }
    if embedder.gap == nil { try await indexer.embedWaiting(adID, of: account, limit: 1) }
    return Added(wasKnown: wasKnown, remembered: try await winner(adID, of: account))
  }

  private func save(
    _ dna: CreativeDNA, of adID: AdID, account: AccountID, in transaction: any Transaction
  ) throws {
    try QuotaService().hold(.creativeDNA, of: account, in: transaction) {
      try creatives.save(dna, of: adID, account: account, at: clock(), in: transaction)
    }
  }

  /// The ad as a winner by hand; nil where it is a winner anyway.
  private func named(_ known: Winner?, _ adID: AdID, _ account: AccountID, _ state: AdState?) -> Winner? {
    let (now, figures) = (clock(), state.map(WinnerFigures.init) ?? WinnerFigures())
    guard var winner = known else { return Winner(adID, of: account, by: .hand, at: now, then: figures) }
    guard !winner.isWinning else { return nil }
    winner.reason = .hand
    (winner.wonAt, winner.lostAt, winner.updatedAt) = (now, nil, now)
    winner.then = figures
    return winner
  }

  /// The memory of an account as it stands.
  package struct Stats: Sendable {
    package let counts: WinnerCounts
    /// The first of those that cannot be searched, with the reason.
    package let waiting: [(adID: AdID, reason: String)]
    /// The model that texts are embedded by; nil where none is configured.
    package let model: String?
    /// What is missing for texts to be embedded; nil for nothing.
    package let gap: String?
    /// How the database keeps embeddings.
    package let column: VectorColumn
    /// How many embeddings this process holds in memory.
    package let heldCount: Int?
    /// The number of the last change, by which processes compare what they have.
    package let change: Int64
  }

  package func stats(of account: AccountID) async throws -> Stats {
    let waiting = try await list(limit: Self.namedCount, onlyWaiting: true, of: account)
    let model = embedder.model?.name
    let (counts, column, change) = try await database.read { [winners] transaction in
      let usual = try model ?? winners.usualModel(of: account, in: transaction)
      return (
        try winners.counts(of: account, model: usual, in: transaction), try VectorColumn.present(in: transaction),
        try winners.last(of: account, in: transaction).change
      )
    }
    return Stats(
      counts: counts, waiting: waiting.compactMap { ad in ad.waits.map { (ad.winner.adID, $0) } }, model: model,
      gap: embedder.gap?.description, column: column, heldCount: cache.heldCount(of: account), change: change)
  }

  /// Has PostgreSQL keep embeddings as vectors, once it can. Returns false where it does already, or there is no
  /// PostgreSQL. Writes of winners wait meanwhile. Throws what an operator must do where it cannot.
  package func usePgvector() async throws -> Bool {
    while true {
      if let isChanged = try await database.changeSchema(.together, VectorColumn.adopt) { return isChanged }
      // Another process changes the schema.
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  /// Judges all ads anew and embeds what is outdated, in a job that is only left here.
  package func rebuild(_ account: AccountID) async throws {
    try await accounts.write(inTurnOf: account) { [marker] _, transaction in
      try marker.judgeSoon(of: account, in: transaction)
    }
  }
}
