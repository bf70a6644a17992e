import CVectors
import Values
import VectorIndex

extension HNSWIndex {
  /// An index of what a file holds: with its graph, whose links and build width it keeps, or with a new one, which takes
  /// a millisecond or so for each vector. Throws a ``VectorIndexError``.
  package convenience init(
    _ contents: IndexContents, parameters: HNSWParameters = HNSWParameters()
  ) throws(VectorIndexError) {
    guard let graph = contents.graph else {
      try self.init(dimension: contents.dimension, parameters: parameters)
      try reserve(contents.count)
      for (row, id) in contents.ids.enumerated() {
        try put(id, Array(contents.components[(row * dimension)..<((row + 1) * dimension)]))
      }
      return
    }
    let kept = HNSWParameters(links: graph.links, buildWidth: graph.buildWidth, searchWidth: parameters.searchWidth)
    try self.init(dimension: contents.dimension, parameters: kept)
    try self.graph.fill(contents, graph)
  }

  /// All that the index holds. Changes wait until it is copied.
  package func contents() throws(VectorIndexError) -> IndexContents {
    try graph.contents(dimension: dimension, parameters: parameters)
  }

  /// All that the index holds without its graph, as removed vectors must not be written to a file of FAISS.
  package func contentsWithoutGraph() throws(VectorIndexError) -> IndexContents {
    let all = try contents()
    var ids: [Int64] = []
    var components: [Float] = []
    ids.reserveCapacity(all.count)
    components.reserveCapacity(all.count * dimension)
    all.forEach { id, vector in
      ids.append(id)
      components += vector
    }
    return try IndexContents(dimension: dimension, ids: ids, components: components)
  }
}

extension GraphHandle {
  /// Fills an empty graph with what was checked by ``IndexContents``.
  func fill(_ contents: IndexContents, _ graph: VectorGraph) throws(VectorIndexError) {
    var isRemoved = [Bool](repeating: false, count: contents.ids.count)
    for row in contents.removedRows { isRemoved[Int(row)] = true }
    try call { handle, failure in
      cvectors_graph_fill(
        handle, contents.ids.count, contents.ids, isRemoved, contents.components, graph.levels, graph.neighbours,
        graph.entryRow, graph.topLevel, failure)
    }
  }

  func contents(dimension: Int, parameters: HNSWParameters) throws(VectorIndexError) -> IndexContents {
    let copied = withLockedRows { handle, extent in
      CopiedRows(handle, extent, dimension: dimension, links: parameters.links)
    }
    let graph = VectorGraph(
      links: parameters.links, buildWidth: parameters.buildWidth, levels: copied.levels, neighbours: copied.neighbours,
      entryRow: copied.entryRow, topLevel: copied.topLevel)
    return try IndexContents(
      dimension: dimension, ids: copied.ids, components: copied.components, removedRows: copied.removedRows,
      graph: graph)
  }

  private func withLockedRows<Result>(_ body: (OpaquePointer, cvectors_extent) -> Result) -> Result {
    withHandle { handle in
      let extent = cvectors_graph_lock(handle)
      defer { cvectors_graph_unlock(handle) }
      return body(handle, extent)
    }
  }
}

/// The rows of a graph as arrays.
private struct CopiedRows {
  private(set) var ids: [Int64] = []
  private(set) var components: [Float]
  private(set) var removedRows: [UInt32] = []
  private(set) var levels: [Int32] = []
  private(set) var neighbours: [Int32]
  let entryRow: Int32
  let topLevel: Int32

  init(_ handle: OpaquePointer, _ extent: cvectors_extent, dimension: Int, links: Int) {
    let rowCount = extent.row_count
    entryRow = extent.entry_row
    topLevel = extent.top_level
    components = [Float](repeating: 0, count: rowCount * dimension)
    neighbours = [Int32](repeating: -1, count: extent.link_count)
    ids.reserveCapacity(rowCount)
    levels.reserveCapacity(rowCount)
    var start = 0
    for row in 0..<rowCount {
      var (id, isRemoved, level) = (Int64(0), false, Int32(0))
      let room = links * (Int(cvectors_graph_levels(handle, row)) + 1)
      components[(row * dimension)..<((row + 1) * dimension)].withUnsafeMutableBufferPointer { vector in
        start += neighbours[start..<(start + room)].withUnsafeMutableBufferPointer { links in
          cvectors_graph_row(handle, row, &id, &isRemoved, vector.baseAddress, &level, links.baseAddress)
        }
      }
      ids.append(id)
      levels.append(level)
      if isRemoved { removedRows.append(UInt32(row)) }
    }
  }
}
