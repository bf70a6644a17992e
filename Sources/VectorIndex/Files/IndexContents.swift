import Values

/// All that an index holds, as arrays: what its files are made from and read into.
package struct IndexContents: Hashable, Sendable {
  /// Components of a vector, 1 to ``mostDimensions``.
  package let dimension: Int
  /// By row.
  package let ids: [Int64]
  /// Row after row.
  package let components: [Float]
  /// Rows whose vectors were removed, but which links lead through; ascending. Their ids mean nothing.
  package let removedRows: [UInt32]
  /// The graph over the rows; nil for an index without one.
  package let graph: VectorGraph?

  /// More than any model's vectors have.
  package static let mostDimensions = 65_536

  /// Takes what is consistent. Throws ``VectorIndexError/failed(_:)`` with the reason for what is not: lengths that do
  /// not fit together, an id that stands twice, a vector whose length is not 1, links that lead nowhere.
  package init(
    dimension: Int, ids: [Int64], components: [Float], removedRows: [UInt32] = [], graph: VectorGraph? = nil
  ) throws(VectorIndexError) {
    guard (1...Self.mostDimensions).contains(dimension) else {
      throw .failed("vectors of \(dimension) components are not kept: 1 to \(Self.mostDimensions) are")
    }
    guard ids.count <= Int(Int32.max), components.count == ids.count * dimension else {
      throw .failed("\(components.count) components are not \(ids.count) vectors of \(dimension)")
    }
    guard zip(removedRows, removedRows.dropFirst()).allSatisfy({ $0 < $1 }), removedRows.last ?? 0 < max(ids.count, 1),
      removedRows.isEmpty || graph != nil
    else { throw .failed("the removed rows are out of order or beyond the end") }
    self.dimension = dimension
    self.ids = ids
    self.components = components
    self.removedRows = removedRows
    self.graph = graph
    try checkRows()
    try graph?.check(rowCount: ids.count)
  }

  /// How many vectors there are.
  package var count: Int { ids.count - removedRows.count }

  /// Hands each vector that is not removed to `body`, by row.
  package func forEach(_ body: (Int64, ArraySlice<Float>) throws -> Void) rethrows {
    var removed = removedRows[...]
    for (row, id) in ids.enumerated() {
      if let next = removed.first, next == row {
        removed.removeFirst()
      } else {
        try body(id, components[(row * dimension)..<((row + 1) * dimension)])
      }
    }
  }

  private func checkRows() throws(VectorIndexError) {
    let start = (seen: Set<Int64>(minimumCapacity: ids.count), alien: Int64?.none, twice: Int64?.none)
    var state = start
    forEach { id, vector in
      if !state.seen.insert(id).inserted { state.twice = state.twice ?? id }
    }
    components.withUnsafeBufferPointer { all in
      for (row, id) in ids.enumerated() where state.alien == nil {
        let vector = UnsafeBufferPointer(rebasing: all[(row * dimension)..<((row + 1) * dimension)])
        if !UnitVector.hasLengthOne(vector) { state.alien = id }
      }
    }
    if let id = state.twice { throw .failed("the id \(id) stands twice") }
    if let id = state.alien { throw .failed("the length of vector \(id) is not 1: vectors must be normalised") }
  }
}
