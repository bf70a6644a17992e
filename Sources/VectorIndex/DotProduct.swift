/// The arithmetic of exact search. Rows are padded with zeros to whole lanes, which leaves every sum as it is.
enum DotProduct {
  /// How many components are taken at once.
  static let lanes = 16

  /// The least multiple of ``lanes`` that holds `dimension` components.
  static func paddedLength(of dimension: Int) -> Int {
    (dimension + lanes - 1) / lanes * lanes
  }

  /// Writes the products of `query` with each of the rows in `rows` to `products`.
  ///
  /// All three hold whole rows of `length` components, and `length` is a multiple of ``lanes``. One row follows the
  /// other: memory is read as one stream, which the processor fetches ahead. Several rows side by side need fewer
  /// loads of the query, and took four times as long once the rows no longer fitted the second cache.
  static func ofRows(
    _ rows: UnsafeBufferPointer<Float>, with query: UnsafeBufferPointer<Float>, length: Int,
    into products: UnsafeMutableBufferPointer<Float>
  ) {
    guard let rowStart = rows.baseAddress.map(UnsafeRawPointer.init), length > 0,
      let query = query.baseAddress.map(UnsafeRawPointer.init)
    else { return }
    let rowBytes = length * MemoryLayout<Float>.stride
    for row in 0..<min(rows.count / length, products.count) {
      products[row] = ofOne(rowStart + row &* rowBytes, with: query, bytes: rowBytes)
    }
  }

  private static func ofOne(_ row: UnsafeRawPointer, with query: UnsafeRawPointer, bytes: Int) -> Float {
    var sums = SIMD16<Float>.zero
    var offset = 0
    while offset < bytes {
      sums +=
        query.loadUnaligned(fromByteOffset: offset, as: SIMD16<Float>.self)
        * row.loadUnaligned(fromByteOffset: offset, as: SIMD16<Float>.self)
      offset &+= MemoryLayout<SIMD16<Float>>.stride
    }
    let eight = sums.lowHalf + sums.highHalf
    let four = eight.lowHalf + eight.highHalf
    return four.sum()
  }
}
