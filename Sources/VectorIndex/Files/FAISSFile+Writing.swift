import Values

extension FAISSFile {
  /// The file's bytes, in memory.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    // What collects in memory does not throw.
    try? write { bytes += $0 }
    return bytes
  }

  /// The same without the ids, as FAISS writes an index that is not ID-mapped.
  package var bytesWithoutIDs: [UInt8] {
    var bytes: [UInt8] = []
    // What collects in memory does not throw.
    try? write(withIDs: false) { bytes += $0 }
    return bytes
  }

  /// Hands the file to `receive` in pieces of a megabyte or so, in order. Throws what `receive` throws.
  package func write(to receive: ([UInt8]) throws -> Void) throws {
    try write(withIDs: true, to: receive)
  }

  private func write(withIDs: Bool, to receive: ([UInt8]) throws -> Void) throws {
    try withoutActuallyEscaping(receive) { receive in
      var writer = VectorFileWriter(receive: receive)
      if withIDs { try write(.mapped, to: &writer) }
      if let graph = contents.graph {
        try write(.graph, to: &writer)
        try write(graph, to: &writer)
      }
      try write(metric == .innerProduct ? .flatInnerProduct : .flatSquaredDistance, to: &writer)
      try writer.counted(contents.components)
      if withIDs { try writer.counted(contents.ids) }
      try writer.flush()
    }
  }

  private func write(_ kind: Kind, to writer: inout VectorFileWriter) throws {
    try writer.array(Array(kind.rawValue.utf8))
    try writer.number(Int32(contents.dimension))
    try writer.number(Int64(contents.ids.count))
    try writer.array([Self.placeholder, Self.placeholder])
    try writer.number(UInt8(1))
    try writer.number(metric.rawValue)
  }

  private func write(_ graph: VectorGraph, to writer: inout VectorFileWriter) throws {
    let likelihoods = graph.levelLikelihoods
    try writer.counted(likelihoods)
    try writer.counted((0...likelihoods.count).map { Int32($0 == 0 ? 0 : graph.links * ($0 + 1)) })
    try writer.counted(graph.levels)
    var offsets: [UInt64] = [0]
    offsets.reserveCapacity(graph.levels.count + 1)
    for levels in graph.levels {
      offsets.append(offsets[offsets.count - 1] + UInt64(graph.room(forLevels: levels)))
    }
    try writer.counted(offsets)
    try writer.counted(graph.neighbours)
    try writer.array([graph.entryRow, graph.topLevel, Int32(clamping: graph.buildWidth), Self.searchWidth, 1])
  }

  /// How wide FAISS searches unless it is told otherwise.
  private static let searchWidth: Int32 = 64
}

extension VectorGraph {
  /// How likely a row's highest level is each of them, as FAISS draws them: (1 - 1/M) M^-level, down to one in a
  /// billion.
  var levelLikelihoods: [Double] {
    var likelihoods: [Double] = []
    var likelihood = 1 - 1 / Double(links)
    while likelihood >= 1e-9 || likelihoods.count < (levels.max().map(Int.init) ?? 1) {
      likelihoods.append(likelihood)
      likelihood /= Double(links)
    }
    return likelihoods
  }
}
