import VectorIndex

/// Vectors of length 1 from a seed.
package struct VectorSamples {
  package let dimension: Int
  package var random: SeededRandom

  package init(dimension: Int, seed: UInt64) {
    self.dimension = dimension
    random = SeededRandom(seed: seed)
  }

  /// A vector in a random direction.
  package mutating func next() -> [Float] {
    VectorSamples.unit((0..<dimension).map { _ in Float.random(in: -1...1, using: &random) })
  }

  /// A vector near `center`: the same one for a `spread` of 0.
  package mutating func next(near center: [Float], spread: Float) -> [Float] {
    VectorSamples.unit(center.map { $0 + Float.random(in: -1...1, using: &random) * spread })
  }

  /// `vector` with length 1; the first axis where it has none.
  package static func unit(_ vector: [Float]) -> [Float] {
    let length = vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    guard length > 0 else { return axis(0, of: vector.count) }
    return vector.map { Float(Double($0) / length) }
  }

  /// The vector along one axis.
  package static func axis(_ number: Int, of dimension: Int) -> [Float] {
    (0..<dimension).map { $0 == number ? 1 : 0 }
  }
}

/// Vectors in a dictionary, compared one by one in double precision: what an index is held to.
package struct ReferenceVectors {
  package private(set) var vectors: [Int64: [Float]] = [:]

  package init() {}

  package mutating func put(_ id: Int64, _ vector: [Float]) {
    vectors[id] = vector
  }

  package mutating func remove(_ id: Int64) {
    vectors[id] = nil
  }

  /// The similarity of a vector that is there.
  package func similarity(of id: Int64, to query: [Float]) -> Double? {
    vectors[id].map { zip($0, query).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
  }

  /// The closest by the rules of ``VectorIndex``.
  package func search(_ query: [Float], limit: Int, where isAllowed: (Int64) -> Bool = { _ in true }) -> [VectorMatch] {
    let all = vectors.keys.filter(isAllowed).map { id in
      VectorMatch(id: id, similarity: Float(similarity(of: id, to: query) ?? -2))
    }
    return Array(all.sorted { TopMatches.isCloser($0, than: $1) }.prefix(max(limit, 0)))
  }
}
