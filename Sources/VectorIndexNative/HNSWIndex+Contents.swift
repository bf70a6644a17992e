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

  /// All that the index holds: whatever was changed before the call, and perhaps what is changed during it. Changes wait
  /// while a few thousand vectors are copied, and go on before the next. Throws a ``VectorIndexError``.
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
    let copied = withHandle { CopiedRows($0, dimension: dimension) }
    let graph = VectorGraph(
      links: parameters.links, buildWidth: parameters.buildWidth, levels: copied.levels, neighbours: copied.neighbours,
      entryRow: copied.entryRow, topLevel: copied.topLevel)
    return try IndexContents(
      dimension: dimension, ids: copied.ids, components: copied.components, removedRows: copied.removedRows,
      graph: graph)
  }
}

/// The rows of a graph as arrays.
private struct CopiedRows {
  /// How many rows are copied while changes wait.
  private static let rowsAtOnce = 4_096

  private(set) var ids: [Int64]
  private(set) var components: [Float]
  private(set) var removedRows: [UInt32] = []
  private(set) var levels: [Int32]
  private(set) var neighbours: [Int32]
  let entryRow: Int32
  let topLevel: Int32

  init(_ handle: OpaquePointer, dimension: Int) {
    let extent = cvectors_graph_extent(handle)
    let rowCount = extent.row_count
    entryRow = extent.entry_row
    topLevel = extent.top_level
    ids = [Int64](repeating: 0, count: rowCount)
    components = [Float](repeating: 0, count: rowCount * dimension)
    levels = [Int32](repeating: 0, count: rowCount)
    neighbours = [Int32](repeating: -1, count: extent.link_count)
    var isRemoved = [Bool](repeating: false, count: rowCount)
    var linkStart = 0
    for first in stride(from: 0, to: rowCount, by: Self.rowsAtOnce) {
      let count = min(Self.rowsAtOnce, rowCount - first)
      linkStart += cvectors_graph_copy(
        handle, first, count, rowCount, linkStart, &ids, &isRemoved, &components, &levels, &neighbours)
    }
    removeEarlierCopies(&isRemoved)
    removedRows = isRemoved.indices.filter { isRemoved[$0] }.map { UInt32($0) }
  }

  /// A vector that was removed and came back during the copying can be in two rows. The later one is the newer.
  private func removeEarlierCopies(_ isRemoved: inout [Bool]) {
    var seen = Set<Int64>(minimumCapacity: ids.count)
    for row in ids.indices.reversed() where !isRemoved[row] && !seen.insert(ids[row]).inserted {
      isRemoved[row] = true
    }
  }
}
