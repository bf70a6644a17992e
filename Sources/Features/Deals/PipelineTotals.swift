import Values

/// What an ad's deals are worth.
public struct PipelineTotals: Hashable, Sendable {
  /// The value of the deals at the stages they stand in.
  public var pipelineValue: Money
  /// The revenue of those that were won.
  public var cashRevenue: Money

  /// Nothing.
  public static let zero = PipelineTotals(pipelineValue: .zero, cashRevenue: .zero)

  /// Makes totals from their parts.
  public init(pipelineValue: Money, cashRevenue: Money) {
    self.pipelineValue = pipelineValue
    self.cashRevenue = cashRevenue
  }

  /// Adds a deal's worth. Throws an ``APIError`` where the sum passes what can be counted.
  mutating func add(pipelineValue: Money, cashRevenue: Money) throws {
    guard let pipeline = self.pipelineValue.adding(pipelineValue), let cash = self.cashRevenue.adding(cashRevenue)
    else { throw APIError.invalid(field: "amount", value: "\(pipelineValue)", rule: "the ad's deals sum to too much") }
    self.pipelineValue = pipeline
    self.cashRevenue = cash
  }

  /// What is to be added to `other` to come to this; either part may be negative.
  func minus(_ other: PipelineTotals) -> PipelineTotals {
    PipelineTotals(
      pipelineValue: Money(micros: pipelineValue.micros &- other.pipelineValue.micros),
      cashRevenue: Money(micros: cashRevenue.micros &- other.cashRevenue.micros))
  }
}
