import DecisionEngine
import Values
import Web

extension ConfigurationCoding {
  /// The schema of a change.
  static let request = Schema.object(optional: changeable).named("ConfigurationChange")

  /// The schema of an answer.
  static let response = Schema.object(
    required: [
      ("account_id", .string("The account.")), ("version", .integer("Counts the changes, from 1.", 1...Int(Int32.max))),
    ] + changeable
  ).named("Configuration")

  private static let changeable: [(String, Schema)] =
    [
      ("aov", .amount("Average order value, over 0.")),
      ("currency", .string("ISO 4217 letters.", length: 3...3, pattern: "^[A-Za-z]{3}$")),
      ("timezone", .text("IANA name of the ad account's time zone.", length: 1...64)),
      ("mode", .choice("Which revenue ads are judged by.", DecisionMode.allCases.map(\.rawValue))),
      ("ignorance_zone_days", .number("Days an ad is left alone while it has spent little.", 0...365)),
      ("ignorance_zone_spend", .amount("Spend under which a young ad is left alone.")),
      ("min_spend_for_kill", .amount("Spend under which no ad is judged.")),
      ("kill_roas_threshold", .number("Return under which an ad is killed; at most scale_roas_threshold.", 0...1000)),
      ("scale_roas_threshold", .number("Return over which an ad is scaled.", 0...1000)),
      (
        "blending_curve",
        .text("`standard`, `fast`, `slow`, or points such as `0:1,24:0.7,72:0.3`.", length: 1...1024)
      ),
      ("max_daily_change", .number("Largest daily change of a budget as a share of it.", 0.01...10)),
      ("winner_roas_threshold", .number("Pipeline ROAS over which an ad is a winner.", 0...1000)),
      ("winner_ctr_threshold", .number("CTR over which an ad is a winner.", 0...1)),
      (
        "exploration",
        .number("How much of what is not known lag_aware plays out; 0 bets on expectations alone.", 0...1)
      ),
      (
        "stage_values",
        .choice(
          "Whose stage values lag_aware decides by: learned from the account's history, or configured.",
          AccountConfiguration.StageValueSource.allCases.map(\.rawValue))
      ),
      (
        "figures_warning_days",
        .integer("Figures older than this many days are mentioned; at most figures_limit_days.", 0...36_500)
      ),
      ("figures_limit_days", .integer("Figures older than this many days are not decided on.", 0...36_500)),
      ("stages", .array(of: StageCoding.schema, count: StageValues.stageCount)),
    ] + CRMSettingsCoding.changeable
}

extension StageCoding {
  /// The schema of a stage.
  package static let schema = Schema.object(required: [
    ("name", .text("The stage's name; letters and digits must differ from the others'.", length: 1...64)),
    ("value", .amount("Revenue to expect of a deal in this stage.")),
    ("confidence", .number("How far the value can be trusted.", 0...1)),
    ("kind", .choice("What the stage means for the deal.", DealStage.Kind.allCases.map(\.rawValue))),
  ]).named("Stage")
}
