import DecisionEngine
import Formats
import Simulator
import Values
import Web

/// Lag-aware recommendations as JSON.
struct LagAwareCoding {
  private let unit: Double
  private let version: PolicyVersion

  init(currency: Currency, version: PolicyVersion) {
    self.version = version
    unit = Double(currency.minorUnitsPerMajor)
  }

  func write(
    _ recommendation: LagAwareRecommendation, to json: inout JSONWriter, _ explanations: inout Explanations
  ) {
    let outlook = recommendation.outlook
    json.object { json in
      json.member("ad_id", recommendation.adID.value)
      json.member("current_budget", recommendation.currentBudget / unit)
      json.member("recommended_budget", Double(recommendation.recommendedBudget) / unit)
      json.member("change_percentage", recommendation.change.map { $0 * 100 })
      json.member("confidence", 1 / (1 + outlook.uncertainty))
      switch version {
      case .one:
        json.member("decision", recommendation.judgement.rawValue)
        json.member("reason", LagAwareReasons.outlook(of: recommendation))
      case .two:
        json.member("verdict", recommendation.verdict.rawValue)
        json.member("judgement", recommendation.judgement.rawValue)
        json.member("reason", LagAwareReasons.reason(for: recommendation))
      }
      json.member("binding_constraint", recommendation.bindingConstraint?.rawValue)
      json.key("outlook")
      json.object { json in
        json.member("marginal_return", outlook.marginalReturn)
        json.member("marginal_return_low", outlook.marginalLow)
        json.member("marginal_return_high", outlook.marginalHigh)
        json.member("average_return", outlook.averageReturn)
        json.member("average_return_high", outlook.averageHigh)
        json.member("impressions", outlook.known.impressions)
        json.member("clicks", outlook.known.clicks)
        json.member("spend", outlook.known.spend)
        json.member("deals", outlook.known.deals)
        json.member("waiting_deals", outlook.known.waitingDeals)
        json.member("won_deals", outlook.known.wonDeals)
        json.member("saturation", outlook.saturation)
        json.member("chance_of_a_tenth", recommendation.worthyChance)
        json.member("on_probation", recommendation.onProbation)
      }
      explanations.write("explanation", to: &json) { json in
        json.object { json in
          json.member("uncertainty", outlook.uncertainty)
          json.member("wanted_budget", recommendation.wantedBudget / unit)
          json.member("least_budget", Double(recommendation.bounds.lower) / unit)
          json.member("most_budget", Double(recommendation.bounds.upper) / unit)
        }
      }
    }
  }
}

/// What is learned about an account's stages, as JSON.
enum LearnedFunnelCoding {
  static func write(_ funnel: LearnedFunnel, to json: inout JSONWriter) {
    json.array { json in
      for stage in funnel.stages {
        json.object { json in
          json.member("name", stage.name)
          json.member("configured_value", stage.configuredValue)
          json.key("learned_value")
          write(stage.value, to: &json)
          if let success = stage.success {
            json.key("success")
            write(success, to: &json)
          }
          json.member("median_days", stage.medianDays)
          json.member("ninetieth_percentile_days", stage.ninetiethDays)
          json.member("ended_deals", stage.endedDeals)
          json.member("waiting_deals", stage.waitingDeals)
        }
      }
    }
  }

  private static func write(_ estimate: LearnedFunnel.Estimate, to json: inout JSONWriter) {
    json.object { json in
      json.member("value", estimate.value)
      json.member("low", estimate.low)
      json.member("high", estimate.high)
    }
  }

  static let schema = Schema.array(
    of: .object(
      required: [
        ("name", .string("The stage.")),
        ("configured_value", .answeredAmount("The value configured in the account.")),
        ("learned_value", estimate("Expected revenue of a deal in this stage, by the account's own history.")),
        ("ended_deals", .integer("Deals that went on or were lost here.")),
        ("waiting_deals", .integer("Deals that are waiting here.")),
      ],
      optional: [
        ("success", estimate("Probability of going on.")),
        ("median_days", .number("Median of the days until a deal goes on.")),
        ("ninetieth_percentile_days", .number("Days within which nine of ten deals that go on have done so.")),
      ])
  )

  private static func estimate(_ description: String) -> Schema {
    .object(required: [
      ("value", .number(description)), ("low", .number("Lower end of the 90 % range.")),
      ("high", .number("Upper end of the 90 % range.")),
    ])
  }
}
