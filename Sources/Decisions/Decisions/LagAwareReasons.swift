import DecisionEngine
import Formats

/// Lag-aware decisions explained in a media buyer's terms.
///
/// These sentences are part of stored results: whoever changes one makes stored decisions replay differently.
package enum LagAwareReasons {
  /// Why an ad gets its budget: its outlook, how it compares with the thresholds, and what limited its budget.
  package static func reason(for recommendation: LagAwareRecommendation) -> String {
    outlook(of: recommendation) + "; judged \(recommendation.judgement.rawValue)"
      + Reasons.pressure(on: recommendation.bindingConstraint)
  }

  /// The return of the next unit, the evidence, and the waiting deals.
  package static func outlook(of recommendation: LagAwareRecommendation) -> String {
    let outlook = recommendation.outlook
    let known = outlook.known
    var text =
      "1.00 more a day should bring back \(decimal(outlook.marginalReturn)) "
      + "(\(decimal(outlook.marginalLow)) to \(decimal(outlook.marginalHigh)))"
    if known.deals > 0 {
      text += "; of \(count(known.deals, "deal")) \(known.wonDeals) won, \(known.waitingDeals) waiting"
    } else if known.impressions == 0 {
      text += "; nothing known of it yet but the account's other ads"
    }
    if recommendation.onProbation {
      text += "; kept alive, as it may deserve a tenth of the budget (chance \(percent(recommendation.worthyChance)))"
    }
    return text
  }

  /// What a selection made from totals alone could not take into account; nil for one made from history.
  package static func gaps(of selection: LagAwareSelection) -> String? {
    guard selection.ground == .totals else { return nil }
    return "made from totals alone: it could not know how old deals are and which may yet move, how often each stage "
      + "leads to the next, how fast ads wear out, nor how delivery strains with spend; import daily figures and deals"
  }

  private static func decimal(_ value: Double) -> String { FixedDecimal.text(value, decimals: 2) }

  private static func percent(_ share: Double) -> String { FixedDecimal.text(share * 100, decimals: 0) + " %" }

  private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
