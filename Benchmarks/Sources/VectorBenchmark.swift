import ArgumentParser
import Foundation
import VectorIndex
import VectorIndexNative

/// `benchmarks vectors`: how fast vectors are found, and how many of the closest.
struct VectorBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vectors", abstract: "Search vectors exactly and by a graph, and print lines of JSON.",
    discussion: """
      Times are those of one thread's processor, so that other programs do not count. With --ask, a line of JSON follows \
      for each line of input, which is the width of a search: Benchmarks/vectors.py has its peer search in between.
      """)

  @Argument(help: "A .npy file of vectors to find.") var vectors: String
  @Argument(help: "A .npy file of vectors to search for.") var queries: String
  @Option(help: "How many to find.") var limit = 10
  @Option(help: "Links of the graph.") var links = 16
  @Option(help: "Width of the graph's building.") var buildWidth = 200
  @Flag(help: "Search with the widths that lines of input name.") var ask = false
  @Flag(help: "Compare exact search and the graph by the number of vectors.") var crossover = false
  @Flag(help: "Compare both by the share of vectors that pass a filter.") var filters = false

  func run() throws {
    let base = try NumPyArray(path: vectors)
    let sought = try NumPyArray(path: queries)
    let search = VectorSearching(
      base: base, queries: (0..<sought.rows).map { Array(sought[$0]) }, limit: limit,
      parameters: HNSWParameters(links: links, buildWidth: buildWidth))
    if crossover { return try search.compareSizes() }
    let (exact, graph) = try search.makeIndexes()
    let truth = try search.exact(exact, rows: base.rows)
    if filters { return try search.compareFilters(exact, graph) }
    if ask {
      while let line = readLine(), let width = Int(line) { try search.graph(graph, width: width, truth) }
    } else {
      for width in [32, 48, 64, 96, 128, 192, 256, 384] { try search.graph(graph, width: width, truth) }
    }
  }
}

/// Vectors, and what is searched for.
private struct VectorSearching {
  let base: NumPyArray
  let queries: [[Float]]
  let limit: Int
  let parameters: HNSWParameters

  func makeIndexes() throws -> (ExactIndex, HNSWIndex) {
    let exact = ExactIndex(dimension: base.columns)
    let graph = try HNSWIndex(dimension: base.columns, parameters: parameters)
    try graph.reserve(base.rows)
    for row in 0..<base.rows { try exact.put(Int64(row), Array(base[row])) }
    let seconds = try processorTime { for row in 0..<base.rows { try graph.put(Int64(row), Array(base[row])) } }
    report(#"{"measured":"build","vectors":\#(base.rows),"seconds":\#(rounded(seconds, 1))}"#)
    return (exact, graph)
  }

  /// What an exact search finds, and in what time.
  func exact(_ index: ExactIndex, rows: Int) throws -> [Set<Int64>] {
    var found: [Set<Int64>] = []
    let seconds = try processorTime {
      found = try queries.map { Set(try index.search($0, limit: limit, where: nil).map(\.id)) }
    }
    report(#"{"measured":"exact","vectors":\#(rows),"milliseconds":\#(rounded(perQuery(seconds) * 1_000, 3))}"#)
    return found
  }

  func graph(_ index: HNSWIndex, width: Int, _ truth: [Set<Int64>]) throws {
    var found = 0
    let seconds = try processorTime {
      for (query, expected) in zip(queries, truth) {
        found += try index.search(query, limit: limit, width: width).count { expected.contains($0.id) }
      }
    }
    let recall = Double(found) / Double(truth.reduce(0) { $0 + $1.count })
    report(
      #"{"measured":"graph","width":\#(width),"recall":\#(rounded(recall, 4)),"#
        + #""queries_per_second":\#(rounded(1 / perQuery(seconds), 0))}"#)
  }

  func compareSizes() throws {
    let exact = ExactIndex(dimension: base.columns)
    let graph = try HNSWIndex(dimension: base.columns, parameters: parameters)
    for row in 0..<base.rows {
      try exact.put(Int64(row), Array(base[row]))
      try graph.put(Int64(row), Array(base[row]))
      guard [1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000].contains(row + 1) else { continue }
      let byScan = try processorTime { for query in queries { _ = try exact.search(query, limit: limit, where: nil) } }
      let byGraph = try processorTime { for query in queries { _ = try graph.search(query, limit: limit, where: nil) } }
      report(
        #"{"measured":"size","vectors":\#(row + 1),"exact_ms":\#(rounded(perQuery(byScan) * 1_000, 3)),"#
          + #""graph_ms":\#(rounded(perQuery(byGraph) * 1_000, 3))}"#)
    }
  }

  func compareFilters(_ exact: ExactIndex, _ graph: HNSWIndex) throws {
    // A look into a table is what filters mostly do.
    let places = Dictionary(uniqueKeysWithValues: (0..<base.rows).map { (Int64($0), ($0 &* 2_654_435_761) % 1_000) })
    for share in [1, 5, 10, 20, 50, 100, 200, 500, 1_000] {
      let passes: @Sendable (Int64) -> Bool = { places[$0, default: 1_000] < share }
      let byScan = try processorTime {
        for query in queries { _ = try exact.search(query, limit: limit, where: passes) }
      }
      var found = 0
      let byGraph = try processorTime {
        for query in queries { found += try graph.search(query, limit: limit, where: passes).count }
      }
      report(
        #"{"measured":"filter","passing_percent":\#(Double(share) / 10),"exact_ms":"#
          + #"\#(rounded(perQuery(byScan) * 1_000, 3)),"graph_ms":\#(rounded(perQuery(byGraph) * 1_000, 3)),"#
          + #""found":\#(rounded(perQuery(Double(found)), 2))}"#)
    }
  }

  private func report(_ line: String) {
    print(line)
    // Whoever asks waits for the line.
    fflush(nil)
  }

  private func perQuery(_ total: Double) -> Double { total / Double(max(queries.count, 1)) }

  private func rounded(_ number: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", number) }

  /// Seconds for which this thread has a processor while `body` runs.
  private func processorTime(_ body: () throws -> Void) rethrows -> Double {
    func now() -> Double {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    let start = now()
    try body()
    return now() - start
  }
}
