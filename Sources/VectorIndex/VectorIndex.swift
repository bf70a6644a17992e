/// An entry of an index and how close it is to what was searched for.
package struct VectorMatch: Hashable, Sendable {
  package let id: Int64
  /// The cosine of the angle between both vectors, -1 to 1.
  package let similarity: Float

  package init(id: Int64, similarity: Float) {
    self.id = id
    self.similarity = similarity
  }
}

/// Vectors of length 1, found again by closeness. Safe to use from several threads at once.
///
/// Its calls compute and never wait: call them where computing for some milliseconds holds nobody up.
package protocol VectorIndex: Sendable {
  /// How many components its vectors have.
  var dimension: Int { get }
  /// How many vectors it holds.
  var count: Int { get }

  /// Adds a vector, or replaces the one with the same id. Throws a ``VectorIndexError``.
  func put(_ id: Int64, _ vector: [Float]) throws(VectorIndexError)

  /// Removes a vector; one that is not there is removed already.
  func remove(_ id: Int64)

  /// The `limit` closest vectors, the closest first and those equally close by id, of those that `isAllowed` lets pass.
  /// There are fewer only where fewer pass. Throws a ``VectorIndexError``.
  func search(
    _ vector: [Float], limit: Int, where isAllowed: (@Sendable (Int64) -> Bool)?
  ) throws(VectorIndexError) -> [VectorMatch]
}

/// What an index does not take.
package enum VectorIndexError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The vector has another number of components.
  case dimension(Int, expected: Int)
  /// A component is no number, or the length is not 1.
  case notNormalised
  /// The index cannot grow, or its file cannot be read; the sentence says why.
  case failed(String)

  package var description: String {
    switch self {
    case .dimension(let given, let expected): "the vector has \(given) components, and the index's have \(expected)"
    case .notNormalised: "the vector's length is not 1"
    case .failed(let reason): reason
    }
  }
}
