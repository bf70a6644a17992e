import TestKit
import Testing
import VectorIndex

@Suite("Exact index")
struct ExactIndexTests {
  @Test("conforms", arguments: VectorIndexConformance.cases)
  func conforms(_ check: VectorIndexConformanceCase) throws {
    try check.run(VectorIndexSubject { ExactIndex(dimension: $0) })
  }

  @Test("what it holds is handed over whole, without padding, and a change in between is not seen")
  func forEach() throws {
    let index = ExactIndex(dimension: 3)
    for id in 0..<600 as Range<Int64> { try index.put(id, VectorSamples.axis(Int(id % 3), of: 3)) }
    for id in 0..<600 as Range<Int64> where id.isMultiple(of: 7) { index.remove(id) }
    var seen: Set<Int64> = []
    index.forEach { id, vector in
      #expect(Array(vector) == VectorSamples.axis(Int(id % 3), of: 3))
      index.remove(id)
      seen.insert(id)
    }
    #expect(seen == Set((0..<600).filter { !$0.isMultiple(of: 7) }))
    #expect(index.count == 0)
  }

  @Test("a filter may call the index that asks it")
  func reentrance() throws {
    let index = ExactIndex(dimension: 2)
    for id in 0..<10 as Range<Int64> { try index.put(id, [1, 0]) }
    let found = try index.search([1, 0], limit: 3) { id in
      index.remove(id)
      return id > 2
    }
    #expect(found.map(\.id) == [3, 4, 5])
  }
}

@Suite("Top matches")
struct TopMatchesTests {
  @Test("keeps the closest of many, as sorting does", arguments: [0, 1, 2, 7, 100] as [Int])
  func closest(limit: Int) {
    var random = SeededRandom(seed: UInt64(limit))
    for count in [0, 1, 5, 300] {
      let all = (0..<count).map { VectorMatch(id: Int64($0), similarity: Float(random.int(in: 0...20))) }
      var top = TopMatches(limit: limit)
      for match in all.shuffled(using: &random) {
        if match.similarity < top.threshold { continue }
        let takes = top.takes(match)
        let before = top.count
        top.offer(match)
        #expect(takes || top.count == before)
      }
      #expect(top.sorted() == Array(all.sorted { TopMatches.isCloser($0, than: $1) }.prefix(limit)))
    }
  }
}
