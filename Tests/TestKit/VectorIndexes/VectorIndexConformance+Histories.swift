import Synchronization
import Testing
import VectorIndex

extension VectorIndexConformance {
  static let filters: [VectorIndexConformanceCase] = [
    VectorIndexConformanceCase("a filter is given every id that it may let pass, and nothing else is found") {
      subject in
      let index = try subject.make(2)
      for id in 1...6 as ClosedRange<Int64> { try index.put(id, [1, 0]) }
      #expect(try index.search([1, 0], limit: 10) { $0.isMultiple(of: 2) }.map(\.id) == [2, 4, 6])
      #expect(try index.search([1, 0], limit: 2) { $0 > 3 }.map(\.id) == [4, 5])
      #expect(try index.search([1, 0], limit: 2) { _ in false } == [])
      #expect(try index.search([1, 0], limit: 2) { $0 == 6 }.map(\.id) == [6])
    },
    VectorIndexConformanceCase("a filter finds as many as exist, however few pass and however far they are") {
      subject in
      var samples = VectorSamples(dimension: 12, seed: 11)
      let index = try subject.make(12)
      var reference = ReferenceVectors()
      let near = VectorSamples.axis(0, of: 12)
      let far = near.map { -$0 }
      for id in 0..<1_000 as Range<Int64> {
        let vector = samples.next(near: id.isMultiple(of: 100) ? far : near, spread: 0.2)
        try index.put(id, vector)
        reference.put(id, vector)
      }
      let comparison = Comparison(index, reference)
      var tally = Tally()
      for share in [1, 2, 3, 7, 10, 30, 100, 400, 999] as [Int64] {
        for limit in [1, 10, 30] {
          tally.add(try comparison.search(near, limit: limit) { $0 % share == 0 })
        }
      }
      tally.add(try comparison.search(near, limit: 10) { $0.isMultiple(of: 100) })
      #expect(tally.recall >= subject.recall)
    },
  ]

  static let histories: [VectorIndexConformanceCase] = [
    VectorIndexConformanceCase("random histories leave what the reference holds") { subject in
      var tally = Tally()
      for seed in 1...4 as ClosedRange<UInt64> {
        try history(seed: seed, subject, &tally)
      }
      #expect(tally.recall >= subject.recall, "\(tally.recall)")
    },
    VectorIndexConformanceCase("an index whose every vector was replaced twice still finds them") { subject in
      var samples = VectorSamples(dimension: 8, seed: 77)
      let index = try subject.make(8)
      var reference = ReferenceVectors()
      for round in 0..<3 {
        for id in 0..<400 as Range<Int64> {
          if round == 1, id.isMultiple(of: 2) { index.remove(id) }
          let vector = samples.next()
          try index.put(id, vector)
          reference.put(id, vector)
        }
      }
      #expect(index.count == 400)
      var tally = Tally()
      for _ in 0..<40 { tally.add(try Comparison(index, reference).search(samples.next(), limit: 10)) }
      #expect(tally.recall >= subject.recall, "\(tally.recall)")
    },
  ]

  static let concurrency: [VectorIndexConformanceCase] = [
    VectorIndexConformanceCase(
      "searches see whole vectors while others are added, replaced and removed", searchAmongChanges)
  ]

  private static func searchAmongChanges(_ subject: VectorIndexSubject) throws {
    let index = try subject.make(8)
    var samples = VectorSamples(dimension: 8, seed: 5)
    var lasting: [Int64: [Float]] = [:]
    for id in 0..<200 as Range<Int64> {
      lasting[id] = samples.next()
      try index.put(id, lasting[id] ?? [])
    }
    let faults = Mutex<[String]>([])
    let known = lasting
    inParallel(4) { worker in
      do {
        if worker < 2 {
          try change(index, worker: worker)
        } else if let fault = try firstFault(of: index, worker: worker, known) {
          faults.withLock { $0.append(fault) }
        }
      } catch {
        faults.withLock { $0.append("\(error)") }
      }
    }
    #expect(faults.withLock { $0 } == [])
    #expect(try index.search(samples.next(), limit: 200) { $0 < 200 }.count == 200)
  }

  private static func change(_ index: any VectorIndex, worker: Int) throws {
    var samples = VectorSamples(dimension: 8, seed: UInt64(100 + worker))
    for step in 0..<400 {
      let id = Int64(1_000 * (worker + 1) + samples.random.int(in: 0...150))
      if step.isMultiple(of: 3) { index.remove(id) } else { try index.put(id, samples.next()) }
    }
  }

  private static func firstFault(
    of index: any VectorIndex, worker: Int, _ lasting: [Int64: [Float]]
  ) throws -> String? {
    var samples = VectorSamples(dimension: 8, seed: UInt64(100 + worker))
    let isLasting: @Sendable (Int64) -> Bool = { $0 < 200 }
    for step in 0..<400 {
      let query = samples.next()
      let isFiltered = step.isMultiple(of: 2)
      let found = try index.search(query, limit: 10, where: isFiltered ? isLasting : nil)
      if let fault = fault(in: found, query, lasting, isFiltered: isFiltered) {
        return "worker \(worker), step \(step): \(fault)"
      }
    }
    return nil
  }

  private static func fault(
    in found: [VectorMatch], _ query: [Float], _ lasting: [Int64: [Float]], isFiltered: Bool
  ) -> String? {
    if found.count != 10 { return "\(found.count) found" }
    if Set(found.map(\.id)).count != 10 { return "one is found twice" }
    if !zip(found, found.dropFirst()).allSatisfy({ TopMatches.isCloser($0, than: $1) }) { return "out of order" }
    for match in found {
      guard let vector = lasting[match.id] else {
        if isFiltered { return "\(match.id) does not pass" }
        continue
      }
      let similarity = zip(vector, query).reduce(0) { $0 + $1.0 * $1.1 }
      if abs(similarity - match.similarity) > 2 * rounding { return "\(match.id) has another similarity" }
    }
    return nil
  }

  private static func history(seed: UInt64, _ subject: VectorIndexSubject, _ tally: inout Tally) throws {
    var samples = VectorSamples(dimension: 10, seed: seed)
    let index = try subject.make(10)
    var reference = ReferenceVectors()
    for _ in 0..<700 {
      let id = Int64(samples.random.int(in: 0...350))
      switch samples.random.int(in: 0...9) {
      case 0, 1:
        index.remove(id)
        reference.remove(id)
      case 2:
        let share = Int64(samples.random.int(in: 1...60))
        let limit = samples.random.int(in: 0...40)
        let result = try Comparison(index, reference).search(samples.next(), limit: limit) { $0 % share == 0 }
        tally.add(result)
      case 3:
        tally.add(try Comparison(index, reference).search(samples.next(), limit: samples.random.int(in: 0...600)))
      default:
        let vector = samples.next()
        try index.put(id, vector)
        reference.put(id, vector)
      }
      #expect(index.count == reference.vectors.count, "seed \(seed)")
    }
  }
}

/// How much of what the reference found was found.
struct Tally {
  private var hits = 0
  private var total = 0

  mutating func add(_ result: (hits: Int, of: Int)) {
    hits += result.hits
    total += result.of
  }

  var recall: Double { total == 0 ? 1 : Double(hits) / Double(total) }
}
