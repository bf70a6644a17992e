import DecisionEngine
import Formats
import Measurement
import Values

/// Decisions explained in a media buyer's terms, with one account's thresholds.
///
/// Most of each sentence is the same for every ad, so it is assembled once.
///
/// These sentences are part of stored results: whoever changes one makes stored decisions replay differently.
package struct Reasons: Sendable {
  private let roasName: String
  /// ``roasName`` after the judgement.
  private let judgedName: (kill: String, scale: String, maintain: String)
  private let belowKill: String
  private let aboveScale: String
  private let between: String
  private let tooLittle: String

  /// Assembles the common parts.
  package init(_ thresholds: DecisionThresholds) {
    let (kill, scale) = (thresholds.killROASThreshold, thresholds.scaleROASThreshold)
    roasName = thresholds.mode == .pipeline ? "pipeline ROAS " : "cash ROAS "
    judgedName = (
      kill: "judged kill: " + roasName, scale: "judged scale: " + roasName, maintain: "judged maintain: " + roasName
    )
    belowKill = " is under \(Self.decimal(kill))"
    aboveScale = " is over \(Self.decimal(scale))"
    between = " is neither under \(Self.decimal(kill)) nor over \(Self.decimal(scale))"
    tooLittle = " of \(Self.decimal(thresholds.minSpendForKill)) spent"
  }

  /// A sentence with one number, which has two decimals.
  package struct Reason: Sendable {
    /// The text before the number.
    package let before: String
    package let figure: Double
    /// The text after the number.
    package let after: String

    /// The whole sentence.
    package var text: String { before + Reasons.decimal(figure) + after }
  }

  /// Why an ad gets its budget: how it compares with the thresholds, and what limited its budget.
  package func reason(for recommendation: Recommendation) -> Reason {
    let judgement = recommendation.judgement
    let why = reason(for: judgement, ad: recommendation.ad)
    let before =
      switch judgement.rule {
      case .belowKillThreshold: judgedName.kill
      case .aboveScaleThreshold: judgedName.scale
      case .betweenThresholds: judgedName.maintain
      case .ignoranceZone, .tooLittleSpend: why.before
      }
    let pressure = Self.pressure(on: recommendation.bindingConstraint)
    return Reason(before: before, figure: why.figure, after: pressure.isEmpty ? why.after : why.after + pressure)
  }

  /// An addition for an ad whose budget is reduced because of the total; empty for any other.
  static func pressure(on constraint: BindingConstraint?) -> String {
    constraint == .totalBudget ? "; cut below the daily change limit, because the total does not suffice for all" : ""
  }

  /// Why an ad is judged kill, scale or maintain.
  package func reason(for judgement: Judgement, ad: AdState) -> Reason {
    switch judgement.rule {
    case .ignoranceZone:
      Reason(
        before: "too early to judge: \(Self.decimal(ad.daysLive)) days and ", figure: ad.spend, after: " spent")
    case .tooLittleSpend: Reason(before: "too little to judge: ", figure: ad.spend, after: tooLittle)
    case .belowKillThreshold: Reason(before: roasName, figure: judgement.roas, after: belowKill)
    case .aboveScaleThreshold: Reason(before: roasName, figure: judgement.roas, after: aboveScale)
    case .betweenThresholds: Reason(before: roasName, figure: judgement.roas, after: between)
    }
  }

  /// What keeps a selection's budgets from summing to the total, or within the ads' limits, and what to do; how old its
  /// figures are, and which ads it left out; nil for nothing.
  package static func note(on selection: BudgetSelection, _ basis: DecisionBasis?, currency: Currency) -> String? {
    var notes = [shortfallNote(on: selection, currency: currency), pressureNote(on: selection), basis?.note]
      .compactMap { $0 }
    if case .lagAware(let selection) = selection, let gaps = LagAwareReasons.gaps(of: selection) { notes.append(gaps) }
    return notes.isEmpty ? nil : notes.joined(separator: "; ")
  }

  private static func pressureNote(on selection: BudgetSelection) -> String? {
    let count = selection.adsPressedByTheTotal
    guard count > 0 else { return nil }
    return
      "the total is less than the daily change limit would leave the ads: \(count) of \(selection.adCount) are "
      + "cut below it, those judged kill first, then those that shrink anyway"
  }

  private static func shortfallNote(on selection: BudgetSelection, currency: Currency) -> String? {
    guard let shortfall = selection.shortfall else { return nil }
    let difference = selection.totalBudget - selection.allocatedBudget
    let amount = FixedDecimal.text(
      Double(difference.magnitude) / Double(currency.minorUnitsPerMajor), decimals: currency.decimals)
    return switch shortfall {
    case .maximumDailyIncrease:
      "the daily change limit leaves \(amount) \(currency) unspent: select again tomorrow, or lift the limit"
    case .maximumDailyDecrease, .minimumBudget, .totalBudget:
      "the daily change limit keeps the budgets \(amount) \(currency) over the total: "
        + "select again tomorrow, or lift the limit"
    }
  }

  fileprivate static func decimal(_ value: Double) -> String {
    FixedDecimal.text(value, decimals: 2)
  }
}
