import Accounts
import Jobs
import Measurement
import Storage
import TextEmbedding
import Values

/// Judges the ads of an account and embeds its winners.
package struct WinnerIndexer: Sendable {
  /// How many winners one job embeds before another goes on, so that one account keeps no other waiting.
  private static let jobLimit = 2_048

  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let accounts: AccountService
  private let ads: AdService
  private let marker: WinnerMarker
  private let embedder: CheckedEmbedder
  private let winners = WinnerRepository()
  private let creatives = CreativeDNARepository()

  package init(
    database: any Database, clock: @escaping @Sendable () -> Instant, accounts: AccountService, ads: AdService,
    marker: WinnerMarker, embedder: CheckedEmbedder
  ) {
    self.database = database
    self.clock = clock
    self.accounts = accounts
    self.ads = ads
    self.marker = marker
    self.embedder = embedder
  }

  /// Does the job, and says how far all of the account's winners are. Where no embedder is there, that is what it says:
  /// what waits is embedded by the first job after one is there.
  @Sendable package func index(_ job: AutoIndexWinner, _ context: JobContext) async throws -> JobReport? {
    let account = job.accountID
    var marks = ""
    if job.onlyEmbeds != true { marks = try await judge(account) + "; " }
    guard embedder.gap == nil else {
      return JobReport(marks + (try await progress(of: account)))
    }
    let done = try await embedWaiting(of: account, limit: Self.jobLimit)
    if done >= Self.jobLimit {
      try await accounts.write(inTurnOf: account) { [self] _, transaction in
        try marker.embedSoon(of: account, in: transaction)
      }
    }
    return JobReport("\(marks)\(done) embedded now; \(try await progress(of: account))")
  }

  /// Judges every ad by the account's rule, and says what became of it.
  func judge(_ account: AccountID) async throws -> String {
    try await accounts.write(inTurnOf: account) { [self] configuration, transaction in
      let now = clock()
      let states = try ads.known(
        of: account, configuration, asOf: nil, at: now, withHistory: false, in: transaction
      ).ads.map(\.state)
      let marked = WinnerMarks.changed(
        states, try winners.all(of: account, in: transaction), by: configuration.winnerRule, at: now)
      try marker.mark(marked, of: account, in: transaction)
      let lost = marked.count { !$0.isWinning }
      return "\(states.count) ads judged, \(marked.count - lost) came to win, \(lost) do not win any more"
    }
  }

  private func progress(of account: AccountID) async throws -> String {
    let model = embedder.model?.name
    let counts = try await database.read { [winners] transaction in
      try winners.counts(of: account, model: model, in: transaction)
    }
    let waiting = counts.winners - counts.embedded - counts.refused
    let gap = waiting > 0 ? embedder.gap.map { " (\($0))" } ?? "" : ""
    return "\(counts.embedded) of \(counts.winners) winners can be searched, \(waiting) wait\(gap), "
      + "\(counts.withoutDNA) of them for creative DNA"
  }

  /// Embeds winners that wait, those without any embedding first, and returns how many; one ad alone where it is given.
  @discardableResult
  func embedWaiting(_ adID: AdID? = nil, of account: AccountID, limit: Int) async throws -> Int {
    guard let model = embedder.model else { throw WinnerError.noEmbedder }
    var done = 0
    while done < limit {
      try Task.checkCancellation()
      let batch = min(CheckedEmbedder.batch, limit - done)
      let waiting = try await database.read { [winners] transaction in
        try winners.waiting(for: model.name, only: adID, limit: batch, of: account, in: transaction)
      }
      guard !waiting.isEmpty else { break }
      let placements = try await place(waiting, model)
      try await write(placements, of: account)
      done += waiting.count
    }
    return done
  }

  /// Embeds texts; where the embedder refuses them together, each by itself.
  private func place(
    _ waiting: [WinnerRepository.Waiting], _ model: EmbeddingModel
  ) async throws -> [WinnerRepository.Placement] {
    let texts = waiting.map(\.dna.canonicalText)
    var vectors: [AdID: [Float]] = [:]
    var problems: [AdID: String] = [:]
    let spoken = zip(waiting, texts).filter { !$0.1.isEmpty }
    do {
      let embedded = try await embedder.embed(spoken.map(\.1)).vectors
      for (ad, vector) in zip(spoken, embedded) { vectors[ad.0.adID] = vector }
    } catch WinnerError.textRefused {
      for (ad, text) in spoken {
        do {
          vectors[ad.adID] = try await embedder.embed([text]).vectors.first
        } catch let error as WinnerError {
          guard case .textRefused = error else { throw error }
          problems[ad.adID] = error.description
        }
      }
    }
    return zip(waiting, texts).map { ad, text in
      let embedding = vectors[ad.adID]
      return WinnerRepository.Placement(
        adID: ad.adID,
        text: EmbeddedText(
          model: model.name, dimension: model.dimension, textVersion: CreativeDNA.textVersion,
          textHash: TextHash.hexadecimal(text)), embedding: embedding,
        problem: embedding == nil ? problems[ad.adID] ?? WinnerError.silentDNA(ad.adID).description : nil)
    }
  }

  /// Stores what was made of DNA that is still the same; other DNA came meanwhile for what is left out, which waits on.
  private func write(_ placements: [WinnerRepository.Placement], of account: AccountID) async throws {
    try await accounts.write(inTurnOf: account) { [self] _, transaction in
      let present = try creatives.get(placements.map(\.adID), of: account, in: transaction)
      let fitting = placements.filter { placement in
        present[placement.adID].map { TextHash.hexadecimal($0.dna.canonicalText) == placement.text.textHash } ?? false
      }
      try winners.place(fitting, of: account, at: clock(), in: transaction)
      try creatives.renewHashes(fitting.map { ($0.adID, $0.text.textHash) }, of: account, in: transaction)
    }
  }
}
