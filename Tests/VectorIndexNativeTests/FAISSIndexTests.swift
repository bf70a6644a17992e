import TestKit
import Testing
import VectorIndex
import VectorIndexNative

@Suite("FAISS index")
struct FAISSIndexTests {
  @Test("conforms when flat", arguments: VectorIndexConformance.cases)
  func conforms(_ check: VectorIndexConformanceCase) throws {
    try check.run(VectorIndexSubject { try FAISSIndex(dimension: $0) })
    try check.run(VectorIndexSubject { try FAISSIndex(dimension: $0, metric: .squaredDistance) })
  }

  @Test("conforms when a graph", arguments: VectorIndexConformance.cases)
  func conformsByGraph(_ check: VectorIndexConformanceCase) throws {
    try check.run(VectorIndexSubject(recall: 0.9) { try FAISSIndex(dimension: $0, kind: .graph(HNSWParameters())) })
  }
}
