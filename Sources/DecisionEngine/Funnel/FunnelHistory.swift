import Values

/// Keeps an account's ``FunnelTallies`` up to date, event by event: no event is ever read twice.
public struct FunnelHistory: Sendable {
  /// The counts so far.
  public private(set) var tallies: FunnelTallies
  private var paths: [String: DealPath] = [:]

  /// Starts with nothing known.
  public init(funnel: SalesFunnel) {
    tallies = FunnelTallies(funnel: funnel)
  }

  /// Takes in a day's report, in place of an earlier one of the same ad and day.
  public mutating func take(_ report: AdDay) {
    tallies.take(report)
  }

  /// Takes in an event of a deal. Order does not matter, and an event that is known already changes nothing.
  public mutating func take(_ event: DealEvent) {
    var path = paths[event.dealID] ?? DealPath()
    tallies.count(path, -1)
    path.take(event)
    tallies.count(path, 1)
    paths[event.dealID] = path
  }
}
