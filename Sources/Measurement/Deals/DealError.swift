import Values
import Web

/// Why deals are not counted.
package enum DealError: FeatureError, Equatable {
  /// With this amount, the deals of an ad sum to more than can be counted.
  case sumTooLarge(Money)
  /// Sales are to become deals, and the account has no stage for them.
  case noWonStage
  /// Deals stand in a stage that is not among the account's.
  case stageInUse(String)

  /// What is wrong, by field, value and rule.
  var problem: FieldProblem {
    switch self {
    case .sumTooLarge(let amount):
      FieldProblem(field: "amount", value: "\(amount)", rule: "the ad's deals sum to too much")
    case .noWonStage:
      FieldProblem(field: "stages", value: "no won stage", rule: "sales need a stage of kind won")
    case .stageInUse(let stage):
      FieldProblem(field: "stages", value: stage, rule: "must contain every stage that deals stand in")
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
    case .stageInUse(let stage): "deals stand in the stage \(stage); keep it in the account's stages"
    }
  }
}
