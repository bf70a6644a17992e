import Values

/// What a world's ads have come to, all that happened before its clock began included.
package struct SandboxFigures: Hashable, Sendable {
  /// What was spent.
  package let spend: Money
  /// How many people asked to be called.
  package let leads: Int
  /// How many deals were won so far.
  package let wonDeals: Int
  /// What those brought.
  package let revenue: Money
  /// What all deals that there are will have brought once each has been won or lost.
  package let eventualRevenue: Money
  /// What was to be expected of the spend by the market's own chances, which does not hang on luck.
  package let expectedRevenue: Money

  /// What was to be expected of the spend, less the spend.
  package var expectedProfit: Money { Self.difference(expectedRevenue, spend) }

  /// What came since `earlier`.
  package func since(_ earlier: SandboxFigures) -> SandboxFigures {
    SandboxFigures(
      spend: Self.difference(spend, earlier.spend), leads: leads - earlier.leads,
      wonDeals: wonDeals - earlier.wonDeals, revenue: Self.difference(revenue, earlier.revenue),
      eventualRevenue: Self.difference(eventualRevenue, earlier.eventualRevenue),
      expectedRevenue: Self.difference(expectedRevenue, earlier.expectedRevenue))
  }

  /// A world's amounts are far from where one of them would not fit.
  private static func difference(_ amount: Money, _ other: Money) -> Money { amount.subtracting(other) ?? .zero }

  private init(
    spend: Money, leads: Int, wonDeals: Int, revenue: Money, eventualRevenue: Money, expectedRevenue: Money
  ) {
    self.spend = spend
    self.leads = leads
    self.wonDeals = wonDeals
    self.revenue = revenue
    self.eventualRevenue = eventualRevenue
    self.expectedRevenue = expectedRevenue
  }

  init(_ world: AdWorld) {
    let amount = { (minorUnits: Int64) in Money(minorUnits: minorUnits, of: world.settings.currency) }
    var figures = DayFigures()
    for ad in world.ads { for day in ad.days { figures += day } }
    spend = amount(figures.spend)
    leads = Int(clamping: figures.leads)
    wonDeals = world.ads.reduce(0) { $0 + $1.wonDeals }
    revenue = amount(world.ads.reduce(0) { $0 + $1.revenue })
    eventualRevenue = amount(world.ads.reduce(0) { $0 + $1.eventualRevenue })
    expectedRevenue = amount(Int64(clamping: world.ads.reduce(0) { $0 + $1.expectedRevenue }.rounded()))
  }
}

extension Sandbox {
  /// The changes that were asked for, oldest first, of programs and people.
  package var changes: ChangeLog { current { state, _ in state.world.changes } }

  /// Has other faults happen from now on.
  package func set(_ faults: FaultRates) {
    current { state, _ in
      state.graphFaults.set(faults)
      state.portalFaults.set(faults)
      state.handEdits.rate = faults.rate(.handEdit)
    }
  }

  /// What the world has come to, and the same world in which nobody changed anything.
  package var figures: (world: SandboxFigures, untouched: SandboxFigures) {
    current { state, _ in (SandboxFigures(state.world), SandboxFigures(state.untouched)) }
  }

  /// The sum of the daily budgets of all campaigns and ad sets that are switched on.
  package var dailyBudget: Money {
    current { state, _ in Money(minorUnits: state.world.dailyBudget, of: state.world.settings.currency) }
  }
}
