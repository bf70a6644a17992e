import Values

/// Keeps an account's ``FunnelTallies`` up to date, event by event: no event is ever read twice.
public struct FunnelHistory: Sendable {
  /// The counts so far.
  public private(set) var tallies: FunnelTallies
  private var paths: [String: DealPath] = [:]

  public init(funnel: SalesFunnel) {
    tallies = FunnelTallies(funnel: funnel)
  }

  /// Applies a day's report, which replaces an earlier one for the same ad and day.
  public mutating func take(_ report: AdDay) {
    tallies.take(report)
  }

  /// Applies an event of a deal. Order does not matter, and an event that was applied before changes nothing.
  public mutating func take(_ event: DealEvent) {
    var path = paths[event.dealID] ?? DealPath()
    tallies.count(path, -1)
    path.take(event)
    tallies.count(path, 1)
    paths[event.dealID] = path
  }
}
