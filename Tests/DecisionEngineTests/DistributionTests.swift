import DecisionEngine
import Foundation
import TestKit
import Testing

@Suite struct DistributionTests {
  private static let count = 20_000

  private static func draws(seed: UInt64, _ draw: (inout RandomStream) -> Double) -> [Double] {
    var stream = RandomStream(seed: seed)
    return (0..<count).map { _ in draw(&stream) }
  }

  /// How far the mean of `powers` is from `expected`, in its own standard errors.
  private static func standardErrors(_ powers: [Double], _ expected: Double) -> Double {
    let count = Double(powers.count)
    let mean = powers.reduce(0, +) / count
    let variance = powers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    return abs(mean - expected) / (variance / count).squareRoot()
  }

  @Test func normalNumbersAreNormal() {
    let draws = Self.draws(seed: 21) { $0.nextNormal() }
    #expect(kolmogorovSmirnov(draws) { erfc(-$0 / 2.0.squareRoot()) / 2 } < 1.95)
    for (power, expected) in [(1, 0.0), (2, 1), (3, 0), (4, 3)] {
      #expect(Self.standardErrors(draws.map { pow($0, Double(power)) }, expected) < 4, "moment \(power)")
    }
    #expect(draws.contains { $0 > 3.5 } && draws.contains { $0 < -3.5 })
  }

  @Test(arguments: [1, 1.0001, 1.5, 2, 100, 1e6])
  func gammaNumbersFollowTheirShape(shape: Double) {
    let draws = Self.draws(seed: 22) { $0.nextGamma(shape: shape) }
    #expect(draws.allSatisfy { $0 > 0 && $0.isFinite })
    let exact = NumericDistribution.gamma(shape: shape)
    #expect(kolmogorovSmirnov(draws, exact.probability(below:)) < 1.95)
    let centered = draws.map { $0 - shape }
    let moments = [0, shape, 2 * shape, 3 * shape * shape + 6 * shape]
    for (power, expected) in zip(1...4, moments) {
      #expect(Self.standardErrors(centered.map { pow($0, Double(power)) }, expected) < 4, "moment \(power)")
    }
  }

  @Test func aGammaNumberOfShapeOneIsExponential() {
    let draws = Self.draws(seed: 23) { $0.nextGamma(shape: 1) }
    #expect(kolmogorovSmirnov(draws) { 1 - exp(-$0) } < 1.95)
  }

  @Test(arguments: [
    (1, 1), (1, 1.0001), (1, 101), (1.0001, 1), (2, 1), (2, 3), (101, 1), (51, 51), (100, 2), (100, 100), (1, 1e6),
    (1e6, 1), (1e6, 2), (1e6, 1e6),
  ])
  func betaNumbersFollowTheirShapes(alpha: Double, beta: Double) {
    let draws = Self.draws(seed: 24) { $0.nextBeta(alpha: alpha, beta: beta) }
    #expect(draws.allSatisfy { $0 >= 0 && $0 <= 1 })
    let exact = NumericDistribution.beta(alpha, beta)
    #expect(kolmogorovSmirnov(draws, exact.probability(below:)) < 1.95)
    let mean = alpha / (alpha + beta)
    let centered = draws.map { $0 - mean }
    #expect(Self.standardErrors(centered, 0) < 4)
    let variance = mean * (1 - mean) / (alpha + beta + 1)
    #expect(Self.standardErrors(centered.map { $0 * $0 }, variance) < 4)
    for power in 3...4 {
      let expected = exact.moment(power, about: mean)
      #expect(Self.standardErrors(centered.map { pow($0, Double(power)) }, expected) < 4, "moment \(power)")
    }
  }

  /// The measure itself must see a wrong distribution, and the integration agree with closed forms.
  @Test func theMeasureSeesASmallDifference() {
    let draws = Self.draws(seed: 25) { $0.nextBeta(alpha: 2, beta: 3) }
    #expect(kolmogorovSmirnov(draws, NumericDistribution.beta(2.1, 3).probability(below:)) > 1.95)
    #expect(kolmogorovSmirnov(draws, NumericDistribution.beta(2, 3.15).probability(below:)) > 1.95)
    let square = NumericDistribution.beta(2, 1)
    #expect(agrees(square.probability(below: 0.3), 0.09, within: 1e-9))
    #expect(agrees(square.moment(2, about: 0), 0.5, within: 1e-6))
    #expect(agrees(NumericDistribution.gamma(shape: 2).probability(below: 2), 1 - 3 * exp(-2), within: 1e-5))
  }

  /// Numbers of a Python program written from the published methods, with the C library's logarithm.
  @Test func givesKnownNumbers() {
    var stream = RandomStream(seed: 42)
    for expected in [-0.7262191382447862, 0.22162270150359312, 0.46417731016247327, 1.4762494610184145] {
      #expect(agrees(stream.nextNormal(), expected))
    }
    for (shape, expected) in [
      (1.0, [0.23213589756482267, 1.7597012047780853, 2.744392352075043]),
      (2.0, [0.8939319636708214, 3.190039374357898, 4.391231766840663]),
      (100.0, [92.59096621596666, 109.30316391689479, 115.14290956931879]),
    ] {
      var stream = RandomStream(seed: 42)
      for number in expected { #expect(agrees(stream.nextGamma(shape: shape), number)) }
    }
  }

  @Test(
    arguments: [
      (1, 1, 42, "ad_1", 0.2604846179994666), (1, 1, 7, "広告-é", 0.08240134225594264),
      (1, 101, 42, "ad_1", 0.0018722770436335012), (1, 101, 7, "広告-é", 0.0002403208278985638),
      (2, 3, 42, "ad_1", 0.25008630353140165), (2, 3, 7, "広告-é", 0.15487146974315497),
      (51, 51, 42, "ad_1", 0.476078201499168), (51, 51, 7, "広告-é", 0.4637386025455742),
      (1e6, 1.5, 42, "ad_1", 0.9999990218387393), (1e6, 1.5, 7, "広告-é", 0.9999994230207209),
    ] as [(Double, Double, UInt64, String, Double)])
  func aNameGivesAKnownBetaNumber(alpha: Double, beta: Double, seed: UInt64, name: String, expected: Double) {
    var stream = RandomStream(seed: seed, name: name)
    #expect(agrees(stream.nextBeta(alpha: alpha, beta: beta), expected))
  }
}
