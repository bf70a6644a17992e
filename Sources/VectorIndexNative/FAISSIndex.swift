import CVectors
import VectorIndex

/// An index of the FAISS library, for exchange with programs that use FAISS: what it finds is what FAISS finds. Others
/// search faster: the library that Debian builds compares four components at a time.
///
/// Searches run side by side; a change waits for them, and goes before those that come later. A filter must not call
/// the index. FAISS's graphs know neither filters nor removals: with a filter every vector is compared, and a graph that
/// has more removed vectors than others is made anew by the removal.
package final class FAISSIndex: VectorIndex {
  /// How FAISS finds vectors.
  package enum Kind: Hashable, Sendable {
    /// By comparing all of them: `IndexFlat`.
    case flat
    /// By a graph: `IndexHNSWFlat`.
    case graph(HNSWParameters)
  }

  package let dimension: Int
  package let kind: Kind
  private let handle: FAISSHandle

  /// An empty index of vectors with `dimension` components, 1 to 65,536. Throws a ``VectorIndexError``.
  package init(
    dimension: Int, kind: Kind = .flat, metric: FAISSFile.Metric = .innerProduct
  ) throws(VectorIndexError) {
    self.dimension = min(max(dimension, 1), IndexContents.mostDimensions)
    self.kind = kind
    let dimension = self.dimension
    handle = try FAISSHandle { failure in
      cvectors_faiss_make(dimension, metric == .squaredDistance, cvectors_faiss_graph(kind), failure)
    }
  }

  /// The index of a file. Only files that were checked get here: FAISS's own reading trusts what it reads. Throws a
  /// ``VectorIndexError``.
  package init(_ file: FAISSFile, searchWidth: Int = HNSWParameters().searchWidth) throws(VectorIndexError) {
    let contents = file.contents
    dimension = contents.dimension
    kind =
      contents.graph.map {
        .graph(HNSWParameters(links: $0.links, buildWidth: $0.buildWidth, searchWidth: searchWidth))
      } ?? .flat
    let bytes = file.bytesWithoutIDs
    let graph = cvectors_faiss_graph(kind)
    handle = try FAISSHandle { failure in
      cvectors_faiss_read(bytes, bytes.count, contents.ids, contents.ids.count, graph, failure)
    }
  }

  package var count: Int { handle.count }

  package func put(_ id: Int64, _ vector: [Float]) throws(VectorIndexError) {
    try UnitVector.check(vector, dimension: dimension)
    try handle.call { cvectors_faiss_put($0, id, vector, $1) }
  }

  package func remove(_ id: Int64) {
    // A removal only notes the row, or makes a graph anew: where there is no memory for it, the vector stays.
    try? handle.call { cvectors_faiss_remove($0, id, $1) }
  }

  package func search(
    _ vector: [Float], limit: Int, where isAllowed: (@Sendable (Int64) -> Bool)?
  ) throws(VectorIndexError) -> [VectorMatch] {
    try UnitVector.check(vector, dimension: dimension)
    let limit = min(limit, count)
    guard limit > 0 else { return [] }
    if isAllowed == nil {
      let matches = try handle.matches(limit: limit) { index, matches, failure in
        cvectors_faiss_search(index, vector, limit, matches, failure)
      }
      if matches.count == limit { return matches }
    }
    return try withContext(of: isAllowed) { filter, context throws(VectorIndexError) in
      try handle.matches(limit: limit) { index, matches, failure in
        cvectors_faiss_scan(index, vector, limit, filter, context, matches, failure)
      }
    }
  }

  /// The index as FAISS writes it, without what was removed. Changes and searches wait until it is copied. Throws a
  /// ``VectorIndexError``.
  package func file() throws(VectorIndexError) -> FAISSFile {
    try FAISSFile(fileBytes())
  }

  /// The bytes that FAISS writes. Throws a ``VectorIndexError``.
  package func fileBytes() throws(VectorIndexError) -> [UInt8] {
    var written: [UInt8] = []
    try withUnsafeMutablePointer(to: &written) { target throws(VectorIndexError) in
      try handle.call { index, failure in
        cvectors_faiss_write(
          index,
          { context, bytes, length in
            context?.assumingMemoryBound(to: [UInt8].self).pointee = Array(
              UnsafeBufferPointer(start: bytes, count: length))
          }, target, failure)
      }
    }
    return written
  }
}

/// An index of the C shim: owns it, and turns its failures into errors.
///
/// Sendable without the compiler's check because the pointer never changes, and the index locks itself.
private final class FAISSHandle: @unchecked Sendable {
  private let index: OpaquePointer

  init(_ make: (UnsafeMutablePointer<cvectors_failure>) -> OpaquePointer?) throws(VectorIndexError) {
    var failure = cvectors_failure()
    guard let index = make(&failure) else { throw VectorIndexError(failure) }
    self.index = index
  }

  deinit {
    cvectors_faiss_free(index)
  }

  var count: Int { cvectors_faiss_count(index) }

  func call<Result>(
    _ body: (OpaquePointer, UnsafeMutablePointer<cvectors_failure>) -> Result
  ) throws(VectorIndexError) -> Result {
    var failure = cvectors_failure()
    let result = body(index, &failure)
    guard failure.code == cvectors_ok else { throw VectorIndexError(failure) }
    return result
  }

  func matches(
    limit: Int,
    _ search: (OpaquePointer, UnsafeMutablePointer<cvectors_match>?, UnsafeMutablePointer<cvectors_failure>) -> Int
  ) throws(VectorIndexError) -> [VectorMatch] {
    try [VectorMatch](limit: limit) { matches, failure in search(index, matches, failure) }
  }
}

extension cvectors_faiss_graph {
  fileprivate init(_ kind: FAISSIndex.Kind) {
    switch kind {
    case .flat: self.init()
    case .graph(let parameters):
      self.init(
        links: parameters.links, build_width: parameters.buildWidth, search_width: parameters.searchWidth)
    }
  }
}
