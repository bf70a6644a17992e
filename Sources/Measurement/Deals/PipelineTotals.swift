import Values

/// The worth of an ad's deals.
package struct PipelineTotals: Hashable, Sendable {
  /// The value of the deals at their current stages.
  package var pipelineValue: Money
  /// The revenue of the won deals.
  package var cashRevenue: Money

  /// Nothing.
  package static let zero = PipelineTotals(pipelineValue: .zero, cashRevenue: .zero)

  /// Makes totals from their parts.
  package init(pipelineValue: Money, cashRevenue: Money) {
    self.pipelineValue = pipelineValue
    self.cashRevenue = cashRevenue
  }

  /// Adds a deal's worth. Throws ``DealError/sumTooLarge(_:)``.
  mutating func add(pipelineValue: Money, cashRevenue: Money) throws(DealError) {
    guard let pipeline = self.pipelineValue.adding(pipelineValue), let cash = self.cashRevenue.adding(cashRevenue)
    else { throw .sumTooLarge(pipelineValue) }
    self.pipelineValue = pipeline
    self.cashRevenue = cash
  }

  /// What must be added to `other` to get this; either part may be negative. Throws ``DealError/sumTooLarge(_:)``.
  func minus(_ other: PipelineTotals) throws(DealError) -> PipelineTotals {
    guard let pipeline = pipelineValue.subtracting(other.pipelineValue),
      let cash = cashRevenue.subtracting(other.cashRevenue)
    else { throw .sumTooLarge(other.pipelineValue) }
    return PipelineTotals(pipelineValue: pipeline, cashRevenue: cash)
  }
}
