import Testing
import Values

@Suite struct CheckedConversionTests {
  @Test(
    arguments: [
      (0, 0), (-0.0, 0), (0.9, 0), (-0.9, 0), (1.5, 1), (-1.5, -1), (1e18, 1_000_000_000_000_000_000),
      (0x1p63, .max), (1e300, .max), (.infinity, .max), (-0x1p63, .min), (-1e300, .min), (-.infinity, .min), (.nan, 0),
      (.leastNonzeroMagnitude, 0),
    ] as [(Double, Int64)])
  func fractionsAreDroppedAndTheRangeIsKept(value: Double, whole: Int64) {
    #expect(Int64(clamping: value) == whole)
  }

  @Test func everyTypeKeepsToItsOwnRange() {
    for value in [-1e300, -.infinity, -129, 256, 65_536, 1e10, 1e300, .infinity, .nan] as [Double] {
      #expect(Int8(clamping: value) == (value.isNaN ? 0 : value < 0 ? .min : .max))
      #expect(UInt64(clamping: value) == (value.isNaN || value < 0 ? 0 : UInt64(exactly: value) ?? .max))
      #expect(UInt8(clamping: value) == (value.isNaN || value < 0 ? 0 : .max))
    }
    #expect(UInt8(clamping: 255.9) == 255)
    #expect(Int8(clamping: -128.9) == -128)
  }

  @Test func everyNumberHasAFiniteOneBesideIt() {
    #expect(Double.nan.finite == 0)
    #expect(Double.infinity.finite == .greatestFiniteMagnitude)
    #expect((-Double.infinity).finite == -.greatestFiniteMagnitude)
    for value in [0, -1.5, .leastNonzeroMagnitude, .greatestFiniteMagnitude] as [Double] {
      #expect(value.finite == value)
    }
  }

  @Test func aDifferenceOfAmountsThatDoesNotFitIsNone() {
    #expect(Money(micros: 5).subtracting(Money(micros: 7)) == Money(micros: -2))
    #expect(Money(micros: .min).subtracting(Money(micros: 1)) == nil)
    #expect(Money(micros: 0).subtracting(Money(micros: .min)) == nil)
  }
}
