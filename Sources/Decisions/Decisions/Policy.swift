import Accounts
import DecisionEngine
import Measurement
import Values
import Web

/// A policy that callers can choose by name.
package enum Policy: String, Hashable, Sendable, CaseIterable {
  /// Expected future revenue, including that of deals that may still move: the default.
  case lagAware = "lag_aware"
  /// Thompson sampling on a blend of CTR and pipeline ROAS.
  case battleHardened = "battle_hardened"
}

/// The inputs of a selection: together with the configuration, they determine the result to the bit.
package struct SelectionInputs: Sendable {
  /// The policy that selects.
  package var policy: Policy
  /// The ads' totals.
  package var ads: [AdState]
  /// The history of the ads' days and deals; nil where only totals were given.
  package var history: FunnelTallies?
  /// The moment of the decision.
  package var now: Instant
  /// The total to split, in minor units of the account's currency.
  package var totalBudget: Int64
  /// Creative DNA scores in 0...1 of some of the ads.
  package var dnaScores: [AdID: Double]
  /// The seed of every draw, below 2^53 so that every JSON reader preserves it.
  package var seed: UInt64
  /// Whether the account's daily change limit applies.
  package var limitsChange: Bool
  /// What the totals of stored ads are based on; nil for ads that came with the request.
  package var basis: DecisionBasis?

  /// Makes inputs from their parts.
  package init(
    policy: Policy = .lagAware, ads: [AdState], history: FunnelTallies? = nil, now: Instant, totalBudget: Int64,
    dnaScores: [AdID: Double] = [:], seed: UInt64, limitsChange: Bool = true,
    basis: DecisionBasis? = nil
  ) {
    self.policy = policy
    self.ads = ads
    self.history = history
    self.now = now
    self.totalBudget = totalBudget
    self.dnaScores = dnaScores
    self.seed = seed
    self.limitsChange = limitsChange
    self.basis = basis
  }

  /// Seeds are below this: 2^53.
  package static let seedLimit: UInt64 = 1 << 53

  /// An unpredictable seed.
  package static func randomSeed() -> UInt64 {
    UInt64.random(in: 0..<seedLimit)
  }

  /// The total in minor units. Throws a ``DecisionError`` that says what it must be.
  static func minorUnits(ofTotal total: Money, in currency: Currency) throws(DecisionError) -> Int64 {
    guard let minorUnits = total.wholeMinorUnits(of: currency), minorUnits > 0 else {
      throw .invalid(
        FieldProblem(
          field: "total_budget", value: "\(total)",
          rule: "must be above 0, with at most \(currency.decimals) decimals in \(currency)"))
    }
    return minorUnits
  }

  /// Makes the selection with `configuration`; an older `version` replays an old decision. Throws a ``DecisionError``
  /// that says what to change.
  package func select(
    _ configuration: AccountConfiguration, version: PolicyVersion = .current
  ) throws(DecisionError) -> BudgetSelection {
    guard dnaScores.isEmpty || policy == .battleHardened else {
      throw .invalid(
        FieldProblem(
          field: "creative_dna_scores", value: "\(dnaScores.count) scores",
          rule: "are used only by the policy battle_hardened; leave them out or choose it"))
    }
    do throws(SelectionError) {
      switch policy {
      case .battleHardened:
        let sampler = BattleHardenedSampler(
          configuration: configuration.sampler(limitsChange: limitsChange), version: version)
        return .battleHardened(
          try sampler.select(from: ads, totalBudget: totalBudget, dnaScores: dnaScores, seed: seed))
      case .lagAware: return .lagAware(try selectLagAware(configuration, version))
      }
    } catch {
      throw .selection(error, configuration.currency)
    }
  }

  private func selectLagAware(
    _ configuration: AccountConfiguration, _ version: PolicyVersion
  ) throws(SelectionError) -> LagAwareSelection {
    let sampler = LagAwareSampler(
      configuration: configuration.lagAware(limitsChange: limitsChange), version: version)
    guard let history else {
      return try sampler.select(
        fromTotals: ads, saleValue: configuration.saleValue, totalBudget: totalBudget, seed: seed)
    }
    let unit = Double(configuration.currency.minorUnitsPerMajor)
    let current = ads.reduce(into: [AdID: Double]()) { budgets, ad in
      budgets[ad.adID] = (ad.statedDailyBudget ?? Self.lateSpend(history.ads[ad.adID])) * unit
    }
    return try sampler.select(
      ads.map(\.adID), history, currentBudgets: current, now: now, totalBudget: totalBudget, seed: seed)
  }

  /// The mean daily spend of an ad's last three days: an estimate of its budget, where it is not given.
  private static func lateSpend(_ tally: AdTally?) -> Double {
    let days = tally?.days.suffix(3) ?? []
    return days.reduce(0) { $0 + $1.spend } / Double(max(days.count, 1))
  }
}
