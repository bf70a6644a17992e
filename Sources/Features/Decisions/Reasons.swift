import DecisionEngine
import Values

/// Decisions in a media buyer's words.
public enum Reasons {
  /// Why an ad is killed, scaled or maintained.
  public static func text(_ verdict: Verdict, ad: AdState, _ thresholds: DecisionThresholds) -> String {
    let name = verdict.mode == .pipeline ? "pipeline ROAS" : "cash ROAS"
    let roas = decimal(verdict.roas)
    switch verdict.rule {
    case .ignoranceZone:
      return "too early to judge: \(decimal(ad.daysLive)) days and \(decimal(ad.spend)) spent"
    case .tooLittleSpend:
      return "too little to judge: \(decimal(ad.spend)) of \(decimal(thresholds.minSpendForKill)) spent"
    case .belowKillThreshold:
      return "\(name) \(roas) is under \(decimal(thresholds.killROASThreshold))"
    case .aboveScaleThreshold:
      return "\(name) \(roas) is over \(decimal(thresholds.scaleROASThreshold))"
    case .betweenThresholds:
      return "\(name) \(roas) is neither under \(decimal(thresholds.killROASThreshold)) "
        + "nor over \(decimal(thresholds.scaleROASThreshold))"
    }
  }

  /// What keeps a selection's budgets from summing to the total, and what to do; nil where they sum to it.
  public static func text(_ selection: Selection, currency: Currency) -> String? {
    guard let shortfall = selection.shortfall else { return nil }
    let difference = selection.totalBudget - selection.allocatedBudget
    let amount = FixedDecimal.text(
      Double(difference.magnitude) / Double(currency.minorUnitsPerMajor), decimals: currency.decimals)
    return switch shortfall {
    case .maximumDailyIncrease:
      "the daily change limit leaves \(amount) \(currency) unspent: select again tomorrow, or lift the limit"
    case .maximumDailyDecrease, .minimumBudget:
      "the daily change limit keeps the budgets \(amount) \(currency) over the total: "
        + "select again tomorrow, or lift the limit"
    }
  }

  private static func decimal(_ value: Double) -> String {
    FixedDecimal.text(value, decimals: 2)
  }
}
