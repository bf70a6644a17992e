import DecisionEngine
import Values

/// A policy that callers can choose by name.
public enum Policy: String, Hashable, Sendable, CaseIterable {
  /// Thompson sampling on a blend of CTR and pipeline ROAS.
  case battleHardened = "battle_hardened"
}

/// What a selection is made from: with the configuration, it determines the result to the bit.
public struct SelectionInputs: Sendable {
  /// The policy that selects.
  public var policy: Policy
  /// The ads' totals.
  public var ads: [AdState]
  /// The total to split, in minor units of the account's currency.
  public var totalBudget: Int64
  /// Creative DNA scores in 0...1 of some of the ads.
  public var dnaScores: [AdID: Double]
  /// The seed of every draw, below 2^53 so that any JSON reader keeps it.
  public var seed: UInt64
  /// Whether the account's daily change limit holds.
  public var limitsChange: Bool

  /// Makes inputs from their parts.
  public init(
    policy: Policy = .battleHardened, ads: [AdState], totalBudget: Int64, dnaScores: [AdID: Double] = [:],
    seed: UInt64, limitsChange: Bool = true
  ) {
    self.policy = policy
    self.ads = ads
    self.totalBudget = totalBudget
    self.dnaScores = dnaScores
    self.seed = seed
    self.limitsChange = limitsChange
  }

  /// Seeds are below this: 2^53.
  public static let seedLimit: UInt64 = 1 << 53

  /// A seed that nobody can foresee.
  public static func randomSeed() -> UInt64 {
    UInt64.random(in: 0..<seedLimit)
  }

  /// Makes the selection under `configuration`. Throws an ``APIError`` that says what to change.
  public func select(_ configuration: AccountConfiguration) throws -> Selection {
    let sampler = configuration.sampler(limitsChange: limitsChange)
    do {
      return try BattleHardenedSampler(configuration: sampler)
        .select(from: ads, totalBudget: totalBudget, dnaScores: dnaScores, seed: seed)
    } catch {
      throw APIError(error, currency: configuration.currency)
    }
  }
}
