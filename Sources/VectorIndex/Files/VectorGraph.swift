import Values

/// The links of an HNSW graph in FAISS's arrangement: of each row, from the lowest level up, room for the links of each
/// of its levels, twice as much on the lowest.
package struct VectorGraph: Hashable, Sendable {
  /// Links above the lowest level, 2 to 256.
  package let links: Int
  /// How many candidates the links were chosen from.
  package let buildWidth: Int
  /// On how many levels each row is, at least 1.
  package let levels: [Int32]
  /// Rows that links lead to; only -1 follows the last of a list.
  package let neighbours: [Int32]
  /// Where searches begin, and the number of its levels less 1; both -1 for an empty graph.
  package let entryRow: Int32
  package let topLevel: Int32

  package init(
    links: Int, buildWidth: Int, levels: [Int32], neighbours: [Int32], entryRow: Int32, topLevel: Int32
  ) {
    self.links = links
    self.buildWidth = buildWidth
    self.levels = levels
    self.neighbours = neighbours
    self.entryRow = entryRow
    self.topLevel = topLevel
  }

  /// How many links a row of `levels` levels has room for.
  package func room(forLevels levels: Int32) -> Int {
    links * (Int(levels) + 1)
  }

  /// Throws ``VectorIndexError/failed(_:)`` unless a search can follow every link: code without checks will.
  func check(rowCount: Int) throws(VectorIndexError) {
    guard (2...256).contains(links) else { throw .failed("a graph of \(links) links a row is not kept: 2 to 256 are") }
    guard levels.count == rowCount else { throw .failed("the graph has \(levels.count) rows of \(rowCount)") }
    // Levels are drawn at random: a graph of 2 billion rows with 2 links has some 31.
    guard levels.allSatisfy({ (1...64).contains($0) }) else { throw .failed("a row has an impossible level") }
    guard levels.reduce(0, { $0 + room(forLevels: $1) }) == neighbours.count else {
      throw .failed("the graph's links are too few or too many for its rows")
    }
    guard rowCount > 0 else {
      guard entryRow == -1, topLevel == -1 else { throw .failed("an empty graph has no entry") }
      return
    }
    guard (0..<Int32(rowCount)).contains(entryRow), topLevel == levels[Int(entryRow)] - 1, levels.max() == topLevel + 1
    else { throw .failed("the graph's entry is not on its highest level") }
    guard neighbours.withUnsafeBufferPointer({ areLinksInRange($0) }) else {
      throw .failed("the graph has a link that leads nowhere, or one behind the end of a list")
    }
  }

  private func areLinksInRange(_ neighbours: UnsafeBufferPointer<Int32>) -> Bool {
    var start = 0
    return levels.withUnsafeBufferPointer { levels in
      for row in levels.indices {
        for level in 0..<levels[row] {
          let room = level == 0 ? 2 * links : links
          var hasEnded = false
          for link in neighbours[start..<(start + room)] {
            if link == -1 {
              hasEnded = true
              continue
            }
            guard !hasEnded, levels.indices.contains(Int(link)), Int(link) != row, levels[Int(link)] > level else {
              return false
            }
          }
          start += room
        }
      }
      return true
    }
  }
}
