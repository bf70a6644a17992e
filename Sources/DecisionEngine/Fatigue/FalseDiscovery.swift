/// Tells findings from chance where many tests are made at once.
enum FalseDiscovery {
  /// Which of the tests found something, where at most `rate` of the findings may be there by chance, on average. Tests
  /// that were not made are nil.
  ///
  /// The largest k for which the k-th smallest p-value is at most `k rate / n`, and all up to it, are findings. Where no
  /// test has anything to find, the chance of any finding at all is at most `rate`.
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
