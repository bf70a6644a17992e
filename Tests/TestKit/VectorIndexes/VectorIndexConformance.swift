import Testing
import VectorIndex

/// What every ``VectorIndex`` must do, as checks that know only the protocol.
///
///     @Test(arguments: VectorIndexConformance.cases)
///     func conforms(_ check: VectorIndexConformanceCase) throws {
///       try check.run(VectorIndexSubject { ExactIndex(dimension: $0) })
///     }
package enum VectorIndexConformance {
  package static let cases: [VectorIndexConformanceCase] = basics + filters + histories + concurrency

  /// How far the sums of different instructions may lie apart.
  static let rounding: Float = 1e-5

  private static let basics: [VectorIndexConformanceCase] = [
    VectorIndexConformanceCase("an empty index finds nothing") { subject in
      let index = try subject.make(4)
      #expect(index.count == 0 && index.dimension == 4)
      #expect(try index.search(VectorSamples.axis(0, of: 4), limit: 10, where: nil) == [])
      index.remove(1)
      #expect(index.count == 0)
    },
    VectorIndexConformanceCase("the closest come first, with their similarity") { subject in
      let index = try subject.make(2)
      for (id, vector) in [(1, [1, 0]), (2, [0.6, 0.8]), (3, [0, 1]), (4, [-1, 0])] as [(Int64, [Float])] {
        try index.put(id, vector)
      }
      let found = try index.search([1, 0], limit: 4, where: nil)
      #expect(found.map(\.id) == [1, 2, 3, 4])
      for (match, similarity) in zip(found, [1, 0.6, 0, -1] as [Float]) {
        #expect(abs(match.similarity - similarity) < rounding && (-1...1).contains(match.similarity))
      }
    },
    VectorIndexConformanceCase("those equally close come by id") { subject in
      let index = try subject.make(3)
      for id in [7, -2, 40, .min, 0, .max] as [Int64] { try index.put(id, [0, 1, 0]) }
      try index.put(5, [1, 0, 0])
      #expect(try index.search([0, 1, 0], limit: 6, where: nil).map(\.id) == [.min, -2, 0, 7, 40, .max])
      #expect(try index.search([0, 1, 0], limit: 2, where: nil).map(\.id) == [.min, -2])
    },
    VectorIndexConformanceCase("limits that are nothing, and beyond what there is") { subject in
      let index = try subject.make(2)
      for id in 1...3 as ClosedRange<Int64> { try index.put(id, [1, 0]) }
      for limit in [0, -1, .min] { #expect(try index.search([1, 0], limit: limit, where: nil) == []) }
      for limit in [3, 4, .max] { #expect(try index.search([1, 0], limit: limit, where: nil).map(\.id) == [1, 2, 3]) }
    },
    VectorIndexConformanceCase("a vector of the same id is replaced") { subject in
      let index = try subject.make(2)
      try index.put(1, [1, 0])
      try index.put(2, [0, 1])
      try index.put(1, [0, -1])
      #expect(index.count == 2)
      let found = try index.search([0, -1], limit: 5, where: nil)
      #expect(found.map(\.id) == [1, 2] && abs((found.first?.similarity ?? 0) - 1) < rounding)
    },
    VectorIndexConformanceCase("a removed vector is not found, and can come back") { subject in
      let index = try subject.make(2)
      for id in 1...4 as ClosedRange<Int64> { try index.put(id, [1, 0]) }
      for id in [2, 2, 9, 4] as [Int64] { index.remove(id) }
      #expect(index.count == 2)
      #expect(try index.search([1, 0], limit: 5, where: nil).map(\.id) == [1, 3])
      try index.put(2, [0, 1])
      #expect(try index.search([1, 0], limit: 5, where: nil).map(\.id) == [1, 3, 2])
      for id in 1...4 as ClosedRange<Int64> { index.remove(id) }
      #expect(try index.count == 0 && index.search([1, 0], limit: 5, where: nil) == [])
    },
    VectorIndexConformanceCase("vectors of another dimension or length are refused, and change nothing") { subject in
      let index = try subject.make(3)
      try index.put(1, [1, 0, 0])
      for vector in [[], [1], [1, 0], [1, 0, 0, 0]] as [[Float]] {
        let error = VectorIndexError.dimension(vector.count, expected: 3)
        #expect(throws: error) { try index.put(1, vector) }
        #expect(throws: error) { try index.search(vector, limit: 1, where: nil) }
      }
      let alien: [[Float]] = [
        [0, 0, 0], [.nan, 0, 1], [.infinity, 0, 0], [-.infinity, .infinity, 0], [2, 0, 0], [0.5, 0.5, 0.5],
        [.greatestFiniteMagnitude, 0, 0], [.leastNonzeroMagnitude, 0, 0],
      ]
      for vector in alien {
        #expect(throws: VectorIndexError.notNormalised) { try index.put(1, vector) }
        #expect(throws: VectorIndexError.notNormalised) { try index.search(vector, limit: 1, where: nil) }
      }
      #expect(try index.search([1, 0, 0], limit: 5, where: nil).map(\.id) == [1])
    },
    VectorIndexConformanceCase("every dimension, whatever the width of the instructions") { subject in
      for dimension in [1, 2, 7, 8, 15, 16, 17, 33, 384] {
        var samples = VectorSamples(dimension: dimension, seed: UInt64(dimension))
        let index = try subject.make(dimension)
        var reference = ReferenceVectors()
        for id in 0..<40 as Range<Int64> {
          let vector = samples.next()
          try index.put(id, vector)
          reference.put(id, vector)
        }
        try Comparison(index, reference).search(samples.next(), limit: 10)
      }
    },
  ]
}

/// An index to check.
package struct VectorIndexSubject: Sendable {
  /// Makes an empty index of a dimension.
  package let make: @Sendable (Int) throws -> any VectorIndex
  /// The share of the closest that it must find over many searches: 1 for an exact one.
  package let recall: Double

  package init(recall: Double = 1, make: @escaping @Sendable (Int) throws -> any VectorIndex) {
    self.recall = recall
    self.make = make
  }
}

/// One check of an index.
package struct VectorIndexConformanceCase: Sendable, CustomTestStringConvertible {
  /// What is checked, in words.
  package let name: String
  package let run: @Sendable (VectorIndexSubject) throws -> Void

  init(_ name: String, _ run: @escaping @Sendable (VectorIndexSubject) throws -> Void) {
    self.name = name
    self.run = run
  }

  package var testDescription: String { name }
}
