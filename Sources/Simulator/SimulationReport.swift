import DecisionEngine

/// The results of contestants in one world over many seeds.
package struct SimulationReport: Sendable {
  /// One contestant's figures.
  package struct Row: Sendable {
    /// Who.
    package let contestant: Contestant
    /// ``SimulationOutcome/share``.
    package let share: Estimate
    /// ``SimulationOutcome/waste``.
    package let waste: Estimate
    /// ``SimulationOutcome/falseKills``.
    package let falseKills: Estimate
    /// The share less that of `battle_hardened` with the same seed; nil for itself and where it did not run.
    package let difference: Estimate?
    /// That difference as a share of the share of `battle_hardened`, seed by seed.
    package let gain: Estimate?
    /// The share of `lag_aware` less this one with the same seed; nil for itself and where it did not run.
    package let lagAwareLead: Estimate?
    /// The day, from 1, by which half of the seeds or more were ready; nil for never.
    package let medianReadyDay: Int?
    /// ``SimulationOutcome/weeklyShares``, in the mean over seeds.
    package let weeklyShares: [Double]
  }

  /// The seeds, in the order they were given.
  package let seeds: [UInt64]
  /// The contestants, in the order they were given.
  package let rows: [Row]

  /// Takes ``Simulation/run(world:seed:policies:)``'s answers for one world, one for each seed.
  ///
  /// Nil where there is none, or where they do not have the same contestants in the same order.
  package init?(_ runs: [[SimulationOutcome]]) {
    guard let first = runs.first, !first.isEmpty,
      runs.allSatisfy({ $0.map(\.contestant) == first.map(\.contestant) })
    else { return nil }
    seeds = runs.map { $0[0].seed }
    let columns = first.indices.map { position in runs.map { $0[position] } }
    func shares(of policy: PolicyName) -> [Double]? {
      first.firstIndex { $0.contestant == .policy(policy) }.map { columns[$0].map(\.share) }
    }
    let (reference, lagAware) = (shares(of: .battleHardened), shares(of: .lagAware))
    rows = columns.compactMap { Row($0, reference: reference, lagAware: lagAware) }
  }
}

extension SimulationReport.Row {
  /// Takes one contestant's outcomes and, in the same order of seeds, the shares it is compared with.
  init?(_ outcomes: [SimulationOutcome], reference: [Double]?, lagAware: [Double]?) {
    let shares = outcomes.map(\.share)
    guard let first = outcomes.first, let share = Estimate(shares), let waste = Estimate(outcomes.map(\.waste)),
      let falseKills = Estimate(outcomes.map(\.falseKills))
    else { return nil }
    contestant = first.contestant
    self.share = share
    self.waste = waste
    self.falseKills = falseKills
    let others = contestant == .policy(.battleHardened) ? nil : reference
    difference = others.flatMap { Estimate(zip(shares, $0).map { $0 - $1 }) }
    gain = others.flatMap { Estimate(zip(shares, $0).map { $0 / $1 - 1 }) }
    lagAwareLead =
      contestant == .policy(.lagAware) ? nil : lagAware.flatMap { Estimate(zip($0, shares).map { $0 - $1 }) }
    medianReadyDay = Self.median(outcomes.map(\.readyDay))
    weeklyShares = Self.means(outcomes.map(\.weeklyShares))
  }

  /// The lower median, where nil is later than every day.
  private static func median(_ days: [Int?]) -> Int? {
    let sorted = days.sorted { ($0 ?? .max) < ($1 ?? .max) }
    return sorted[(sorted.count - 1) / 2]
  }

  private static func means(_ lines: [[Double]]) -> [Double] {
    let length = lines.map(\.count).min() ?? 0
    return (0..<length).map { day in lines.reduce(0) { $0 + $1[day] } / Double(lines.count) }
  }
}
