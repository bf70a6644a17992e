import DecisionEngine
import Formats
import Values

/// Decisions in a media buyer's words, under one account's thresholds.
///
/// Most of each sentence is the same for every ad, so it is put together once.
public struct Reasons: Sendable {
  private let roasName: String
  private let belowKill: String
  private let aboveScale: String
  private let between: String
  private let tooLittle: String

  /// Prepares the sentences.
  public init(_ thresholds: DecisionThresholds) {
    let (kill, scale) = (thresholds.killROASThreshold, thresholds.scaleROASThreshold)
    roasName = thresholds.mode == .pipeline ? "pipeline ROAS " : "cash ROAS "
    belowKill = " is under \(Self.decimal(kill))"
    aboveScale = " is over \(Self.decimal(scale))"
    between = " is neither under \(Self.decimal(kill)) nor over \(Self.decimal(scale))"
    tooLittle = " of \(Self.decimal(thresholds.minSpendForKill)) spent"
  }

  /// Why an ad is killed, scaled or maintained.
  public func text(_ verdict: Verdict, ad: AdState) -> String {
    switch verdict.rule {
    case .ignoranceZone:
      "too early to judge: \(Self.decimal(ad.daysLive)) days and \(Self.decimal(ad.spend)) spent"
    case .tooLittleSpend: "too little to judge: " + Self.decimal(ad.spend) + tooLittle
    case .belowKillThreshold: roasName + Self.decimal(verdict.roas) + belowKill
    case .aboveScaleThreshold: roasName + Self.decimal(verdict.roas) + aboveScale
    case .betweenThresholds: roasName + Self.decimal(verdict.roas) + between
    }
  }

  /// What keeps a selection's budgets from summing to the total, and what to do; nil where they sum to it.
  public static func note(on selection: Selection, currency: Currency) -> String? {
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
