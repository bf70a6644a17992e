import Values
import Web

/// What an ad's deals are worth.
package struct PipelineTotals: Hashable, Sendable {
  /// The value of the deals at the stages they stand in.
  package var pipelineValue: Money
  /// The revenue of those that were won.
  package var cashRevenue: Money

  /// Nothing.
  package static let zero = PipelineTotals(pipelineValue: .zero, cashRevenue: .zero)

  /// Makes totals from their parts.
  package init(pipelineValue: Money, cashRevenue: Money) {
    self.pipelineValue = pipelineValue
    self.cashRevenue = cashRevenue
  }

  /// Adds a deal's worth. Throws an ``APIError`` where the sum passes what can be counted.
  mutating func add(pipelineValue: Money, cashRevenue: Money) throws {
    guard let pipeline = self.pipelineValue.adding(pipelineValue), let cash = self.cashRevenue.adding(cashRevenue)
    else { throw Self.tooMuch(pipelineValue) }
    self.pipelineValue = pipeline
    self.cashRevenue = cash
  }

  /// What is to be added to `other` to get this; either part may be negative. Throws an ``APIError`` where the
  /// difference passes what can be counted.
  func minus(_ other: PipelineTotals) throws -> PipelineTotals {
    guard let pipeline = pipelineValue.subtracting(other.pipelineValue),
      let cash = cashRevenue.subtracting(other.cashRevenue)
    else { throw Self.tooMuch(other.pipelineValue) }
    return PipelineTotals(pipelineValue: pipeline, cashRevenue: cash)
  }

  private static func tooMuch(_ amount: Money) -> APIError {
    APIError.invalid(field: "amount", value: "\(amount)", rule: "the ad's deals sum to too much")
  }
}
