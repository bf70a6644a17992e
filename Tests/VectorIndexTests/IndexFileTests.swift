import Foundation
import TestKit
import Testing
import VectorIndex

@Suite("Index files")
struct IndexFileTests {
  /// Four rows on one, one, two and one levels, with 2 links a row.
  private func graph(
    levels: [Int32] = [1, 1, 2, 1],
    neighbours: [Int32] = [1, 2, -1, -1, 0, 2, -1, -1, 0, 1, 3, -1, -1, -1, 2, -1, -1, -1], entryRow: Int32 = 2,
    topLevel: Int32 = 1, links: Int = 2
  ) -> VectorGraph {
    VectorGraph(
      links: links, buildWidth: 40, levels: levels, neighbours: neighbours, entryRow: entryRow, topLevel: topLevel)
  }

  private func contents(
    _ graph: VectorGraph?, removed: [UInt32] = [], ids: [Int64] = [5, -6, .max, 0],
    components: [Float] = [1, 0, 0, 1, -1, 0, 0.6, 0.8]
  ) throws -> IndexContents {
    try IndexContents(dimension: 2, ids: ids, components: components, removedRows: removed, graph: graph)
  }

  @Test("FAISS files and snapshots read what they write, from memory and from a file")
  func roundTrips() async throws {
    let all = try [contents(nil), contents(graph()), IndexContents(dimension: 3, ids: [], components: [])]
    try await TemporaryFolder.with { folder in
      for contents in all {
        for metric in [FAISSFile.Metric.innerProduct, .squaredDistance] {
          let file = try FAISSFile(metric: metric, contents)
          #expect(try FAISSFile(file.bytes) == file)
          try file.bytes.write(to: folder.path("faiss"))
          #expect(try FAISSFile(path: folder.path("faiss")) == file)
        }
        let snapshot = IndexSnapshot(model: "all-MiniLM-L6-v2, ü", contents)
        #expect(try IndexSnapshot(snapshot.bytes) == snapshot)
        try snapshot.bytes.write(to: folder.path("snapshot"))
        #expect(try IndexSnapshot(path: folder.path("snapshot")) == snapshot)
      }
    }
  }

  @Test("a file without ids has those of its rows")
  func rowNumbers() throws {
    let file = try FAISSFile(contents(graph()))
    #expect(try FAISSFile(file.bytesWithoutIDs).contents.ids == [0, 1, 2, 3])
  }

  @Test("snapshots keep removed rows, FAISS files do not")
  func removedRows() throws {
    let holed = try contents(graph(), removed: [0, 3])
    #expect(holed.count == 2)
    var seen: [Int64] = []
    holed.forEach { id, _ in seen.append(id) }
    #expect(seen == [-6, .max])
    #expect(try IndexSnapshot(IndexSnapshot(model: "m", holed).bytes).contents == holed)
    #expect(throws: VectorIndexError.self) { try FAISSFile(holed) }
  }

  @Test("contents that contradict themselves are refused")
  func contradictions() {
    #expect(throws: VectorIndexError.self) { try contents(nil, ids: [1, 2, 3]) }
    #expect(throws: VectorIndexError.self) { try contents(nil, ids: [1, 2, 3, 1]) }
    #expect(throws: VectorIndexError.self) { try contents(nil, removed: [1]) }
    for removed in [[4], [1, 1], [2, 1]] as [[UInt32]] {
      #expect(throws: VectorIndexError.self) { try contents(graph(), removed: removed) }
    }
    for vector in [[0, 0], [1, 1], [.nan, 0], [.infinity, 0]] as [[Float]] {
      #expect(throws: VectorIndexError.self) { try contents(nil, components: [1, 0, 0, 1, -1, 0] + vector) }
    }
    for dimension in [0, -1, 65_537, .max, .min] {
      #expect(throws: VectorIndexError.self) { try IndexContents(dimension: dimension, ids: [], components: []) }
    }
  }

  @Test("graphs whose links lead nowhere are refused")
  func links() throws {
    let good = graph()
    #expect(throws: Never.self) { try contents(good) }
    let alienLinks: [(Int, Int32)] = [
      (0, 4), (0, 0), (1, .max), (12, 1), (12, 2), (14, 3), (5, 4), (3, 1), (2, -2), (0, -1), (1, .min),
    ]
    for (place, link) in alienLinks {
      var neighbours = good.neighbours
      neighbours[place] = link
      #expect(throws: VectorIndexError.self, "\(place) \(link)") { try contents(graph(neighbours: neighbours)) }
    }
    let alien = [
      graph(levels: [1, 1, 1, 1]), graph(levels: [1, 1, 2]), graph(levels: [1, 1, 2, 0]), graph(levels: [2, 1, 1, 1]),
      graph(levels: [1, 1, 2, 65]), graph(levels: [1, 1, 2, .max]), graph(entryRow: 0), graph(entryRow: 4),
      graph(entryRow: -1), graph(topLevel: 0), graph(topLevel: 2), graph(links: 1), graph(links: 3), graph(links: .max),
    ]
    for graph in alien { #expect(throws: VectorIndexError.self) { try contents(graph) } }
  }

  @Test("a changed byte of a snapshot is noticed, and so is a missing one")
  func damage() throws {
    let bytes = try IndexSnapshot(model: "m", contents(graph())).bytes
    for place in bytes.indices {
      var damaged = bytes
      damaged[place] ^= 0x10
      #expect(throws: VectorIndexError.self) { try IndexSnapshot(damaged) }
      #expect(throws: VectorIndexError.self) { try IndexSnapshot(Array(bytes.prefix(place))) }
    }
    #expect(throws: VectorIndexError.self) { try IndexSnapshot(bytes + [0]) }
  }

  @Test("kinds of FAISS indexes that are not read are named")
  func alienKinds() throws {
    var bytes = try FAISSFile(contents(nil)).bytesWithoutIDs
    bytes.replaceSubrange(0..<4, with: Array("IwPQ".utf8))
    let error = #expect(throws: VectorIndexError.self) { try FAISSFile(bytes) }
    #expect(error?.description.contains("\"IwPQ\"") == true)
    let mapped = try FAISSFile(contents(nil)).bytes
    let twice = Array(mapped.prefix(33)) + mapped
    #expect(throws: VectorIndexError.self) { try FAISSFile(twice) }
  }

  @Test("a file that is not there")
  func missing() {
    #expect(throws: VectorIndexError.self) { try FAISSFile(path: "/nonexistent/index") }
    #expect(throws: VectorIndexError.self) { try IndexSnapshot(path: "/") }
    #expect(throws: VectorIndexError.self) { try NumPyArray(path: "/dev/null") }
  }
}

extension [UInt8] {
  fileprivate func write(to path: String) throws {
    try Data(self).write(to: URL(filePath: path))
  }
}
