import Synchronization
import TestKit
import Testing
import VectorIndex
import VectorIndexNative

@Suite("Adaptive index")
struct AdaptiveIndexTests {
  @Test("conforms while it stays exact", arguments: VectorIndexConformance.cases)
  func conformsExact(_ check: VectorIndexConformanceCase) throws {
    try check.run(VectorIndexSubject { AdaptiveIndex(dimension: $0) })
  }

  @Test("conforms when a graph takes over at once", arguments: VectorIndexConformance.cases)
  func conformsAtOnce(_ check: VectorIndexConformanceCase) throws {
    try check.run(VectorIndexSubject { AdaptiveIndex(dimension: $0, crossover: 5) { $0() } })
  }

  @Test("conforms when a graph takes over at some time", arguments: VectorIndexConformance.cases)
  func conformsInBackground(_ check: VectorIndexConformanceCase) throws {
    try check.run(VectorIndexSubject { AdaptiveIndex(dimension: $0, crossover: 100) })
  }

  @Test("changes while the graph is made are in it")
  func changesMeanwhile() throws {
    let held = Mutex<[@Sendable () -> Void]>([])
    let index = AdaptiveIndex(dimension: 4, crossover: 50) { work in held.withLock { $0.append(work) } }
    var samples = VectorSamples(dimension: 4, seed: 3)
    var reference = ReferenceVectors()
    for id in 0..<50 as Range<Int64> {
      let vector = samples.next()
      try index.put(id, vector)
      reference.put(id, vector)
    }
    for id in 20..<90 as Range<Int64> {
      let vector = samples.next()
      try index.put(id, vector)
      reference.put(id, vector)
    }
    for id in stride(from: 0, to: 90, by: 4) {
      index.remove(Int64(id))
      reference.remove(Int64(id))
    }
    let work = held.withLock { $0 }
    #expect(work.count == 1 && !index.hasGraph)
    work[0]()
    #expect(index.hasGraph && index.count == reference.vectors.count)
    for _ in 0..<20 {
      let result = try Comparison(index, reference).search(samples.next(), limit: 30)
      #expect(result.hits == result.of)
    }
  }
}
