import DecisionEngine
import Simulator
import Values

/// A policy driven by lines of JSON, one for each day.
package struct PolicyLines {
  private let reader: PolicyLineReader
  private var session: PolicySession

  /// `stages` is the JSON list of stages in order.
  package init(
    _ name: PolicyName, stages: [UInt8], currency: Currency, seed: UInt64, maximumDailyChange: Double?
  ) throws(PolicyLineError) {
    let funnel = try PolicyLineReader.funnel(stages)
    let rules = BudgetRules(currency: currency, maximumDailyChange: maximumDailyChange, seed: seed)
    reader = PolicyLineReader(funnel: funnel, currency: currency)
    session = PolicySession(policy: name.make(funnel: funnel, rules: rules), currency: currency)
  }

  package mutating func answer(_ line: [UInt8]) throws(PolicyLineError) -> String {
    try session.answer(try reader.read(line))
  }
}
