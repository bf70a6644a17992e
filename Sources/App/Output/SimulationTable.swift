import DecisionEngine
import Formats
import Simulator
import Values

/// A simulation's report as a table.
enum SimulationTable {
  private static let columns = [
    "policy", "share of clairvoyant", "gain over battle_hardened", "lead of lag_aware, points", "waste",
    "false kills", "80 % reached on day",
  ]

  static func text(_ world: WorldReport) -> String {
    var table = Table(columns, rightAligned: Set(1...6))
    for row in world.report.rows { table.add(cells(row)) }
    let note = world.report.seeds.count > 1 ? "; ± is the 95 % interval" : ""
    return [title(world) + note, "", table.text].joined(separator: "\n")
  }

  /// The world and its seeds in words.
  static func title(_ world: WorldReport) -> String {
    let (parameters, seeds) = (world.world.parameters, world.report.seeds)
    return "World \(world.world.rawValue): \(parameters.days) days, \(parameters.adCount) ads, "
      + "\(Grouped.text(Int(clamping: parameters.dailyBudget))) a day; "
      + (seeds.count == 1 ? "seed \(seeds[0])" : "\(Grouped.text(seeds.count)) seeds from \(seeds[0])")
  }

  private static func cells(_ row: SimulationReport.Row) -> [String] {
    [
      row.contestant.name, percent(row.share), row.gain.map { percent($0, signed: true) } ?? "",
      row.lagAwareLead.map { points($0) } ?? "", percent(row.waste), percent(row.falseKills, decimals: 2),
      row.medianReadyDay.map(String.init) ?? "never",
    ]
  }

  private static func percent(_ estimate: Estimate, decimals: Int = 1, signed: Bool = false) -> String {
    number(estimate.mean, decimals, signed: signed) + " %" + margin(estimate, decimals)
  }

  private static func points(_ estimate: Estimate) -> String {
    number(estimate.mean, 1, signed: true) + margin(estimate, 1)
  }

  private static func margin(_ estimate: Estimate, _ decimals: Int) -> String {
    estimate.margin.map { " ± " + number($0, decimals) } ?? ""
  }

  private static func number(_ value: Double, _ decimals: Int, signed: Bool = false) -> String {
    (signed && value > 0 ? "+" : "") + FixedDecimal.text(value * 100, decimals: decimals)
  }
}
