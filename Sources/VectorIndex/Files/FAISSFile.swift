/// A file of FAISS: a flat index (`IndexFlat`) or a graph over one (`IndexHNSWFlat`), with ids (`IndexIDMap`,
/// `IndexIDMap2`) or without, whose ids are the numbers of the rows then. Its vectors have length 1.
///
/// The layout is that of FAISS's `write_index`, `impl/index_write.cpp`, which has been the same since 1.5.
package struct FAISSFile: Hashable, Sendable {
  /// How vectors are compared. For vectors of length 1 both give the same order.
  package enum Metric: Int32, Hashable, Sendable {
    case innerProduct = 0
    /// The square of the distance.
    case squaredDistance = 1
  }

  package let metric: Metric
  package let contents: IndexContents

  /// A file of what an index holds. Throws ``VectorIndexError/failed(_:)`` for a graph with removed rows, which FAISS
  /// does not know.
  package init(metric: Metric = .innerProduct, _ contents: IndexContents) throws(VectorIndexError) {
    guard contents.removedRows.isEmpty else {
      throw .failed("a FAISS file cannot hold removed rows: write the vectors without their graph")
    }
    self.metric = metric
    self.contents = contents
  }

  /// The kind of an index, as its first four bytes say.
  enum Kind: String {
    case flatInnerProduct = "IxFI"
    case flatSquaredDistance = "IxF2"
    case mapped = "IxMp"
    case mappedBothWays = "IxM2"
    case graph = "IHNf"
  }

  /// A number that FAISS writes where older versions had something.
  static let placeholder: Int64 = 1 << 20
}
