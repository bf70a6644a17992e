import Foundation
import TestKit
import Testing

@testable import DecisionEngine

@Suite struct PortableMathTests {
  /// The distance between two numbers in units of the last place of the second.
  private static func ulps(_ value: Double, _ expected: Double) -> Double {
    value == expected ? 0 : abs(value - expected) / abs(expected).ulp
  }

  /// The largest distance from the C library's `exp`, which is itself within one unit of the truth.
  private static func worstExp(_ points: some Sequence<Double>) -> Double {
    points.reduce(0) { max($0, ulps(PortableMath.exp($1), exp($1))) }
  }

  private static func worstLog(_ points: some Sequence<Double>) -> Double {
    points.reduce(0) { max($0, ulps(PortableMath.log($1), log($1))) }
  }

  private static func points(_ count: Int, seed: UInt64, _ low: Double, _ high: Double) -> [Double] {
    var random = RandomStream(seed: seed)
    return (0..<count).map { _ in low + (high - low) * random.nextUniform() }
  }

  @Test(arguments: [(-708.0, 709.7), (-50.0, 0.0), (-1.0, 1.0), (-0.35, 0.35), (-1e-3, 1e-3)])
  func expIsWithinTwoUnits(low: Double, high: Double) {
    #expect(Self.worstExp(Self.points(40_000, seed: 11, low, high)) <= 2)
  }

  @Test(arguments: [(1e-300, 1e300), (1e-20, 1e20), (1e-6, 1.0), (0.5, 2.0)])
  func logIsWithinTwoUnits(low: Double, high: Double) {
    var random = RandomStream(seed: 12)
    #expect(Self.worstLog((0..<40_000).map { _ in random.logUniform(low, high) }) <= 2)
  }

  /// Near 1 the logarithm is small, and so is its last place.
  @Test func logIsWithinTwoUnitsNearOne() {
    var random = RandomStream(seed: 13)
    let points = (0..<40_000).map { _ in 1 + (random.nextUniform() - 0.5) * random.logUniform(1e-15, 1) }
    #expect(Self.worstLog(points) <= 2)
  }

  @Test func logOfUniformNumbersIsWithinTwoUnits() {
    #expect(Self.worstLog(Self.points(40_000, seed: 14, 0, 1)) <= 2)
  }

  @Test func expOfSubnormalResultsIsWithinOneStep() {
    let step = Double.leastNonzeroMagnitude
    for x in Self.points(20_000, seed: 15, -745.1, -708.4) {
      let limit = max(step, 2 * exp(x).ulp)
      guard abs(PortableMath.exp(x) - exp(x)) <= limit else {
        Issue.record("exp(\(x)) is \(PortableMath.exp(x))")
        return
      }
    }
  }

  @Test func expAtTheEnds() {
    #expect(PortableMath.exp(0) == 1)
    #expect(PortableMath.exp(-0.0) == 1)
    #expect(PortableMath.exp(709.78).isFinite)
    #expect(Self.ulps(PortableMath.exp(709.78), exp(709.78)) <= 2)
    #expect(PortableMath.exp(709.79) == .infinity)
    #expect(PortableMath.exp(710) == .infinity)
    #expect(PortableMath.exp(1e300) == .infinity)
    #expect(PortableMath.exp(.infinity) == .infinity)
    #expect(PortableMath.exp(-745) == .leastNonzeroMagnitude)
    #expect(PortableMath.exp(-745.13) == .leastNonzeroMagnitude)
    #expect(PortableMath.exp(-745.14) == 0)
    #expect(PortableMath.exp(-746) == 0)
    #expect(PortableMath.exp(-1e300) == 0)
    #expect(PortableMath.exp(-.infinity) == 0)
    #expect(PortableMath.exp(.nan).isNaN)
  }

  @Test func expRisesAroundZero() {
    var x = -1e-9
    var before = PortableMath.exp(x)
    #expect(before < 1)
    for _ in 0..<4_000 {
      x += 5e-13
      let now = PortableMath.exp(x)
      guard now >= before else {
        Issue.record("exp falls at \(x)")
        return
      }
      before = now
    }
    #expect(before > 1)
    #expect(PortableMath.exp(Double.ulpOfOne) == 1 + .ulpOfOne)
    #expect(PortableMath.exp(-Double.ulpOfOne) == 1 - .ulpOfOne)
    #expect(PortableMath.exp(.leastNonzeroMagnitude) == 1)
  }

  /// Where the reduction changes its multiple of ln 2 there must be no step back.
  @Test func expRisesOverTheSeamsOfItsReduction() {
    for k in -20...20 {
      let seam = (Double(k) + 0.5) * 0.693_147_180_559_945_3
      let points = (-200...200).map { seam + Double($0) * 1e-13 * max(1, abs(seam)) }
      let values = points.map(PortableMath.exp)
      #expect(zip(values, values.dropFirst()).allSatisfy { $0 <= $1 }, "seam \(seam)")
    }
  }

  @Test func logAtTheEnds() {
    #expect(PortableMath.log(1) == 0)
    #expect(PortableMath.log(0) == -.infinity)
    #expect(PortableMath.log(-0.0) == -.infinity)
    #expect(PortableMath.log(-1).isNaN)
    #expect(PortableMath.log(-.infinity).isNaN)
    #expect(PortableMath.log(.nan).isNaN)
    #expect(PortableMath.log(.infinity) == .infinity)
    #expect(Self.ulps(PortableMath.log(.greatestFiniteMagnitude), log(.greatestFiniteMagnitude)) <= 2)
    #expect(Self.worstLog([(1.0).nextUp, (1.0).nextDown, (1.0).nextUp.nextUp, 2, 0.5]) <= 2)
  }

  @Test func logOfSubnormals() {
    #expect(Self.worstLog([.leastNonzeroMagnitude, .leastNormalMagnitude, Double.leastNormalMagnitude.nextDown]) <= 2)
    var random = RandomStream(seed: 16)
    let subnormals = (0..<5_000).map { _ in Double(bitPattern: max(1, random.next() >> random.pick([12, 20, 40, 60]))) }
    #expect(subnormals.allSatisfy { $0 < .leastNormalMagnitude })
    #expect(Self.worstLog(subnormals) <= 2)
  }

  @Test func logUndoesExp() {
    for x in Self.points(10_000, seed: 17, -700, 700) {
      guard agrees(PortableMath.log(PortableMath.exp(x)), x, within: 4e-16) else {
        Issue.record("log(exp(\(x))) is \(PortableMath.log(PortableMath.exp(x)))")
        return
      }
    }
  }
}
