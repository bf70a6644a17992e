import Values

/// A trial's days as printed: one line each, in columns of fixed width, because later days are not known yet.
struct TrialTable {
  private static let columns: [(title: String, width: Int)] = [
    ("day", 10), ("spent", 10), ("leads", 6), ("sales", 6), ("pipeline", 12), ("changes", 8), ("budgets/day", 12),
    ("expected", 12), ("profit", 12), ("even split's", 12), ("gained", 10),
  ]

  /// What the columns mean.
  static let legend = """
    pipeline: the worth of open and won deals by their stages, as recorded by the product.
    changes: what it changed at the platform on that day, within its limits.
    expected: the expected revenue of everything spent since the first day, most of it from deals that
    have not closed yet. Only the sandbox knows it. Minus the spend it is the profit; beside it is that of the same
    world in which nobody changes a budget.
    """

  static var header: String { line(columns.map(\.title)) }

  static func line(_ day: TrialDays.Day) -> String {
    line([
      "\(day.day)", Grouped.text(day.spend), "\(day.leads)", "\(day.wonDeals)", Grouped.text(day.pipeline),
      "\(day.changes)", Grouped.text(day.budget), Grouped.text(day.expected), Grouped.text(day.profit),
      Grouped.text(day.untouchedProfit),
      Grouped.text(day.profit.subtracting(day.untouchedProfit) ?? .zero),
    ])
  }

  private static func line(_ cells: [String]) -> String {
    zip(cells, columns).map { cell, column in
      String(repeating: " ", count: max(0, column.width - cell.count)) + cell
    }.joined(separator: " ")
  }
}
