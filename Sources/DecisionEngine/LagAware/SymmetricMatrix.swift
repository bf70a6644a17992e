/// A small symmetric matrix with the few operations that beliefs need.
struct SymmetricMatrix: Sendable {
  let size: Int
  private var cells: [Double]

  init(diagonal: [Double]) {
    size = diagonal.count
    cells = Array(repeating: 0, count: size * size)
    for index in 0..<size { cells[index * size + index] = diagonal[index] }
  }

  subscript(row: Int, column: Int) -> Double {
    get { cells[row * size + column] }
    set {
      cells[row * size + column] = newValue
      cells[column * size + row] = newValue
    }
  }

  var diagonal: [Double] { (0..<size).map { cells[$0 * size + $0] } }

  /// The inverse of a positive definite matrix, by Cholesky decomposition.
  ///
  /// A pivot that rounding has made too small is replaced by a trillionth of the largest one.
  var inverse: SymmetricMatrix { inverted.inverse }

  /// The inverse and ln of the determinant.
  var inverted: (inverse: SymmetricMatrix, logDeterminant: Double) {
    var lower = cells
    var logDeterminant = 0.0
    let least = 1e-12 * max(diagonal.max() ?? 1, 1e-300)
    for column in 0..<size {
      for row in column..<size {
        var sum = lower[row * size + column]
        for inner in 0..<column { sum -= lower[row * size + inner] * lower[column * size + inner] }
        lower[row * size + column] =
          row == column ? max(sum, least).squareRoot() : sum / lower[column * size + column]
      }
    }
    for index in 0..<size { logDeterminant += 2 * PortableMath.log(lower[index * size + index]) }
    // The inverse of the factor, in place, then its square.
    for column in 0..<size {
      lower[column * size + column] = 1 / lower[column * size + column]
      for row in (column + 1)..<max(size, column + 1) {
        var sum = 0.0
        for inner in column..<row { sum -= lower[row * size + inner] * lower[inner * size + column] }
        lower[row * size + column] = sum / lower[row * size + row]
      }
    }
    var result = self
    for row in 0..<size {
      for column in 0...row {
        var sum = 0.0
        for inner in row..<size { sum += lower[inner * size + row] * lower[inner * size + column] }
        result[row, column] = sum
      }
    }
    return (result, logDeterminant)
  }

  static func * (matrix: SymmetricMatrix, vector: [Double]) -> [Double] {
    (0..<matrix.size).map { row in
      var sum = 0.0
      for column in 0..<matrix.size { sum += matrix.cells[row * matrix.size + column] * vector[column] }
      return sum
    }
  }
}
