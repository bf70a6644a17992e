import Testing
import VectorIndex

/// An index and the reference that holds the same vectors.
package struct Comparison {
  private let index: any VectorIndex
  private let reference: ReferenceVectors

  package init(_ index: any VectorIndex, _ reference: ReferenceVectors) {
    self.index = index
    self.reference = reference
  }

  /// Searches both and expects: as many matches as exist, in order, each once, allowed, there, with its similarity.
  /// Returns how many are as close as the reference's, and how many the reference finds.
  @discardableResult
  package func search(
    _ query: [Float], limit: Int, where isAllowed: (@Sendable (Int64) -> Bool)? = nil
  ) throws -> (hits: Int, of: Int) {
    let found = try index.search(query, limit: limit, where: isAllowed)
    let expected = reference.search(query, limit: limit, where: isAllowed ?? { _ in true })
    #expect(found.count == expected.count)
    #expect(Set(found.map(\.id)).count == found.count)
    #expect(zip(found, found.dropFirst()).allSatisfy { TopMatches.isCloser($0, than: $1) })
    for match in found {
      #expect(isAllowed?(match.id) ?? true)
      let similarity = try #require(reference.similarity(of: match.id, to: query))
      #expect(abs(Double(match.similarity) - similarity) < 2 * Double(VectorIndexConformance.rounding))
    }
    let hits = zip(found, expected).count { $0.similarity >= $1.similarity - VectorIndexConformance.rounding }
    return (hits, expected.count)
  }
}
