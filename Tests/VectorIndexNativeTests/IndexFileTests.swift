import Synchronization
import TestKit
import Testing
import VectorIndex
import VectorIndexNative

@Suite("Files of native indexes")
struct NativeIndexFileTests {
  private static let narrow = HNSWParameters(links: 6, buildWidth: 50, searchWidth: 20)

  private func filled(_ index: any VectorIndex, _ reference: inout ReferenceVectors, seed: UInt64) throws {
    var samples = VectorSamples(dimension: index.dimension, seed: seed)
    for id in 0..<700 as Range<Int64> {
      let vector = samples.next()
      try index.put(id * 3, vector)
      reference.put(id * 3, vector)
    }
  }

  /// Both find the same, to the last bit.
  private func expectSame(_ index: any VectorIndex, _ other: any VectorIndex) throws {
    var samples = VectorSamples(dimension: index.dimension, seed: 99)
    #expect(index.count == other.count)
    for _ in 0..<20 {
      let query = samples.next()
      #expect(try index.search(query, limit: 10, where: nil) == other.search(query, limit: 10, where: nil))
    }
  }

  @Test("an index made of another's snapshot finds the same, and goes on")
  func snapshots() throws {
    let index = try HNSWIndex(dimension: 10, parameters: Self.narrow)
    var reference = ReferenceVectors()
    try filled(index, &reference, seed: 1)
    for id in stride(from: 0, to: 300, by: 2) {
      index.remove(Int64(id))
      reference.remove(Int64(id))
    }
    let snapshot = try IndexSnapshot(IndexSnapshot(model: "m", index.contents()).bytes)
    #expect(snapshot.contents.count == index.count && !snapshot.contents.removedRows.isEmpty)
    let copy = try HNSWIndex(snapshot.contents, parameters: Self.narrow)
    try expectSame(index, copy)
    var samples = VectorSamples(dimension: 10, seed: 2)
    for id in 5_000..<5_200 as Range<Int64> {
      let vector = samples.next()
      try copy.put(id, vector)
      reference.put(id, vector)
    }
    var tally = (hits: 0, of: 0)
    for _ in 0..<30 {
      let result = try Comparison(copy, reference).search(samples.next(), limit: 10)
      tally = (tally.hits + result.hits, tally.of + result.of)
    }
    #expect(Double(tally.hits) >= 0.85 * Double(tally.of))
  }

  @Test("what is copied while vectors change is consistent, and holds those that do not change")
  func copiesAmongChanges() throws {
    let index = try HNSWIndex(dimension: 4, parameters: Self.narrow)
    var samples = VectorSamples(dimension: 4, seed: 8)
    for id in 0..<6_000 as Range<Int64> { try index.put(id, samples.next()) }
    let faults = Mutex<[String]>([])
    inParallel(2) { worker in
      do {
        if worker == 0 {
          var samples = VectorSamples(dimension: 4, seed: 9)
          for step in 0..<1_500 {
            let id = Int64(5_000 + samples.random.int(in: 0...1_500))
            if step.isMultiple(of: 2) { index.remove(id) } else { try index.put(id, samples.next()) }
          }
        } else {
          for _ in 0..<4 {
            let copy = try HNSWIndex(index.contents(), parameters: Self.narrow)
            let found = try copy.search(VectorSamples.axis(0, of: 4), limit: 5_000) { $0 < 5_000 }
            if found.count != 5_000 { faults.withLock { $0.append("\(found.count) are left") } }
          }
        }
      } catch {
        faults.withLock { $0.append("\(error)") }
      }
    }
    #expect(faults.withLock { $0 } == [])
  }

  @Test("a graph goes over FAISS's library and back without a change")
  func throughFAISS() throws {
    let index = try HNSWIndex(dimension: 10, parameters: Self.narrow)
    var reference = ReferenceVectors()
    try filled(index, &reference, seed: 3)
    for metric in [FAISSFile.Metric.innerProduct, .squaredDistance] {
      let file = try FAISSFile(metric: metric, index.contents())
      let library = try FAISSIndex(file)
      let written = try library.file()
      #expect(written.contents.ids == file.contents.ids && written.contents.components == file.contents.components)
      #expect(written.contents.graph?.neighbours == file.contents.graph?.neighbours && written.metric == metric)
      try expectSame(index, HNSWIndex(written.contents, parameters: Self.narrow))
    }
  }

  @Test("what FAISS's library builds and writes is read", arguments: [true, false])
  func fromFAISS(isGraph: Bool) throws {
    let library = try FAISSIndex(dimension: 10, kind: isGraph ? .graph(Self.narrow) : .flat)
    var reference = ReferenceVectors()
    try filled(library, &reference, seed: 4)
    for id in stride(from: 0, to: 900, by: 9) {
      library.remove(Int64(id))
      reference.remove(Int64(id))
    }
    let file = try library.file()
    #expect(file.contents.count == reference.vectors.count && (file.contents.graph != nil) == isGraph)
    let index = try HNSWIndex(file.contents, parameters: Self.narrow)
    try Comparison(index, reference).search(VectorSamples.axis(0, of: 10), limit: 40) { $0.isMultiple(of: 2) }
    #expect(index.count == library.count)
  }

  @Test("an exact index's contents become an adaptive index, with a graph once there are enough")
  func adaptive() throws {
    let exact = ExactIndex(dimension: 4)
    var reference = ReferenceVectors()
    try filled(exact, &reference, seed: 5)
    let small = try AdaptiveIndex(exact.contents(), crossover: 1_000)
    let large = try AdaptiveIndex(exact.contents(), crossover: 500) { $0() }
    #expect(!small.hasGraph && large.hasGraph && small.count == 700 && large.count == 700)
    let again = try AdaptiveIndex(large.contents())
    #expect(again.hasGraph)
    try expectSame(large, again)
    #expect(try small.contents().graph == nil)
  }

  @Test("contents without their graph leave removed vectors out")
  func withoutGraph() throws {
    let index = try HNSWIndex(dimension: 2)
    for id in 0..<10 as Range<Int64> { try index.put(id, [1, 0]) }
    for id in 0..<5 as Range<Int64> { index.remove(id) }
    let contents = try index.contentsWithoutGraph()
    #expect(contents.ids.sorted() == [5, 6, 7, 8, 9] && contents.removedRows.isEmpty)
    #expect(throws: Never.self) { try FAISSFile(contents) }
    #expect(throws: VectorIndexError.self) { try FAISSFile(index.contents()) }
  }

  @Test("an empty index of each kind becomes a file, and comes back")
  func empty() throws {
    let empty = try HNSWIndex(dimension: 3)
    let copy = try HNSWIndex(IndexSnapshot(IndexSnapshot(model: "", empty.contents()).bytes).contents)
    try copy.put(1, [1, 0, 0])
    #expect(copy.count == 1)
    for kind in [FAISSIndex.Kind.flat, .graph(Self.narrow)] {
      let index = try FAISSIndex(FAISSIndex(dimension: 3, kind: kind).file())
      try index.put(1, [1, 0, 0])
      #expect(try index.search([1, 0, 0], limit: 1, where: nil).map(\.id) == [1])
    }
  }
}
