/// Which model a vector comes from: vectors of different models are never compared.
package struct EmbeddingModel: Hashable, Sendable {
  /// The model's name, such as `all-MiniLM-L6-v2`.
  package let name: String
  /// How many components its vectors have.
  package let dimension: Int

  package init(name: String, dimension: Int) {
    self.name = name
    self.dimension = dimension
  }
}

/// Turns texts into vectors of length 1 that lie close together where texts mean the same.
package protocol TextEmbedder: Sendable {
  var model: EmbeddingModel { get }

  /// A vector for each text, in order. Throws a ``TextEmbeddingError``: there is never a vector that stands for a failure.
  func embed(_ texts: [String]) async throws -> [[Float]]
}

/// Why texts have no vectors.
package enum TextEmbeddingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The embedder cannot be used until somebody does what the sentence says, such as setting a credential.
  case unavailable(String)
  /// The embedder may answer later; the sentence says why not now.
  case busy(String)
  /// The embedder refuses the texts, whenever they are given.
  case refused(String)

  package var description: String {
    switch self {
    case .unavailable(let reason), .busy(let reason), .refused(let reason): reason
    }
  }
}
