import Values
import Web

/// Why deals cannot be counted.
package enum DealError: FeatureError, Equatable {
  /// With this amount, the sum over an ad's deals is too large.
  case sumTooLarge(Money)
  /// Sales would become deals, but the account has no won stage.
  case noWonStage
  /// Deals are in a stage that is not among the account's.
  case stageInUse(String)

  /// What is wrong, by field, value and rule.
  var problem: FieldProblem {
    switch self {
    case .sumTooLarge(let amount):
      FieldProblem(field: "amount", value: "\(amount)", rule: "the sum over the ad's deals is too large")
    case .noWonStage:
      FieldProblem(field: "stages", value: "no won stage", rule: "sales need a stage of kind won")
    case .stageInUse(let stage):
      FieldProblem(field: "stages", value: stage, rule: "must contain every stage that deals are in")
    }
  }

  package var code: String {
    switch self {
    case .sumTooLarge, .noWonStage: "invalid_field"
    case .stageInUse: "stage_in_use"
    }
  }

  package var description: String {
    switch self {
    case .sumTooLarge, .noWonStage: problem.description
    case .stageInUse(let stage): "deals are in the stage \(stage); keep it in the account's stages"
    }
  }
}
