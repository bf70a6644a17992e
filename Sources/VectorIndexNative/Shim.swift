import CVectors
import VectorIndex

// What Swift needs to call the shim.

extension VectorIndexError {
  /// What the shim reports, in its words.
  init(_ failure: cvectors_failure) {
    self = withUnsafeBytes(of: failure.text) { .failed(String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)) }
  }
}

extension [VectorMatch] {
  /// What `search` writes, which says how many that are, in order. Throws a ``VectorIndexError``.
  init(
    limit: Int, _ search: (UnsafeMutablePointer<cvectors_match>?, UnsafeMutablePointer<cvectors_failure>) -> Int
  ) throws(VectorIndexError) {
    var failure = cvectors_failure()
    let found = [cvectors_match](unsafeUninitializedCapacity: limit) { buffer, count in
      count = search(buffer.baseAddress, &failure)
    }
    guard failure.code == cvectors_ok else { throw VectorIndexError(failure) }
    // Rounding can leave the products of two vectors of length 1 a little beyond 1.
    self = found.map { VectorMatch(id: $0.id, similarity: Swift.min(Swift.max($0.similarity, -1), 1)) }
      .sorted { TopMatches.isCloser($0, than: $1) }
  }
}

/// Calls `body` with a C function that asks `isAllowed`, and what that function is to be handed.
func withContext<Result, Failure: Error>(
  of isAllowed: (@Sendable (Int64) -> Bool)?,
  _ body: (cvectors_filter?, UnsafeMutableRawPointer?) throws(Failure) -> Result
) throws(Failure) -> Result {
  guard let isAllowed else { return try body(nil, nil) }
  return try withUnsafePointer(to: isAllowed) { pointer throws(Failure) in
    try body(
      { context, id in context?.assumingMemoryBound(to: (@Sendable (Int64) -> Bool).self).pointee(id) ?? false },
      UnsafeMutableRawPointer(mutating: pointer))
  }
}
