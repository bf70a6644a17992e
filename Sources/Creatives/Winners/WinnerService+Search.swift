import Storage
import TextEmbedding
import Values
import VectorIndex
import Web

/// What is searched for among winners.
package struct WinnerQuery: Sendable {
  /// What winners are compared with.
  package enum Subject: Sendable {
    /// A text, which is embedded.
    case text(String)
    /// An embedding of any length but zero; `model` is where it comes from, nil for the model that is configured.
    case embedding([Float], model: String?)
    /// An ad that is a winner or has DNA. It does not find itself.
    case ad(AdID)
  }

  package var subject: Subject
  /// How many winners are found at most, 1 to 100.
  package var limit = 5
  /// The least cosine of the angle, -1 to 1.
  package var minSimilarity: Double?
  package var filter = WinnerFilter()

  package static let limits = 1...100
  /// The most bytes of a text.
  package static let textLimit = 20_000

  package init(_ subject: Subject) {
    self.subject = subject
  }
}

/// What a search found.
package struct WinnerFindings: Sendable {
  package struct Found: Sendable {
    package let remembered: WinnerService.Remembered
    /// The cosine of the angle, -1 to 1.
    package let similarity: Double
  }

  /// The winners found, closest first.
  package let found: [Found]
  /// The model whose embeddings were compared.
  package let model: String
  /// Where they were compared.
  package let place: WinnerSearchSettings.Place
}

extension WinnerService {
  /// Finds the winners that are closest to what is asked for. There are fewer than asked for only where fewer pass.
  ///
  /// Throws a ``WinnerError``, and a ``ComputeOverload`` where too much is searched at once.
  package func search(_ query: WinnerQuery, of account: AccountID) async throws -> WinnerFindings {
    let (embedding, model) = try await embedding(of: query.subject, account)
    let except: AdID? = if case .ad(let adID) = query.subject { adID } else { nil }
    let nearness = WinnerRepository.Nearness(
      embedding: embedding, model: model, limit: query.limit, filter: query.filter, except: except)
    let place = try await place(for: account)
    let nearest =
      place == .database
      ? try await database.read { [winners] in try winners.nearest(nearness, of: account, in: $0) }
      : try await searchInMemory(nearness, of: account)
    let close = nearest.filter { Double($0.similarity) >= query.minSimilarity ?? -.infinity }
    let known = try await remembered(account) { [winners] transaction in
      try Array(winners.get(close.map(\.adID), of: account, in: transaction).values)
    }
    let byAd = Dictionary(known.map { ($0.winner.adID, $0) }, uniquingKeysWith: { first, _ in first })
    return WinnerFindings(
      found: close.compactMap { match in
        byAd[match.adID].map { WinnerFindings.Found(remembered: $0, similarity: Double(match.similarity)) }
      }, model: model, place: place)
  }

  private func searchInMemory(
    _ nearness: WinnerRepository.Nearness, of account: AccountID
  ) async throws -> [(adID: AdID, similarity: Float)] {
    let held = try await cache.current(of: account)
    guard let view = held.view(of: nearness.model) else { return [] }
    let cost = ComputeCost(microseconds: settings.searchCost(view.index.count))
    return try await compute.run(of: account, cost) {
      try view.search(
        nearness.embedding, limit: nearness.limit, filter: nearness.filter, except: nearness.except)
    }
  }

  /// Where the account's winners are searched: in memory or in the database.
  private func place(for account: AccountID) async throws -> WinnerSearchSettings.Place {
    guard settings.place != .memory, database.dialect == .postgresql else { return .memory }
    let (column, count) = try await database.read { [winners] transaction in
      (try VectorColumn.present(in: transaction), try winners.last(of: account, in: transaction).number)
    }
    guard column == .pgvector else { return .memory }
    return settings.place == .database || count > settings.vectorLimit ? .database : .memory
  }

  private func embedding(
    of subject: WinnerQuery.Subject, _ account: AccountID
  ) async throws -> (embedding: [Float], model: String) {
    switch subject {
    case .text(let text): return try await embedding(of: text)
    case .embedding(let given, let model):
      guard let unit = CheckedEmbedder.unit(given) else {
        throw WinnerError.invalid(
          FieldProblem(
            field: "query_embedding", value: "\(given.count) numbers",
            rule: "must be \(VectorColumn.dimension) numbers, not all of them 0"))
      }
      if let model = model ?? embedder.model?.name { return (unit, model) }
      let usual = try await database.read { [winners] in try winners.usualModel(of: account, in: $0) }
      return (unit, usual ?? "")
    case .ad(let adID):
      let (stored, dna) = try await database.read { [self] transaction in
        (
          try winners.embedding(of: adID, account: account, in: transaction),
          try creatives.get(adID, of: account, in: transaction)?.dna
        )
      }
      if let stored, embedder.model == nil || embedder.model?.name == stored.model {
        return (stored.embedding, stored.model)
      }
      guard let dna else { throw WinnerError.withoutDNA(adID, account) }
      guard !dna.canonicalText.isEmpty else { throw WinnerError.silentDNA(adID) }
      return try await embedding(of: dna.canonicalText)
    }
  }

  private func embedding(of text: String) async throws -> (embedding: [Float], model: String) {
    let embedded = try await embedder.embed([text])
    return (embedded.vectors.first ?? [], embedded.model.name)
  }
}
