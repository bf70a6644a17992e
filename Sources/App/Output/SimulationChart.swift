import DecisionEngine
import Formats
import Simulator
import Values

/// A simulation's report as an SVG chart: each policy's share of the clairvoyant's revenue over the days.
struct SimulationChart {
  private let world: WorldReport
  private let rows: [SimulationReport.Row]
  private let days: Int
  /// The axis of shares ends at these tenths.
  private let lowest: Int
  private let highest: Int

  init(_ world: WorldReport) {
    self.world = world
    rows = world.report.rows.filter { $0.contestant != .clairvoyant }.sorted { $0.share.mean > $1.share.mean }
    days = rows.map(\.weeklyShares.count).max() ?? 1
    let shares = rows.flatMap(\.weeklyShares)
    lowest = min(Int(clamping: ((shares.min() ?? 0) * 10).rounded(.down)), 9)
    highest = max(Int(clamping: ((shares.max() ?? 1) * 10).rounded(.up)), 10)
  }

  /// The place of the plot on the page, in pixels.
  private enum Page {
    static let (width, height) = (1_120, 560)
    static let (left, right, top, bottom) = (70.0, 760.0, 84.0, 500.0)
    static let legendLine = 26.0
  }

  var svg: String {
    ([opening, title] + shareAxis + dayAxis + rows.map(line) + legend + ["</svg>", ""]).joined(separator: "\n")
  }

  private var opening: String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" width="\(Page.width)" height="\(Page.height)" \
    viewBox="0 0 \(Page.width) \(Page.height)" font-family="Helvetica, Arial, sans-serif" font-size="13" fill="#222222">
    <rect width="\(Page.width)" height="\(Page.height)" fill="#ffffff"/>
    """
  }

  private var title: String {
    """
    <text x="\(Self.text(Page.left))" y="34" font-size="19" font-weight="bold">Revenue as a share of the \
    clairvoyant's, by day</text>
    <text x="\(Self.text(Page.left))" y="57" fill="#555555">\(SimulationTable.title(world)); \
    each point is the week up to that day, in the mean over seeds</text>
    """
  }

  private var shareAxis: [String] {
    (lowest...highest).map { tenth in
      let y = Self.text(y(Double(tenth) / 10))
      let stroke = tenth == 10 ? "stroke=\"#222222\" stroke-dasharray=\"2 3\"" : "stroke=\"#dddddd\""
      return """
        <line x1="\(Self.text(Page.left))" y1="\(y)" x2="\(Self.text(Page.right))" y2="\(y)" \(stroke)/>
        <text x="\(Self.text(Page.left - 10))" y="\(y)" dy="4" text-anchor="end">\(tenth * 10) %</text>
        """
    }
  }

  private var dayAxis: [String] {
    let step = days > 120 ? 30 : days > 20 ? 10 : 1
    let marks = stride(from: step, through: days, by: step).map { day in
      let x = Self.text(x(day - 1))
      return """
        <line x1="\(x)" y1="\(Self.text(Page.bottom))" x2="\(x)" y2="\(Self.text(Page.bottom + 6))" stroke="#222222"/>
        <text x="\(x)" y="\(Self.text(Page.bottom + 22))" text-anchor="middle">\(day)</text>
        """
    }
    let middle = Self.text((Page.left + Page.right) / 2)
    return marks + [
      """
      <line x1="\(Self.text(Page.left))" y1="\(Self.text(Page.bottom))" x2="\(Self.text(Page.right))" \
      y2="\(Self.text(Page.bottom))" stroke="#222222"/>
      <text x="\(middle)" y="\(Self.text(Page.bottom + 44))" text-anchor="middle">day</text>
      """
    ]
  }

  private func line(_ row: SimulationReport.Row) -> String {
    let points = row.weeklyShares.enumerated().map { day, share in
      "\(Self.text(x(day))),\(Self.text(y(share)))"
    }
    return "<polyline points=\"\(points.joined(separator: " "))\" fill=\"none\" \(Style(row.contestant).stroke)/>"
  }

  private var legend: [String] {
    let left = Page.right + 24
    let heading = """
      <text x="\(Self.text(left))" y="\(Self.text(Page.top + 4))" font-weight="bold">share over all days, ± 95 % interval</text>
      """
    return [heading]
      + rows.enumerated().map { position, row in
        let y = Page.top + Page.legendLine * Double(position + 1)
        return """
          <line x1="\(Self.text(left))" y1="\(Self.text(y))" x2="\(Self.text(left + 30))" y2="\(Self.text(y))" \
          \(Style(row.contestant).stroke)/>
          <text x="\(Self.text(left + 38))" y="\(Self.text(y))" dy="4">\(row.contestant.name) \(Self.percent(row.share))</text>
          """
      }
  }

  private func x(_ day: Int) -> Double {
    Page.left + (Page.right - Page.left) * Double(day) / Double(max(days - 1, 1))
  }

  private func y(_ share: Double) -> Double {
    let height = (share * 10 - Double(lowest)) / Double(highest - lowest)
    return Page.bottom - (Page.bottom - Page.top) * height
  }

  private static func percent(_ estimate: Estimate) -> String {
    let margin = estimate.margin.map { " ± " + FixedDecimal.text($0 * 100, decimals: 1) } ?? ""
    return FixedDecimal.text(estimate.mean * 100, decimals: 1) + margin + " %"
  }

  private static func text(_ pixels: Double) -> String {
    FixedDecimal.text(pixels, decimals: 1)
  }
}

/// How a contestant's line is drawn. The colours can be distinguished by colour-blind readers, the dashes by everybody.
///
/// Source: M. Okabe, K. Ito, "Color Universal Design" (2008), without the yellow, which is hard to see on white.
private struct Style {
  let stroke: String

  init(_ contestant: Contestant) {
    let (colour, width, dashes): (String, Double, String?) =
      switch contestant {
      case .clairvoyant: ("#222222", 1, "2 3")
      case .policy(.lagAware): ("#0072b2", 3.5, nil)
      case .policy(.battleHardened): ("#d55e00", 2.5, nil)
      case .policy(.evenSplit): ("#888888", 2, nil)
      case .policy(.thompsonClosedDeals): ("#e69f00", 2, "8 3")
      case .policy(.thompsonSyntheticRevenue): ("#009e73", 2, nil)
      case .policy(.topTwoThompson): ("#56b4e9", 2, nil)
      case .policy(.epsilonGreedy): ("#cc79a7", 2, "8 3")
      case .policy(.ucb1): ("#000000", 1.5, "3 3")
      case .policy(.costPerLead): ("#cc79a7", 2, nil)
      }
    stroke =
      "stroke=\"\(colour)\" stroke-width=\"\(FixedDecimal.text(width, decimals: 1))\" stroke-linejoin=\"round\""
      + (dashes.map { " stroke-dasharray=\"\($0)\"" } ?? "")
  }
}
