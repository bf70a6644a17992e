import TestKit
import Testing
import VectorIndex
import VectorIndexNative

@Suite("HNSW index")
struct HNSWIndexTests {
  @Test("conforms", arguments: VectorIndexConformance.cases)
  func conforms(_ check: VectorIndexConformanceCase) throws {
    try check.run(VectorIndexSubject { try HNSWIndex(dimension: $0) })
  }

  @Test("conforms where even few vectors are found by the graph", arguments: VectorIndexConformance.cases)
  func conformsByGraph(_ check: VectorIndexConformanceCase) throws {
    let narrow = HNSWParameters(links: 12, buildWidth: 100, searchWidth: 24)
    try check.run(VectorIndexSubject(recall: 0.8) { try HNSWIndex(dimension: $0, parameters: narrow) })
  }

  @Test("a wider search finds more")
  func width() throws {
    let index = try HNSWIndex(dimension: 16, parameters: HNSWParameters(links: 4, buildWidth: 30, searchWidth: 4))
    var samples = VectorSamples(dimension: 16, seed: 21)
    var reference = ReferenceVectors()
    for id in 0..<1_500 as Range<Int64> {
      let vector = samples.next()
      try index.put(id, vector)
      reference.put(id, vector)
    }
    var hits = [4: 0, 64: 0]
    for _ in 0..<40 {
      let query = samples.next()
      let expected = Set(reference.search(query, limit: 4).map(\.id))
      for width in hits.keys {
        hits[width, default: 0] += try index.search(query, limit: 4, width: width).count { expected.contains($0.id) }
      }
    }
    #expect(hits[4, default: 0] < hits[64, default: 0])
    #expect(hits[64, default: 0] >= 140)
  }

  @Test("parameters beyond their ranges become the nearest that are allowed")
  func parameters() throws {
    let least = HNSWParameters(links: .min, buildWidth: 0, searchWidth: -3)
    #expect(least == HNSWParameters(links: 2, buildWidth: 1, searchWidth: 1))
    let most = HNSWParameters(links: .max, buildWidth: .max, searchWidth: .max)
    #expect(most == HNSWParameters(links: 256, buildWidth: 10_000, searchWidth: 10_000))
    for parameters in [least, most] {
      let index = try HNSWIndex(dimension: 2, parameters: parameters)
      for id in 0..<50 as Range<Int64> { try index.put(id, [1, 0]) }
      #expect(try index.search([1, 0], limit: 50, where: nil).count == 50)
    }
  }
}
