import DecisionEngine
import Formats
import Measurement
import Values
import Web

/// Why no decision can be made, shown or replayed.
package enum DecisionError: FeatureError, Equatable {
  /// The request violates a rule.
  case invalid(FieldProblem)
  /// The ads do not allow a selection; amounts are in minor units of the currency.
  case selection(SelectionError, Currency)
  /// The decision is based on more figures than can be stored; the text says what is too much.
  case tooManyFigures(String)
  /// There is no such decision.
  case unknown(DecisionID)
  /// Only what the audit needs remains of the decision.
  case removed(RemovedDecision)
  /// This release does not know the version of the policy that made the decision.
  case unknownPolicyVersion(DecisionID, String)

  /// The invalid field; nil where no field is.
  var problem: FieldProblem? {
    switch self {
    case .invalid(let problem): problem
    case .selection(let error, let currency): FieldProblem(error, currency)
    case .tooManyFigures, .unknown, .removed, .unknownPolicyVersion: nil
    }
  }

  package var code: String {
    switch self {
    case .invalid, .selection: "invalid_field"
    case .tooManyFigures: "too_many_figures"
    case .unknown: "not_found"
    case .removed: "decision_removed"
    case .unknownPolicyVersion: "unknown_policy_version"
    }
  }

  package var description: String {
    switch self {
    case .invalid(let problem): problem.description
    case .selection(let error, let currency): FieldProblem(error, currency).description
    case .tooManyFigures(let problem): "nothing was decided: \(problem)"
    case .unknown(let id): "decision \(id) does not exist"
    case .removed(let removed):
      "decision \(removed.id) split \(removed.totalBudget) by \(removed.policyVersion) at \(removed.decidedAt); what "
        + "went into it was removed at \(removed.removedAt), because decisions are kept for a limited time"
    case .unknownPolicyVersion(let id, let version):
      "decision \(id) was made by \(version), which this release does not know: replay it with a newer one"
    }
  }
}

extension FieldProblem {
  /// How to make a selection possible.
  fileprivate init(_ error: SelectionError, _ currency: Currency) {
    let amount = { (minorUnits: Int64) in
      FixedDecimal.text(Double(minorUnits) / Double(currency.minorUnitsPerMajor), decimals: currency.decimals)
    }
    switch error {
    case .noAds: self = AdError.noAdsProblem
    case .duplicateAd(let adID):
      self.init(field: "ad_states", value: adID.value, rule: "each ad may occur only once")
    case .totalOutOfRange(let total):
      self.init(
        field: "total_budget", value: amount(total),
        rule: "must be above 0 and at most \(amount(BattleHardenedSampler.largestTotal))")
    case .minimumBudgetsExceedTotal(let required, let total):
      self.init(
        field: "total_budget", value: amount(total),
        rule: "the minimum budgets alone need \(amount(required)) \(currency): "
          + "raise the total to that or more, or leave out or pause some ads")
    case .dnaScoreOutOfRange(let adID, let score):
      self.init(field: "creative_dna_scores.\(adID)", value: "\(score)", rule: "must be 0 to 1")
    case .dnaScoreWithoutAd(let adID):
      self.init(field: "creative_dna_scores.\(adID)", value: adID.value, rule: "must be one of the ads")
    }
  }
}
