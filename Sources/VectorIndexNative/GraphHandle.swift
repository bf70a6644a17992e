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
    var failure = cvectors_failure()
    let found = [cvectors_match](unsafeUninitializedCapacity: limit) { buffer, count in
      count = withContext(of: isAllowed) { filter, context in
        search(graph, filter, context, buffer.baseAddress, &failure)
      }
    }
    guard failure.code == cvectors_ok else { throw VectorIndexError(failure) }
    // Rounding can leave the products of two vectors of length 1 a little beyond 1.
    return found.map { VectorMatch(id: $0.id, similarity: min(max($0.similarity, -1), 1)) }
      .sorted { TopMatches.isCloser($0, than: $1) }
  }

  /// Calls `body` with a C function that asks `isAllowed`, and what it is to be handed.
  private func withContext<Result>(
    of isAllowed: (@Sendable (Int64) -> Bool)?, _ body: (cvectors_filter?, UnsafeMutableRawPointer?) -> Result
  ) -> Result {
    guard let isAllowed else { return body(nil, nil) }
    return withUnsafePointer(to: isAllowed) { pointer in
      body(
        { context, id in
          context?.assumingMemoryBound(to: (@Sendable (Int64) -> Bool).self).pointee(id) ?? false
        }, UnsafeMutableRawPointer(mutating: pointer))
    }
  }
}

extension VectorIndexError {
  /// What the shim reports, in its words.
  init(_ failure: cvectors_failure) {
    self = withUnsafeBytes(of: failure.text) { .failed(String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)) }
  }
}
