import DecisionEngine
import Formats
import Values

extension APIError {
  /// 422 that tells how a selection could be made.
  init(_ error: SelectionError, currency: Currency) {
    let amount = { (minorUnits: Int64) in
      FixedDecimal.text(Double(minorUnits) / Double(currency.minorUnitsPerMajor), decimals: currency.decimals)
    }
    switch error {
    case .noAds:
      self = .invalid(field: "ad_states", value: "no ads", rule: "at least one ad is needed; import figures first")
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
