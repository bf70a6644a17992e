import DecisionEngine
import Formats
import Measurement
import Values
import Web

extension APIError {
  /// 404 for a decision of which only what the audit needs is left.
  init(_ removed: RemovedDecision) {
    self.init(
      .notFound, "decision_removed",
      "decision \(removed.id) split \(removed.totalBudget) by \(removed.policyVersion) at \(removed.decidedAt); what "
        + "went into it was removed at \(removed.removedAt), because decisions are kept for a limited time")
  }

  /// 422 that tells how a selection could be made.
  init(_ error: SelectionError, currency: Currency) {
    let amount = { (minorUnits: Int64) in
      FixedDecimal.text(Double(minorUnits) / Double(currency.minorUnitsPerMajor), decimals: currency.decimals)
    }
    switch error {
    case .noAds: self = .noAds
    case .duplicateAd(let adID):
      self = .invalid(field: "ad_states", value: adID.value, rule: "each ad may stand there once")
    case .totalOutOfRange(let total):
      self = .invalid(
        field: "total_budget", value: amount(total),
        rule: "must be over 0 and at most \(amount(BattleHardenedSampler.largestTotal))")
    case .minimumBudgetsExceedTotal(let required, let total):
      self = .invalid(
        field: "total_budget", value: amount(total),
        rule: "the minimum budgets alone need \(amount(required)) \(currency): "
          + "raise the total to that or more, or leave out or pause some ads")
    case .dnaScoreOutOfRange(let adID, let score):
      self = .invalid(field: "creative_dna_scores.\(adID)", value: "\(score)", rule: "must be 0 to 1")
    case .dnaScoreWithoutAd(let adID):
      self = .invalid(
        field: "creative_dna_scores.\(adID)", value: adID.value, rule: "must be one of the ads")
    }
  }
}
