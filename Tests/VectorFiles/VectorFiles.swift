import ArgumentParser
import Foundation
import VectorIndex
import VectorIndexNative

/// Writes files of vectors for other programs, and reads theirs.
@main
struct VectorFiles: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vector-files", abstract: "Exchange files of vectors with other programs.",
    subcommands: [Write.self, Search.self])

  /// Writes an index of `vectors.npy` as every kind of file, and searches it for `queries.npy`.
  struct Write: ParsableCommand {
    @Argument(help: "A folder with vectors.npy.") var folder: String

    func run() throws {
      let vectors = try NumPyArray(path: "\(folder)/vectors.npy")
      let exact = ExactIndex(dimension: vectors.columns)
      let graph = try HNSWIndex(dimension: vectors.columns)
      let flatLibrary = try FAISSIndex(dimension: vectors.columns)
      let graphLibrary = try FAISSIndex(dimension: vectors.columns, kind: .graph(HNSWParameters()))
      for row in 0..<vectors.rows {
        for index in [exact, graph, flatLibrary, graphLibrary] as [any VectorIndex] {
          try index.put(Self.id(ofRow: row), Array(vectors[row]))
        }
      }
      try write("flat", FAISSFile(exact.contents()))
      try write("flat-squared-distance", FAISSFile(metric: .squaredDistance, exact.contents()))
      try write("graph", FAISSFile(graph.contents()))
      try write("graph-squared-distance", FAISSFile(metric: .squaredDistance, graph.contents()))
      try write("library-flat", flatLibrary.file())
      try write("library-graph", graphLibrary.file())
      let copy = NumPyArray(columns: vectors.columns, values: vectors.values)
      try Data(copy?.bytes ?? []).write(to: URL(filePath: "\(folder)/copy.npy"))
    }

    private func write(_ name: String, _ file: FAISSFile) throws {
      try Data(file.bytes).write(to: URL(filePath: "\(folder)/\(name).faiss"))
    }

    /// Ids that are no row numbers.
    static func id(ofRow row: Int) -> Int64 { Int64(row) * 1_000_003 - 5_000_000_000 }
  }

  /// Searches an index file by every kind of index that can be made of it, and prints `kind query id similarity`.
  struct Search: ParsableCommand {
    @Argument(help: "A file of FAISS.") var file: String
    @Argument(help: "What to search for, as a file of NumPy.") var queries: String
    @Option(help: "How many to find.") var limit = 10

    func run() throws {
      let file = try FAISSFile(path: file)
      let queries = try NumPyArray(path: queries)
      let exact = ExactIndex(dimension: file.contents.dimension)
      try file.contents.forEach { id, vector in try exact.put(id, Array(vector)) }
      let wide = HNSWParameters(searchWidth: 400)
      let indexes: [(String, any VectorIndex)] = [
        ("exact", exact), ("hnsw", try HNSWIndex(file.contents, parameters: wide)),
        ("faiss", try FAISSIndex(file, searchWidth: 400)),
      ]
      for (kind, index) in indexes {
        for row in 0..<queries.rows {
          for match in try index.search(Array(queries[row]), limit: limit, where: nil) {
            print(kind, row, match.id, match.similarity)
          }
        }
      }
    }
  }
}
