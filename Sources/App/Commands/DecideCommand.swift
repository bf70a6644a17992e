import ArgumentParser
import DecisionEngine
import Features
import Formats
import Values

/// `decide`: splits a budget over an account's ads and keeps the decision.
struct DecideCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decide", abstract: "Split a daily budget over an account's ads, with reasons.")

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case table, json, csv
  }

  @OptionGroup var account: AccountOption
  @Option(help: "The total to split, in the account's currency.")
  var budget: Money
  @Option(help: "Decide as of the end of this day, YYYY-MM-DD by the account's calendar; else as of now.")
  var date: CalendarDay?
  @Option(help: "The seed of every draw, 0 to 2^53 - 1; the same seed gives the same decision.")
  var seed: UInt64?
  @Flag(name: .customLong("no-change-limit"), help: "Lift the account's limit on daily changes.")
  var noChangeLimit = false
  @Option(help: "How to print it: table, json or csv.")
  var format = Format.table
  @OptionGroup var database: DatabaseOption

  func validate() throws {
    if let seed { try SeedRule.check(seed) }
  }

  func run() async throws {
    try await reportingFailures {
      var order = DecisionService.Order(account: account.account, totalBudget: budget)
      order.day = date
      order.seed = seed
      order.limitsChange = !noChangeLimit
      let decided = try await database.system().decisions.decide(order)
      Console.print(DecisionRendering.text(decided, format))
    }
  }
}

/// A decision as a table, JSON or CSV.
enum DecisionRendering {
  static func text(_ decided: DecisionService.Decided, _ format: DecideCommand.Format) -> String {
    let rows = Rows(decided)
    switch format {
    case .table: return rows.table
    case .csv: return rows.csv
    case .json:
      let coding = SelectionCoding(configuration: decided.configuration, explains: false)
      return String(decoding: coding.write(decided.selection, decisionID: decided.id), as: UTF8.self)
    }
  }

  private struct Rows {
    private let decided: DecisionService.Decided
    private let currency: Currency
    private let reasons: Reasons

    init(_ decided: DecisionService.Decided) {
      self.decided = decided
      currency = decided.configuration.currency
      reasons = Reasons(decided.configuration.sampler().thresholds)
    }

    private static let columns = [
      "ad", "spend", "CTR", "pipeline ROAS", "CTR weight", "ROAS weight", "score", "decision", "current",
      "recommended", "change", "reason", "binding constraint",
    ]

    var table: String {
      var table = Table(Self.columns, rightAligned: Set(1...6).union(8...10))
      for recommendation in decided.selection.recommendations {
        var cells = cells(recommendation)
        if let name = decided.names[recommendation.ad.adID] { cells[0] += " " + name.prefix(32) }
        table.add(cells)
      }
      let allocated = amount(Double(decided.selection.allocatedBudget))
      var lines = [
        table.text, "",
        "Allocated \(allocated) of \(amount(Double(decided.selection.totalBudget))) \(currency) over "
          + "\(Grouped.text(decided.selection.recommendations.count)) ads by \(decided.selection.policyVersion), "
          + "seed \(decided.selection.seed).",
      ]
      if let note = Reasons.note(on: decided.selection, currency: currency) { lines.append("Note: \(note).") }
      lines.append("Why: geminivideo explain \(decided.id)")
      return lines.joined(separator: "\n")
    }

    var csv: String {
      ([Self.columns] + decided.selection.recommendations.map(cells)).map(CSVLine.text).joined(separator: "\n")
    }

    private func cells(_ recommendation: Recommendation) -> [String] {
      let score = recommendation.score
      return [
        recommendation.ad.adID.value, FixedDecimal.text(recommendation.ad.spend, decimals: 2),
        FixedDecimal.text(score.ctr * 100, decimals: 3) + " %", FixedDecimal.text(score.pipelineROAS, decimals: 2),
        FixedDecimal.text(score.ctrWeight, decimals: 2), FixedDecimal.text(score.roasWeight, decimals: 2),
        FixedDecimal.text(score.finalScore, decimals: 4), recommendation.verdict.decision.rawValue,
        amount(recommendation.currentBudget), amount(Double(recommendation.recommendedBudget)),
        recommendation.change.map { ($0 > 0 ? "+" : "") + FixedDecimal.text($0 * 100, decimals: 1) + " %" } ?? "new",
        reasons.reason(for: recommendation.verdict, ad: recommendation.ad).text,
        recommendation.bindingConstraint?.rawValue ?? "",
      ]
    }

    private func amount(_ minorUnits: Double) -> String {
      FixedDecimal.text(minorUnits / Double(currency.minorUnitsPerMajor), decimals: currency.decimals)
    }
  }
}
