import Formats
import Simulator
import Values

extension GraphView {
  /// Positions of the ads that belong to an object.
  func ads(below node: GraphNode) -> [Int] {
    switch node {
    case .account: Array(world.ads.indices)
    case .campaign(let position):
      world.campaigns[position].adSets.flatMap { world.adSets[$0].ads }.sorted()
    case .adSet(let position): world.adSets[position].ads
    case .ad(let position): [position]
    }
  }

  /// A page of insights. Rows without impressions are left out.
  func insights(_ query: InsightsQuery, _ call: GraphCall) throws(GraphError) -> JSONValue {
    let limit = try Self.limit(call)
    let after = try call.parameters["after"].map { text throws(GraphError) in try GraphCursor(text)
    }
    var rows: [(cursor: GraphCursor, json: JSONValue)] = []
    for node in try subjects(query) where node.position >= after?.first ?? 0 {
      let start = node.position == after?.first ? (after?.second ?? 0) + 1 : 0
      for position in query.periods.indices.dropFirst(start) {
        guard let row = row(node, query.periods[position], query.windows) else { continue }
        guard try query.filters.hold({ rowValue($0, row) }) else { continue }
        guard rows.count < limit else { return page(rows, hasMore: true, call) }
        rows.append((GraphCursor(node.position, position), row.json(query.fields)))
      }
    }
    return page(rows, hasMore: false, call)
  }

  private func page(
    _ rows: [(cursor: GraphCursor, json: JSONValue)], hasMore: Bool, _ call: GraphCall
  ) -> JSONValue {
    .present(
      Self.page(
        rows.map(\.json), first: rows.first?.cursor, last: rows.last?.cursor, hasMore: hasMore, call
      ))
  }

  /// What the rows are of. Ads that are archived or deleted are left out of rows of ads unless they are asked for.
  private func subjects(_ query: InsightsQuery) throws(GraphError) -> [GraphNode] {
    let ads = ads(below: query.node)
    switch query.level {
    case .account: return [.account]
    case .campaign:
      return Set(ads.map { world.adSets[world.ads[$0].adSet].campaign }).sorted().map {
        .campaign($0)
      }
    case .adset: return Set(ads.map { world.ads[$0].adSet }).sorted().map { .adSet($0) }
    case .ad:
      if query.node.isAd
        || query.filters.mentions("ad.effective_status", "ad.configured_status", "ad.id")
      {
        return ads.map { .ad($0) }
      }
      return ads.filter { !world.effectiveStatus(ofAd: $0).isGone }.map { .ad($0) }
    }
  }

  private func row(_ node: GraphNode, _ days: ClosedRange<CalendarDay>, _ windows: [String])
    -> InsightsRow?
  {
    let positions = ads(below: node)
    let first = days.lowerBound.daysSinceEpoch - world.firstDay.daysSinceEpoch
    let last = min(
      days.upperBound.daysSinceEpoch - world.firstDay.daysSinceEpoch, world.day(of: now))
    guard first <= last else { return nil }
    var sum = DayFigures()
    for position in positions {
      let own = max(first, world.ads[position].firstDay)
      guard own <= last else { continue }
      for day in own...last { sum += reported(position, on: day) }
    }
    guard sum.impressions > 0 else { return nil }
    let people =
      positions.reduce(0) { $0 + world.ads[$1].market.audience } / Self.impressionsPerPerson
    return InsightsRow(
      view: self, node: node, days: days, figures: sum, people: people, windows: windows)
  }

  /// What Meta says by now of an ad's day.
  private func reported(_ position: Int, on day: Int) -> DayFigures {
    let ad = world.ads[position]
    let figures = ad.figures(on: day)
    return restatement?.reported(figures, of: ad.head.id, day: day, age: world.day(of: now) - day)
      ?? figures
  }

  /// How often each person of an audience has seen an ad once that has begun to tire.
  private static let impressionsPerPerson = 20.0

  private func rowValue(_ field: String, _ row: InsightsRow) -> String? {
    switch field {
    case "impressions", "ad.impressions": "\(row.figures.impressions)"
    case "clicks": "\(row.figures.clicks)"
    case "spend", "ad.spend": "\(Money(minorUnits: row.figures.spend, of: world.settings.currency))"
    default: filterValue(field, of: row.node)
    }
  }
}

extension GraphNode {
  fileprivate var isAd: Bool {
    if case .ad = self { true } else { false }
  }
}
