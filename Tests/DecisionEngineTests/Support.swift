import DecisionEngine
import Foundation
import Testing
import Values

/// An ad with plain figures; a test names the ones it is about.
func makeAd(
  _ id: String = "ad", account: String = "acme", impressions: Int = 1_000, clicks: Int = 20, spend: Double = 100,
  pipeline: Double = 0, cash: Double = 0, hours: Double = 48, budget: Double? = nil
) throws -> AdState {
  try AdState(
    accountID: #require(AccountID(account)), adID: #require(AdID(id)), impressions: impressions, clicks: clicks,
    spend: spend, pipelineValue: pipeline, cashRevenue: cash, ageHours: hours, statedDailyBudget: budget)
}

extension RandomStream {
  /// One of `choices`.
  mutating func pick<T>(_ choices: [T]) -> T {
    choices[Int.random(in: choices.indices, using: &self)]
  }

  /// A number between `low` and `high`, evenly spread over its logarithm.
  mutating func logUniform(_ low: Double, _ high: Double) -> Double {
    let position = nextUniform()
    return exp(log(low) * (1 - position) + log(high) * position)
  }
}
