import Accounts
import DecisionEngine
import Decisions
import Formats
import Measurement
import Values

/// A decision as a table, JSON or CSV.
enum DecisionRendering {
  static func text(_ decided: DecisionService.Decided, _ format: DecideCommand.Format) -> String {
    switch format {
    case .table: return table(decided)
    case .csv: return csv(decided)
    case .json: return String(decoding: decided.answer, as: UTF8.self)
    }
  }

  private static func table(_ decided: DecisionService.Decided) -> String {
    let rows = DecisionRows(decided)
    let amount = { (minorUnits: Int64) in rows.amount(Double(minorUnits)) }
    var table = Table(rows.columns, rightAligned: rows.rightAligned)
    for (adID, cells) in rows.rows {
      var cells = cells
      if let name = decided.names[adID] { cells[0] += " " + name.prefix(32) }
      table.add(cells)
    }
    let currency = decided.configuration.currency
    let selection = decided.selection
    var lines = [
      table.text, "",
      "Allocated \(amount(selection.allocatedBudget)) of \(amount(selection.totalBudget)) \(currency) over "
        + "\(Grouped.text(rows.rows.count)) ads by \(selection.policyVersion), seed \(selection.seed).",
    ]
    if let basis = decided.basis { lines.append(Self.text(basis)) }
    if let note = note(on: decided) { lines.append("Note: \(note).") }
    if let basis = decided.basis, !basis.leftOut.isEmpty {
      lines.append("Left out, and why: geminivideo ads list --account \(decided.id.accountID)")
    }
    lines.append("Why: geminivideo explain \(decided.id)")
    return lines.joined(separator: "\n")
  }

  /// What must be shown with the budgets; nil for nothing.
  static func note(on decided: DecisionService.Decided) -> String? {
    Reasons.note(on: decided.selection, decided.basis, currency: decided.configuration.currency)
  }

  /// Which day's figures a decision is based on.
  static func text(_ basis: DecisionBasis) -> String {
    let deals = basis.dealsAsOf.map { ", deals as of \($0)" } ?? ", no deals"
    return "Figures as of \(basis.figuresAsOf)\(deals)."
  }

  private static func csv(_ decided: DecisionService.Decided) -> String {
    let rows = DecisionRows(decided)
    return ([rows.columns] + rows.rows.map(\.cells)).map(CSVLine.text).joined(separator: "\n")
  }
}

/// A decision's recommendations as rows of text.
private struct DecisionRows {
  let columns: [String]
  let rightAligned: Set<Int>
  private(set) var rows: [(adID: AdID, cells: [String])] = []
  private let currency: Currency

  init(_ decided: DecisionService.Decided) {
    currency = decided.configuration.currency
    switch decided.selection {
    case .battleHardened(let selection):
      columns = [
        "ad", "spend", "CTR", "pipeline ROAS", "CTR weight", "ROAS weight", "score", "verdict", "judgement",
        "current",
        "recommended", "change", "reason", "binding constraint",
      ]
      rightAligned = Set(1...6).union(9...11)
      let reasons = Reasons(decided.configuration.sampler().thresholds)
      rows = selection.recommendations.map { ($0.ad.adID, cells($0, reasons)) }
    case .lagAware(let selection):
      columns = [
        "ad", "spend", "deals", "waiting", "won", "marginal ROAS", "90 % range", "verdict", "judgement", "current",
        "recommended", "change", "binding constraint",
      ]
      rightAligned = Set(1...6).union(9...11)
      rows = selection.recommendations.map { ($0.adID, cells($0)) }
    }
  }

  func amount(_ minorUnits: Double) -> String {
    decimal(minorUnits / Double(currency.minorUnitsPerMajor), currency.decimals)
  }

  private func cells(_ recommendation: Recommendation, _ reasons: Reasons) -> [String] {
    let score = recommendation.score
    return [
      recommendation.ad.adID.value, decimal(recommendation.ad.spend), decimal(score.ctr * 100, 3) + " %",
      decimal(score.pipelineROAS), decimal(score.ctrWeight), decimal(score.roasWeight), decimal(score.finalScore, 4),
      recommendation.verdict.rawValue, recommendation.judgement.decision.rawValue,
      amount(recommendation.currentBudget),
      amount(Double(recommendation.recommendedBudget)), change(recommendation.change),
      reasons.reason(for: recommendation).text,
      recommendation.bindingConstraint?.rawValue ?? "",
    ]
  }

  private func cells(_ recommendation: LagAwareRecommendation) -> [String] {
    let outlook = recommendation.outlook
    let known = outlook.known
    return [
      recommendation.adID.value, decimal(known.spend), "\(known.deals)", "\(known.waitingDeals)", "\(known.wonDeals)",
      decimal(outlook.marginalReturn), "\(decimal(outlook.marginalLow)) to \(decimal(outlook.marginalHigh))",
      recommendation.verdict.rawValue, recommendation.judgement.rawValue, amount(recommendation.currentBudget),
      amount(Double(recommendation.recommendedBudget)), change(recommendation.change),
      recommendation.bindingConstraint?.rawValue ?? (recommendation.onProbation ? "kept alive" : ""),
    ]
  }

  private func change(_ change: Double?) -> String {
    change.map { ($0 > 0 ? "+" : "") + decimal($0 * 100, 1) + " %" } ?? "new"
  }

  private func decimal(_ value: Double, _ decimals: Int = 2) -> String {
    FixedDecimal.text(value, decimals: decimals)
  }
}
