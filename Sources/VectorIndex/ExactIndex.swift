import Synchronization

/// Compares every vector with what is searched for: nothing is missed. Right for thousands of vectors, and for filters
/// that few pass.
///
/// A search looks at the vectors as they were when it began, and holds up no change: what it still reads is copied by
/// the change, a block at a time. The filter runs without a lock, on the caller's thread.
package final class ExactIndex: VectorIndex {
  package let dimension: Int
  private let rows: Mutex<VectorRows>

  /// An empty index of vectors with `dimension` components, at least 1.
  package init(dimension: Int) {
    self.dimension = max(dimension, 1)
    rows = Mutex(VectorRows(dimension: self.dimension))
  }

  package var count: Int { rows.withLock { $0.count } }

  package func put(_ id: Int64, _ vector: [Float]) throws(VectorIndexError) {
    try UnitVector.check(vector, dimension: dimension)
    rows.withLock { $0.put(id, vector) }
  }

  package func remove(_ id: Int64) {
    rows.withLock { $0.remove(id) }
  }

  package func search(
    _ vector: [Float], limit: Int, where isAllowed: (@Sendable (Int64) -> Bool)?
  ) throws(VectorIndexError) -> [VectorMatch] {
    try UnitVector.check(vector, dimension: dimension)
    let blocks = rows.withLock { $0.blocks }
    var padded = vector
    padded.append(contentsOf: repeatElement(0, count: DotProduct.paddedLength(of: dimension) - dimension))
    var matches = TopMatches(limit: limit)
    padded.withUnsafeBufferPointer { query in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: VectorRows.rowsInBlock) { products in
        for block in blocks {
          block.search(query, products: products, isAllowed: isAllowed, into: &matches)
        }
      }
    }
    return matches.sorted()
  }

  /// Hands each vector, as all of them are now, to `body`, in no particular order.
  package func forEach(_ body: (Int64, UnsafeBufferPointer<Float>) throws -> Void) rethrows {
    for block in rows.withLock({ $0.blocks }) {
      try block.forEach(dimension: dimension, body)
    }
  }
}

extension VectorBlock {
  /// Offers every row that passes the filter. Only rows that would be kept are put to the filter: it may be slow.
  fileprivate func search(
    _ query: UnsafeBufferPointer<Float>, products: UnsafeMutableBufferPointer<Float>,
    isAllowed: (@Sendable (Int64) -> Bool)?, into matches: inout TopMatches
  ) {
    components.withUnsafeBufferPointer { rows in
      DotProduct.ofRows(rows, with: query, length: query.count, into: products)
    }
    for row in ids.indices where products[row] >= matches.threshold {
      // Rounding can leave the products of two vectors of length 1 a little beyond 1.
      let match = VectorMatch(id: ids[row], similarity: min(max(products[row], -1), 1))
      if matches.takes(match), isAllowed?(match.id) ?? true { matches.offer(match) }
    }
  }
}
