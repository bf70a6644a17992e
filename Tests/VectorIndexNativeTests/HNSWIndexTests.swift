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
    let narrow = HNSWParameters(links: 12, buildWidth: 100, searchWidth: 16)
    try check.run(VectorIndexSubject(recall: 0.85) { try HNSWIndex(dimension: $0, parameters: narrow) })
  }
}
