import Testing
import Values

@testable import Measurement
@testable import Web

/// Sums of what deals are worth stay within what can be counted.
struct PipelineTotalsTests {
  private static let most = PipelineTotals(pipelineValue: Money(micros: .max), cashRevenue: .zero)
  private static let less = PipelineTotals(pipelineValue: Money(micros: -1), cashRevenue: .zero)

  @Test("A difference is exact, and may be negative")
  func difference() throws {
    let change = try PipelineTotals.zero.minus(
      PipelineTotals(pipelineValue: Money(micros: 5), cashRevenue: Money(micros: 7)))
    #expect(change == PipelineTotals(pipelineValue: Money(micros: -5), cashRevenue: Money(micros: -7)))
    #expect(try Self.most.minus(Self.most) == .zero)
  }

  @Test("A sum or a difference that cannot be counted is refused, not wrapped around")
  func overflow() {
    let difference = #expect(throws: DealError.self) { try Self.most.minus(Self.less) }
    #expect(difference?.apiError.details.map(\.field) == ["amount"])
    let sum = #expect(throws: DealError.self) {
      var totals = Self.most
      try totals.add(pipelineValue: Money(micros: 1), cashRevenue: .zero)
    }
    #expect(sum?.apiError.details.map(\.field) == ["amount"])
  }
}
