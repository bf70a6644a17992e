import Accounts
import DecisionEngine
import Values
import Web

/// The schemas of requests and answers about decisions.
enum DecisionSchemas {
  static let adState = Schema.object(
    required: [
      ("ad_id", adID),
      ("impressions", .integer("Times shown so far.", 0...1_000_000_000_000)),
      ("clicks", .integer("Clicks so far; at most impressions.", 0...1_000_000_000_000)),
      ("spend", .amount("Money spent so far.")),
      ("pipeline_value", .amount("Value of the ad's deals at their current stages.")),
      ("cash_revenue", .amount("Revenue of the ad's deals that were won.")),
      ("age_hours", .number("Hours since the ad was first shown.", 0...1_000_000)),
    ],
    optional: [
      ("current_budget", .amount("The daily budget set now; by default the mean daily spend."))
    ]
  ).named("AdState")

  static let selectRequest = Schema.object(
    required: [("total_budget", .amount("The total to split; over 0, in whole minor units."))],
    optional: [
      ("ad_states", .array(of: adState, count: AdStateCoding.adCount)),
      ("creative_dna_scores", .map("Creative DNA scores by ad id.", of: .number("A score.", 0...1))),
      ("account_id", .text("The key's own account.", length: 1...64)),
      ("seed", .integer("The seed of every draw; the same seed gives the same answer.", 0...9_007_199_254_740_991)),
      ("policy", .choice("The policy that selects.", Policy.allCases.map(\.rawValue))),
    ]
  ).named("SelectRequest")

  static let selection = Schema.object(
    required: [
      ("policy", .string("The policy and its version.")), ("currency", .string("The currency of every amount.")),
      ("total_budget", .answeredAmount("The total to split.")),
      ("allocated_budget", .answeredAmount("The sum of the recommended budgets.")),
      ("num_ads", .integer("How many ads took part.")), ("seed", .integer("The seed of every draw.")),
      ("recommendations", .array(of: recommendation)),
    ],
    optional: [
      ("decision_id", .string("The stored decision.")),
      ("binding_constraint", constraint("What keeps the budgets from summing to the total.")),
      ("note", .string("What that means and what to do; how old the figures are, and how many ads were left out.")),
    ] + DecisionBasisCoding.schemas
  ).named("Selection")

  private static let recommendation = Schema.object(
    required: [
      ("ad_id", adID), ("current_budget", .answeredAmount("The daily budget now.")),
      ("recommended_budget", .answeredAmount("The daily budget to set.")),
      ("confidence", .number("How much evidence there is, 0 to 1.")),
      (
        "verdict",
        .choice(
          "How the budget changes. hold: by at most 1 % or one minor unit. stop: the ad is judged kill "
            + "and gets the least it may have.", BudgetVerdict.allCases.map(\.rawValue))
      ), ("judgement", judgement), ("reason", .string("Why, in words.")),
    ],
    optional: [
      ("metrics", metrics), ("outlook", outlook),
      ("change_percentage", .number("Change of the daily budget in percent of it; null for an ad without one.")),
      (
        "binding_constraint",
        constraint("What keeps the budget from the ad's share; total_budget: it is below the daily change limit.")
      ),
    ]
  ).named("Recommendation")

  static let learnedStages = Schema.object(required: [
    ("account_id", .string("The account.")), ("currency", .string("The currency of every amount.")),
    (
      "decided_by",
      .choice(
        "Which stage values lag_aware uses.", AccountConfiguration.StageValueSource.allCases.map(\.rawValue))
    ),
    ("stages", LearnedFunnelCoding.schema),
  ]).named("LearnedStages")

  private static let outlook = Schema.object(required: [
    ("marginal_return", .number("Expected revenue of one more unit spent per day.")),
    ("marginal_return_low", .number("Lower end of its 90 % range.")),
    ("marginal_return_high", .number("Upper end of its 90 % range.")),
    ("average_return", .number("Expected revenue of each unit of the recommended budget.")),
    ("average_return_high", .number("Upper end of its 90 % range.")),
    ("impressions", .integer("Times shown on the days that count.")),
    ("clicks", .integer("Clicks on those days.")), ("spend", .answeredAmount("Spend on those days.")),
    ("deals", .integer("Deals so far.")), ("waiting_deals", .integer("Deals that may still go on.")),
    ("won_deals", .integer("Deals won.")),
    ("saturation", .answeredAmount("Daily spend at which one more unit buys half of what the first did.")),
    ("chance_of_a_tenth", .number("Probability that the ad deserves a tenth of the budget.", 0...1)),
    ("on_probation", .bool("Whether it keeps a small budget because it may deserve more.")),
  ]).named("Outlook")

