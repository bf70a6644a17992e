import CVectors
import VectorIndex

/// A graph of the C shim: owns it, and turns its failures into errors.
///
/// Sendable without the compiler's check because the pointer never changes, and the graph locks itself.
final class GraphHandle: @unchecked Sendable {
  private let graph: OpaquePointer

  init(dimension: Int, parameters: HNSWParameters) throws(VectorIndexError) {
    let shape = cvectors_shape(dimension: dimension, links: parameters.links, build_width: parameters.buildWidth)
    var failure = cvectors_failure()
    guard let graph = cvectors_graph_make(shape, &failure) else { throw VectorIndexError(failure) }
    self.graph = graph
  }

  deinit {
    cvectors_graph_free(graph)
  }

  var count: Int { cvectors_graph_count(graph) }

  /// Hands the pointer to `body`, for functions that do not fail.
  func withHandle<Result>(_ body: (OpaquePointer) -> Result) -> Result {
    body(graph)
  }

  /// Calls a function of the shim and throws what it reports.
  func call<Result>(
    _ body: (OpaquePointer, UnsafeMutablePointer<cvectors_failure>) -> Result
  ) throws(VectorIndexError) -> Result {
    var failure = cvectors_failure()
    let result = body(graph, &failure)
    guard failure.code == cvectors_ok else { throw VectorIndexError(failure) }
    return result
  }

  /// Up to `limit` matches by following the graph; maybe fewer than there are.
  func follow(
    _ vector: [Float], limit: Int, width: Int, mostCompared: Int, where isAllowed: (@Sendable (Int64) -> Bool)?
  ) throws(VectorIndexError) -> [VectorMatch] {
    try matches(limit: limit, where: isAllowed) { graph, filter, context, matches, failure in
      cvectors_graph_search(graph, vector, limit, width, mostCompared, filter, context, matches, failure)
    }
  }

  /// The `limit` closest by comparing all that pass.
  func scan(
    _ vector: [Float], limit: Int, where isAllowed: (@Sendable (Int64) -> Bool)?
  ) throws(VectorIndexError) -> [VectorMatch] {
    try matches(limit: limit, where: isAllowed) { graph, filter, context, matches, failure in
      cvectors_graph_scan(graph, vector, limit, filter, context, matches, failure)
    }
  }

  /// How many of about `size` vectors pass.
  func sample(_ size: Int, where isAllowed: @escaping @Sendable (Int64) -> Bool) -> (passed: Int, tried: Int) {
    var tried = 0
    let passed = withContext(of: isAllowed) { filter, context in
      cvectors_graph_sample(graph, size, filter, context, &tried)
    }
    return (passed, tried)
  }

  private typealias Search = (
    OpaquePointer, cvectors_filter?, UnsafeMutableRawPointer?, UnsafeMutablePointer<cvectors_match>?,
    UnsafeMutablePointer<cvectors_failure>
  ) -> Int

  private func matches(
    limit: Int, where isAllowed: (@Sendable (Int64) -> Bool)?, _ search: Search
  ) throws(VectorIndexError) -> [VectorMatch] {
    try withContext(of: isAllowed) { filter, context throws(VectorIndexError) in
      try [VectorMatch](limit: limit) { matches, failure in search(graph, filter, context, matches, failure) }
    }
  }
}
