import DecisionEngine

/// A participant in a simulation.
package enum Contestant: Hashable, Sendable {
  /// The benchmark, which knows what no policy can know.
  case clairvoyant
  case policy(PolicyName)

  /// The name, such as `lag_aware`.
  package var name: String {
    switch self {
    case .clairvoyant: "clairvoyant"
    case .policy(let name): name.rawValue
    }
  }
}

/// The result of one contestant in one world, compared with the clairvoyant in the same world.
package struct SimulationOutcome: Hashable, Sendable {
  /// Who.
  package let contestant: Contestant
  /// The world's seed.
  package let seed: UInt64
  /// Expected revenue as a share of the clairvoyant's, 0 or more; a far-sighted policy may exceed 1.
  package let share: Double
  /// Share of the spend on ads to which the clairvoyant gave less than 1 % that day, in 0...1.
  package let waste: Double
  /// Of the ad-days on which the clairvoyant gave 10 % or more, the share on which the contestant gave less than 1 %,
  /// in 0...1.
  package let falseKills: Double
  /// Day by day, the share of the clairvoyant's revenue over that day and the 6 before it, as far as there are any.
  package let weeklyShares: [Double]
  /// The first day, from 1, at whose end a full week's share is 80 % or more; nil where none is.
  package let readyDay: Int?

  /// The weekly share from which a contestant counts as ready.
  package static let readyShare = 0.8
}

extension SimulationOutcome {
  /// Compares a run with the clairvoyant's through the same world.
  init(_ contestant: Contestant, _ run: SimulationRun, best: SimulationRun) {
    let days = zip(run.budgets, best.budgets).map(DayComparison.init)
    let weeklyShares = Self.weeklyShares(run.revenue, of: best.revenue)
    let isReady = { $0 >= Self.week - 1 && weeklyShares[$0] >= Self.readyShare }
    self.init(
      contestant: contestant, seed: run.world.seed,
      share: run.revenue.reduce(0, +) / best.revenue.reduce(0, +),
      waste: days.reduce(0) { $0 + $1.wasted } / days.reduce(0) { $0 + $1.spent },
      falseKills: Double(days.reduce(0) { $0 + $1.falseKills }) / Double(days.reduce(0) { $0 + $1.ads }),
      weeklyShares: weeklyShares, readyDay: weeklyShares.indices.first(where: isReady).map { $0 + 1 })
  }

  private static let week = 7

  private static func weeklyShares(_ revenue: [Double], of best: [Double]) -> [Double] {
    revenue.indices.map { day in
      let days = max(day - week + 1, 0)...day
      return revenue[days].reduce(0, +) / best[days].reduce(0, +)
    }
  }
}

/// One day's budgets beside the clairvoyant's.
private struct DayComparison {
  private(set) var ads = 0
  private(set) var spent = 0.0
  private(set) var wasted = 0.0
  private(set) var falseKills = 0

  /// Below this share of the total an ad is practically off.
  private static let off = 0.01
  /// From this share of the total an ad is significant.
  private static let matters = 0.1

  init(_ budgets: [Double], best: [Double]) {
    let total = best.reduce(0, +)
    for (budget, bestBudget) in zip(budgets, best) {
      ads += 1
      spent += budget
      if bestBudget < Self.off * total { wasted += budget }
      if bestBudget >= Self.matters * total, budget < Self.off * total { falseKills += 1 }
    }
  }
}
