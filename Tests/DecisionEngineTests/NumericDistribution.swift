import Foundation

/// The distance of draws from a distribution, `D sqrt(n)`: above 1.95 in one of a thousand honest samples.
func kolmogorovSmirnov(_ draws: [Double], _ cumulative: (Double) -> Double) -> Double {
  let count = Double(draws.count)
  var distance = 0.0
  for (index, draw) in draws.sorted().enumerated() {
    let expected = cumulative(draw)
    distance = max(distance, expected - Double(index) / count, Double(index + 1) / count - expected)
  }
  return distance * count.squareRoot()
}

/// A distribution known by the logarithm of its density, up to a constant, and integrated by Simpson's rule.
struct NumericDistribution {
  private let low: Double
  private let step: Double
  /// The probability below each point of the grid.
  private let cumulative: [Double]
  private let density: [Double]

  init(from low: Double, to high: Double, logDensity: (Double) -> Double) {
    let cells = 8_000
    let step = (high - low) / Double(cells)
    let half = (0...2 * cells).map { logDensity(low + Double($0) * step / 2) }
    let top = half.max() ?? 0
    let heights = half.map { exp($0 - top) }
    var sum = 0.0
    var sums = [0.0]
    for cell in 0..<cells {
      sum += (heights[2 * cell] + 4 * heights[2 * cell + 1] + heights[2 * cell + 2]) * step / 6
      sums.append(sum)
    }
    self.low = low
    self.step = step
    cumulative = sums.map { $0 / sum }
    density = stride(from: 0, through: 2 * cells, by: 2).map { heights[$0] / sum }
  }

  /// Gamma of scale 1.
  static func gamma(shape: Double) -> NumericDistribution {
    let spread = shape.squareRoot()
    return NumericDistribution(from: max(0, shape - 12 * spread), to: shape + 12 * spread + 30) {
      term(shape - 1, log($0)) - $0
    }
  }

  static func beta(_ alpha: Double, _ beta: Double) -> NumericDistribution {
    let mean = alpha / (alpha + beta)
    let spread = (mean * (1 - mean) / (alpha + beta + 1)).squareRoot()
    return NumericDistribution(from: max(0, mean - 30 * spread), to: min(1, mean + 30 * spread)) {
      term(alpha - 1, log($0)) + term(beta - 1, log1p(-$0))
    }
  }

  /// The probability of a number up to `x`, by the trapezium of the density within a cell.
  func probability(below x: Double) -> Double {
    let position = (x - low) / step
    guard position > 0 else { return 0 }
    let cell = Int(position)
    guard cell < density.count - 1 else { return 1 }
    let part = position - Double(cell)
    let end = density[cell] + part * (density[cell + 1] - density[cell])
    return cumulative[cell] + part * step * (density[cell] + end) / 2
  }

  /// The moment of `power` about `center`.
  func moment(_ power: Int, about center: Double) -> Double {
    density.indices.reduce(0) { sum, index in
      let end = index == 0 || index == density.count - 1 ? 0.5 : 1
      return sum + end * step * density[index] * pow(low + Double(index) * step - center, Double(power))
    }
  }

  /// A factor of 0 wins over an infinite logarithm: x to the power of 0 is 1 everywhere.
  private static func term(_ factor: Double, _ logarithm: Double) -> Double {
    factor == 0 ? 0 : factor * logarithm
  }
}
