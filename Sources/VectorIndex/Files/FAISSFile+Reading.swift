import Values

extension FAISSFile {
  /// Reads a file that was read already. Throws ``VectorIndexError/failed(_:)`` with what is wrong with it.
  package init(_ bytes: [UInt8]) throws(VectorIndexError) {
    var reader = VectorFileReader(bytes)
    try self.init(whole: &reader)
  }

  /// Reads the file at `path`. Blocks the calling thread. Throws ``VectorIndexError/failed(_:)`` with what is wrong with
  /// it.
  package init(path: String) throws(VectorIndexError) {
    var reader = try VectorFileReader(path: path)
    try self.init(whole: &reader)
  }

  private init(whole reader: inout VectorFileReader) throws(VectorIndexError) {
    let index = try Part(&reader)
    guard reader.remaining == 0 else { throw .failed("the FAISS index ends before its file") }
    try self.init(index)
  }

  private init(_ part: Part) throws(VectorIndexError) {
    let ids = part.ids ?? Array(0..<Int64(part.header.count))
    metric = part.header.metric
    contents = try IndexContents(
      dimension: part.header.dimension, ids: ids, components: part.components, graph: part.graph)
  }

  /// What every index of a file begins with.
  private struct Header {
    let dimension: Int
    let count: Int
    let metric: Metric

    init(_ reader: inout VectorFileReader) throws(VectorIndexError) {
      dimension = Int(try reader.number(Int32.self))
      let count = try reader.number(Int64.self)
      _ = try reader.array(of: Int64.self, count: 2)
      let isTrained = try reader.number(UInt8.self)
      let metric = try reader.number(Int32.self)
      guard (1...IndexContents.mostDimensions).contains(dimension), (0...Int64(Int32.max)).contains(count) else {
        throw .failed("a FAISS index of \(count) vectors with \(dimension) components is not read")
      }
      guard isTrained == 1 else { throw .failed("the FAISS index is not trained") }
      guard let metric = Metric(rawValue: metric) else {
        throw .failed("FAISS's metric \(metric) is not read: inner product (0) and squared distance (1) are")
      }
      self.count = Int(count)
      self.metric = metric
    }
  }

  /// An index of the file with those inside of it.
  private struct Part {
    let header: Header
    var ids: [Int64]?
    var components: [Float]
    var graph: VectorGraph?

    /// `isOutermost` bounds how deep indexes lie in each other: ids, then a graph, then vectors.
    init(_ reader: inout VectorFileReader, within outer: Kind? = nil) throws(VectorIndexError) {
      let name = String(decoding: try reader.bytes(4), as: UTF8.self)
      guard let kind = Kind(rawValue: name) else {
        throw .failed("FAISS indexes of the kind \"\(name.printable)\" are not read: flat, HNSW and ID-mapped ones are")
      }
      header = try Header(&reader)
      switch kind {
      case .flatInnerProduct, .flatSquaredDistance:
        components = try reader.counted(Float.self)
        guard (kind == .flatInnerProduct) == (header.metric == .innerProduct) else {
          throw .failed("the FAISS index contradicts itself about its metric")
        }
      case .graph where outer != .graph:
        let links = try GraphLinks(&reader)
        let inner = try Part(&reader, within: .graph)
        components = inner.components
        graph = try links.graph()
        try check(inner)
      case .mapped where outer == nil, .mappedBothWays where outer == nil:
        let inner = try Part(&reader, within: kind)
        components = inner.components
        graph = inner.graph
        ids = try reader.counted(Int64.self)
        try check(inner)
      default: throw .failed("the FAISS index holds others in an order that is not read")
      }
      guard components.count == header.count * header.dimension, ids.map({ $0.count == header.count }) ?? true else {
        throw .failed("the FAISS index has more or fewer vectors than it says")
      }
    }

    private func check(_ inner: Part) throws(VectorIndexError) {
      guard inner.header.count == header.count, inner.header.dimension == header.dimension,
        inner.header.metric == header.metric
      else { throw .failed("the FAISS index contradicts itself") }
    }
  }

  /// The arrays of an HNSW graph.
  private struct GraphLinks {
    private let roomByLevel: [Int32]
    private let levels: [Int32]
    private let offsets: [UInt64]
    private let neighbours: [Int32]
    private let entryRow: Int32
    private let topLevel: Int32
    private let buildWidth: Int32

    init(_ reader: inout VectorFileReader) throws(VectorIndexError) {
      // How likely each level is: known from the number of links.
      _ = try reader.counted(Double.self)
      roomByLevel = try reader.counted()
      levels = try reader.counted()
      offsets = try reader.counted()
      neighbours = try reader.counted()
      entryRow = try reader.number()
      topLevel = try reader.number()
      buildWidth = try reader.number()
      // Both belong to searches: their width, and a number that is no longer used.
      _ = try reader.array(of: Int32.self, count: 2)
    }

    /// The graph, if its lists have the usual lengths.
    func graph() throws(VectorIndexError) -> VectorGraph {
      guard roomByLevel.count >= 3, roomByLevel.count <= 1_000 else { throw .failed("the FAISS graph has no levels") }
      let links = Int(roomByLevel[2]) - Int(roomByLevel[1])
      guard (2...256).contains(links),
        roomByLevel.enumerated().allSatisfy({ Int($1) == ($0 == 0 ? 0 : links * ($0 + 1)) })
      else { throw .failed("the FAISS graph has lists of lengths that are not read") }
      let graph = VectorGraph(
        links: links, buildWidth: min(max(Int(buildWidth), 1), 10_000), levels: levels, neighbours: neighbours,
        entryRow: entryRow, topLevel: topLevel)
      var offset = 0
      guard offsets.count == levels.count + 1, offsets[0] == 0 else { throw .failed("the FAISS graph is torn") }
      for (row, level) in levels.enumerated() {
        guard (1..<roomByLevel.count).contains(Int(level)) else { throw .failed("the FAISS graph is torn") }
        offset += graph.room(forLevels: level)
        guard offsets[row + 1] == UInt64(offset) else { throw .failed("the FAISS graph is torn") }
      }
      return graph
    }
  }
}

extension String {
  /// Itself where a terminal can show it.
  fileprivate var printable: String {
    allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } ? self : "?"
  }
}
