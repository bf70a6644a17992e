import CVectors
import VectorIndex

/// Follows a graph from neighbour to neighbour instead of comparing every vector: hundreds of comparisons where an exact
/// search makes a hundred thousand. A few of the closest can be missed; ``HNSWParameters`` say how few.
///
/// Searches run side by side; a change waits for them, and goes before those that come later. A filter must not call
/// the index. Removed vectors stay in memory until new ones take their places.
package final class HNSWIndex: VectorIndex {
  package let dimension: Int
  package let parameters: HNSWParameters
  let graph: GraphHandle

  /// An empty index of vectors with `dimension` components, 1 to 65,536. Throws a ``VectorIndexError``.
  package init(dimension: Int, parameters: HNSWParameters = HNSWParameters()) throws(VectorIndexError) {
    self.dimension = min(max(dimension, 1), 65_536)
    self.parameters = parameters
    graph = try GraphHandle(dimension: self.dimension, parameters: parameters)
  }

  package var count: Int { graph.count }

  /// Makes room for `count` vectors in all, so that adding them does not stop to make room. Throws a
  /// ``VectorIndexError``.
  package func reserve(_ count: Int) throws(VectorIndexError) {
    try graph.call { cvectors_graph_reserve($0, max(count, 0), $1) }
  }

  package func put(_ id: Int64, _ vector: [Float]) throws(VectorIndexError) {
    try UnitVector.check(vector, dimension: dimension)
    try graph.call { cvectors_graph_put($0, id, vector, $1) }
  }

  package func remove(_ id: Int64) {
    // A removal only notes the row: it fails where there is no memory for the note, and then the vector stays.
    try? graph.call { cvectors_graph_remove($0, id, $1) }
  }

  package func search(
    _ vector: [Float], limit: Int, where isAllowed: (@Sendable (Int64) -> Bool)?
  ) throws(VectorIndexError) -> [VectorMatch] {
    try search(vector, limit: limit, width: parameters.searchWidth, where: isAllowed)
  }

  /// Searches with a width of its own: see ``HNSWParameters/searchWidth``.
  package func search(
    _ vector: [Float], limit: Int, width: Int, where isAllowed: (@Sendable (Int64) -> Bool)? = nil
  ) throws(VectorIndexError) -> [VectorMatch] {
    try UnitVector.check(vector, dimension: dimension)
    let count = self.count
    let limit = min(limit, count)
    guard limit > 0 else { return [] }
    // Of the candidates that are kept, the farthest are found least surely.
    let width = min(max(limit + min(limit, count), width), count)
    if let most = comparisonsWorthwhile(width: width, count: count, where: isAllowed) {
      let matches = try graph.follow(vector, limit: limit, width: width, mostCompared: most, where: isAllowed)
      if matches.count == limit { return matches }
    }
    return try graph.scan(vector, limit: limit, where: isAllowed)
  }

  /// How many comparisons the graph may make before comparing everything takes less time; nil where it does anyway.
  ///
  /// The graph is led by closeness alone: where one vector in ten passes the filter, it meets ten times as many for as
  /// many matches. The figures are those of docs/vector-index.md.
  private func comparisonsWorthwhile(width: Int, count: Int, where isAllowed: (@Sendable (Int64) -> Bool)?) -> Int? {
    guard count > 20 * width else { return nil }
    guard let isAllowed else { return count }
    let sample = graph.sample(500, where: isAllowed)
    guard sample.tried > 0, sample.passed * 40 >= sample.tried else { return nil }
    return count / 2
  }
}
