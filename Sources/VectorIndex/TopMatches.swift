/// The closest vectors of those offered so far, in memory for `limit` of them: a heap whose root is the farthest kept.
package struct TopMatches: Sendable {
  private let limit: Int
  private var heap: [VectorMatch] = []

  /// Keeps up to `limit` matches; none where it is not positive.
  package init(limit: Int) {
    self.limit = max(limit, 0)
    // Limits from outside may be far beyond what there is.
    heap.reserveCapacity(min(self.limit, 1_024))
  }

  /// How many are kept.
  package var count: Int { heap.count }

  /// The similarity that a vector must reach to be kept: below it nothing is worth offering.
  package var threshold: Float {
    guard limit > 0 else { return .infinity }
    guard heap.count == limit, let farthest = heap.first else { return -.infinity }
    return farthest.similarity
  }

  /// Whether ``offer(_:)`` would keep `match`.
  package func takes(_ match: VectorMatch) -> Bool {
    guard heap.count == limit else { return true }
    guard let farthest = heap.first else { return false }
    return Self.isCloser(match, than: farthest)
  }

  /// Keeps `match` if it is among the closest.
  package mutating func offer(_ match: VectorMatch) {
    if heap.count < limit {
      heap.append(match)
      rise(from: heap.count - 1)
    } else if takes(match) {
      heap[0] = match
      sink()
    }
  }

  /// What is kept, the closest first and those equally close by id.
  package consuming func sorted() -> [VectorMatch] {
    heap.sorted { Self.isCloser($0, than: $1) }
  }

  /// The order of results.
  package static func isCloser(_ match: VectorMatch, than other: VectorMatch) -> Bool {
    match.similarity != other.similarity ? match.similarity > other.similarity : match.id < other.id
  }

  private mutating func rise(from start: Int) {
    var index = start
    while index > 0, case let parent = (index - 1) / 2, Self.isCloser(heap[parent], than: heap[index]) {
      heap.swapAt(index, parent)
      index = parent
    }
  }

  private mutating func sink() {
    var index = 0
    while true {
      var farthest = index
      for child in (2 * index + 1)...(2 * index + 2)
      where child < heap.count && Self.isCloser(heap[farthest], than: heap[child]) {
        farthest = child
      }
      guard farthest != index else { return }
      heap.swapAt(index, farthest)
      index = farthest
    }
  }
}
