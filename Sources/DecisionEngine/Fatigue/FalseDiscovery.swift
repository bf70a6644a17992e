/// Separates findings from chance where many tests are made at once.
enum FalseDiscovery {
  /// Which of the tests found something, such that on average at most a share `rate` of the findings is due to chance.
  /// Tests that were not made are nil.
  ///
  /// The findings are the k smallest p-values, for the largest k for which the k-th is at most `k rate / n`. Where
  /// there is nothing to find in any test, the probability of any finding at all is at most `rate`.
  ///
  /// Source: Y. Benjamini, Y. Hochberg, "Controlling the False Discovery Rate", JRSS B 57 (1995).
  static func found(_ pValues: [Double?], rate: Double) -> [Bool] {
    let sorted = pValues.compactMap(\.self).sorted()
    let count = Double(sorted.count)
    let last = sorted.indices.last { sorted[$0] <= Double($0 + 1) * rate / count }
    guard let last else { return pValues.map { _ in false } }
    return pValues.map { $0.map { $0 <= sorted[last] } ?? false }
  }
}
