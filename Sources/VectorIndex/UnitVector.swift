/// What every index asks of a vector.
package enum UnitVector {
  /// How far the square of a vector's length may be from 1: room for components that were rounded to 16 bits.
  package static let tolerance: Float = 0.002

  /// Throws a ``VectorIndexError`` unless `vector` has `dimension` finite components and length 1.
  package static func check(_ vector: [Float], dimension: Int) throws(VectorIndexError) {
    guard vector.count == dimension else { throw .dimension(vector.count, expected: dimension) }
    guard vector.withUnsafeBufferPointer(hasLengthOne) else { throw .notNormalised }
  }

  /// Whether the components are finite and their length is 1.
  package static func hasLengthOne(_ components: UnsafeBufferPointer<Float>) -> Bool {
    var square: Float = 0
    for component in components { square += component * component }
    // The comparison is false for a square that is no number or infinite.
    return abs(square - 1) <= tolerance
  }
}
