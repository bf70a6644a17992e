import TextEmbedding

/// The embedder that is configured, if any, held to what is stored: vectors of one dimension and of length 1.
package struct CheckedEmbedder: Sendable {
  private let embedder: (any TextEmbedder)?

  /// How many texts one call embeds at most.
  package static let batch = 32

  package init(_ embedder: (any TextEmbedder)?) {
    self.embedder = embedder
  }

  /// The model whose vectors it makes; nil without an embedder.
  package var model: EmbeddingModel? { embedder?.model }

  /// What is missing, and what to do; nil where texts can be embedded as far as is known.
  package var gap: WinnerError? {
    guard let model else { return .noEmbedder }
    return model.dimension == VectorColumn.dimension ? nil : .dimension(model.dimension, model: model.name)
  }

  /// A vector of length 1 for each text, and their model. Throws a ``WinnerError``.
  package func embed(_ texts: [String]) async throws -> (model: EmbeddingModel, vectors: [[Float]]) {
    if let gap { throw gap }
    guard let embedder else { throw WinnerError.noEmbedder }
    do {
      var vectors: [[Float]] = []
      for start in stride(from: 0, to: texts.count, by: Self.batch) {
        vectors += try await embedder.embed(Array(texts[start..<min(start + Self.batch, texts.count)]))
      }
      guard vectors.count == texts.count, vectors.allSatisfy(Self.isUnit) else {
        throw WinnerError.embedderUnavailable(
          "the model \(embedder.model.name) answers with other vectors than it says")
      }
      return (embedder.model, vectors)
    } catch let error as TextEmbeddingError {
      throw WinnerError(error)
    }
  }

  /// Whether a vector has the right dimension and length 1.
  static func isUnit(_ vector: [Float]) -> Bool {
    guard vector.count == VectorColumn.dimension else { return false }
    let square = vector.reduce(0) { $0 + Double($1) * Double($1) }
    return abs(square - 1) < 1e-3
  }

  /// The vector of length 1 in the same direction; nil for one without direction, or of another dimension.
  static func unit(_ vector: [Float]) -> [Float]? {
    let square = vector.reduce(0) { $0 + Double($1) * Double($1) }
    guard vector.count == VectorColumn.dimension, square.isFinite, square > 0 else { return nil }
    let length = square.squareRoot()
    let unit = vector.map { Float(Double($0) / length) }
    return isUnit(unit) ? unit : nil
  }
}