  private static let metrics = Schema.object(required: [
    ("impressions", .integer("Times shown so far.")), ("clicks", .integer("Clicks so far.")),
    ("ctr", .number("Clicks for each impression.")),
    ("pipeline_roas", .number("Pipeline value for each unit spent.")),
    ("ctr_weight", .number("Weight of CTR at this age.")), ("roas_weight", .number("1 - ctr_weight.")),
    ("normalized_ctr", .number("min(ctr / 0.05, 1).")), ("normalized_roas", .number("min(pipeline_roas / 3, 1).")),
    ("blended_score", .number("ctr_weight * normalized_ctr + roas_weight * normalized_roas.")),
    ("decay_factor", .number("exp(-0.0001 * impressions).")), ("dna_boost", .number("1 + 0.2 * dna score.")),
    ("final_score", .number("blended_score * decay_factor * dna_boost.")),
    ("age_hours", .number("Hours since the ad was first shown.")),
  ]).named("Metrics")

  static let decideRequest = Schema.object(
    optional: [
      ("ad_states", .array(of: adState, count: AdStateCoding.adCount)),
      ("account_id", .text("The key's own account.", length: 1...64)),
      ("policy", .choice("The policy that decides.", Policy.allCases.map(\.rawValue))),
    ]
  ).named("DecideRequest")

  static let judgements = Schema.object(
    required: [
      ("num_ads", .integer("How many ads were judged.")),
      ("mode", .choice("Which revenue counted.", DecisionMode.allCases.map(\.rawValue))),
      (
        "decisions",
        .array(
          of: .object(required: [
            ("ad_id", adID), ("decision", judgement), ("rule", .string("The rule that decided.")),
            ("reason", .string("Why, in words.")), ("spend", .answeredAmount("Money spent so far.")),
            ("days_live", .number("Days since the ad was first shown.")),
            ("pipeline_roas", .number("Pipeline value for each unit spent.")),
            ("cash_roas", .number("Won revenue for each unit spent.")),
          ]))
      ),
    ], optional: DecisionBasisCoding.schemas
  ).named("Judgements")

  static let feedbackRequest = Schema.object(
    required: [
      ("ad_id", adID), ("date", .formatted("The day, in the account's time zone.", "date")),
      ("impressions", .integer("Times shown that day.", 0...1_000_000_000_000)),
      ("clicks", .integer("Clicks that day; at most impressions.", 0...1_000_000_000_000)),
      ("spend", .amount("Money spent that day.")),
    ],
    optional: [
      ("account_id", .text("The key's own account.", length: 1...64)),
      ("ad_name", .text("The ad's name.", length: 0...256)),
      ("reach", .integer("People shown the ad.", 0...1_000_000_000_000)),
      ("frequency", .number("Mean times each of them was shown it.", 0...1_000_000)),
      ("leads", .integer("Leads that day.", 0...1_000_000_000_000)),
      ("pipeline_value", .amount("Pipeline value of that day, where no CRM reports it.")),
      ("cash_revenue", .amount("Revenue of that day, where no CRM reports it.")),
    ]
  ).named("Feedback")

  static let feedback = Schema.object(required: [
    ("ad_id", adID), ("impressions", .integer("Times shown so far.")), ("clicks", .integer("Clicks so far.")),
    ("spend", .answeredAmount("Money spent so far.")), ("pipeline_value", .answeredAmount("Pipeline value so far.")),
    ("cash_revenue", .answeredAmount("Won revenue so far.")), ("ctr", .number("Clicks for each impression.")),
    ("pipeline_roas", .number("Pipeline value for each unit spent.")),
    ("is_winner", .bool("Whether the ad exceeds either threshold.")),
    ("wins_by_roas", .bool("Whether pipeline ROAS exceeds the account's threshold.")),
    ("wins_by_ctr", .bool("Whether CTR exceeds the account's threshold.")),
  ]).named("FeedbackResult")

  static let stored = Schema.object(
    required: [
      ("decision_id", .string("The decision.")), ("decided_at", .formatted("When it was made.", "date-time")),
      (
        "author",
        .string(
          "Who requested it: a key's id, `cli:USER`, `system`, or `unknown` for decisions older than this field."
        )
      ),
      ("policy", .string("The policy and its version.")),
      ("configuration_version", .integer("The version of the account's configuration.")),
      ("inputs", .map("All inputs.", of: .anything)),
      ("configuration", .map("The configuration that it was made with.", of: .anything)),
      ("result", .map("The complete result, recomputed from the inputs.", of: .anything)),
    ],
    optional: [
      ("result_note", .string("Why `result` contains only each ad's budget and verdict, where it does."))
    ]
  ).named("StoredDecision")

  private static let adID = Schema.text("The ad's id.", length: 1...128)

  private static let judgement = Schema.choice(
    "How the ad compares with the thresholds.", AdDecision.allCases.map(\.rawValue))

  private static func constraint(_ description: String) -> Schema {
    .choice(description, BindingConstraint.allCases.map(\.rawValue))
  }
}
