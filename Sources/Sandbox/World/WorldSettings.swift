import DecisionEngine
import Simulator
import Values

/// What a sandbox's world is like. The same settings and the same changes give the same world, bit for bit.
package struct WorldSettings: Sendable {
  /// The seed of everything that is drawn.
  package var seed: UInt64 = 1
  /// The market: prices, ads, leads, deals and delays.
  package var market: WorldParameters
  /// The ad account's currency.
  package var currency = Currency.usd
  /// The ad account's time zone, by its IANA name.
  package var timeZone = "UTC"
  /// The moment at which the clock begins.
  package var start: Instant
  /// How many whole days have happened before ``start``, 0 to 365.
  package var historyDays = 28
  /// How many campaigns there are, 1 to 100. The first one holds a campaign budget, the others' budgets lie on ad sets.
  package var campaigns = 3
  /// How many ad sets there are over all campaigns, from ``campaigns`` to 1,000.
  package var adSets = 6

  /// The days that a world lasts, its history included.
  package static let days = 1_100

  /// The usual account, whose clock begins at `start`, in the market called `world`.
  package init(_ world: WorldName = .base, start: Instant) {
    self.start = start
    market = world.parameters
    market.initialAds = 12
    market.days = Self.days
  }

  /// Units of the currency for one unit of the market, whose amounts are about those of dollars.
  ///
  /// Currencies that Meta counts in whole units have smaller units: a budget of 60 dollars is one of 6,000 yen.
  var amountScale: Double { currency.minorUnitsPerMajor == 1 ? 100 : 1 }

  /// Minor units of the currency for an amount of the market.
  func minorUnits(_ amount: Double) -> Int64 {
    Int64(clamping: (amount * amountScale * Double(currency.minorUnitsPerMajor)).rounded())
  }

  /// The amount of the market for minor units of the currency.
  func marketAmount(_ minorUnits: Int64) -> Double {
    Double(minorUnits) / (amountScale * Double(currency.minorUnitsPerMajor))
  }

  /// The least daily budget of an ad set or campaign, in minor units.
  package var minimumBudget: Int64 { minorUnits(1) }

  /// The greatest daily budget, in minor units.
  package var maximumBudget: Int64 { minorUnits(1_000_000) }

  /// What deals in each open stage, and won ones, are worth in the mean over ads: what an account of this world should
  /// take its stages to be worth.
  package var stageValues: [(stage: String, value: Money)] {
    let amount = { (value: Double) in Money(minorUnits: minorUnits(value), of: currency) }
    let open = DealSteps.open.enumerated().map { step, name in
      (name, amount(market.dealMean * market.stageRates[step...].reduce(1, *)))
    }
    return open + [(DealSteps.won, amount(market.dealMean))]
  }

  /// The first rule, in words, that the settings break; nil for a possible world.
  package var brokenRule: String? {
    if !(0...365).contains(historyDays) { return "the history must be 0 to 365 days" }
    if !(1...100).contains(campaigns) { return "there must be 1 to 100 campaigns" }
    if !(campaigns...1_000).contains(adSets) {
      return "there must be an ad set for each campaign, and at most 1000"
    }
    if market.initialAds > 50 * adSets { return "an ad set may have at most 50 ads" }
    if market.stageRates.count != DealSteps.count {
      return "a deal must have \(DealSteps.count) steps"
    }
    return market.brokenRule
  }
}

/// A sandbox that cannot be made.
package enum SandboxError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The settings break a rule, given in words.
  case impossibleWorld(rule: String)
  /// This machine has no data of the time zone.
  case unknownTimeZone(String)

  package var description: String {
    switch self {
    case .impossibleWorld(let rule): "there is no such world: \(rule)"
    case .unknownTimeZone(let name): "the time zone \(name) is not known to this machine"
    }
  }
}

/// The steps of a deal on the way to a sale, as the stages that every account has at first name them.
enum DealSteps {
  private static let stages = StageValues.reference.stages

  /// The open stages in their order, the last of which leads to a sale.
  static let open = stages.filter { $0.kind == .open }.map(\.name)
  /// The stage of a sale.
  static let won = stages.first { $0.kind == .won }?.name ?? "closed_won"
  /// The stage of a lost deal.
  static let lost = stages.first { $0.kind == .lost }?.name ?? "closed_lost"

  /// Steps from a new lead to a sale.
  static var count: Int { open.count }

  /// The stage that a move leads to.
  static func stage(of move: DealEvent.Move) -> String {
    switch move {
    case .entered(let position): position < open.count ? open[position] : won
    case .lost: lost
    }
  }
}
