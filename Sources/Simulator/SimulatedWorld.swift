import DecisionEngine
import Values

/// Why a simulation cannot be run.
package enum SimulationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The parameters break a rule, given in words.
  case impossibleWorld(rule: String)
  /// A policy refused a day.
  case refused(PolicyName, SelectionError)

  package var description: String {
    switch self {
    case .impossibleWorld(let rule): "the world is impossible: \(rule)"
    case .refused(let policy, let error): "\(policy.rawValue) refused a day: \(error)"
    }
  }
}

/// One world, drawn from a seed: its ads and its prices. Every policy tried in it meets the same ones.
package struct SimulatedWorld: Sendable {
  /// What the world is like.
  package let parameters: WorldParameters
  /// The seed of everything in it.
  package let seed: UInt64
  /// The stages of its deals, with the values that the account believes them to have.
  package let funnel: SalesFunnel
  /// The ads, in the order of their launch.
  package let ads: [SimulatedAd]
  /// The price of a thousand impressions on each day, in major units.
  package let prices: [Double]

  /// The currency of every amount.
  static let currency = Currency.usd
  /// A Monday.
  static let firstDay = CalendarDay(daysSinceEpoch: 20_458)

  /// Draws a world. Throws where the parameters break a rule.
  package init(_ parameters: WorldParameters, seed: UInt64) throws(SimulationError) {
    if let rule = parameters.brokenRule { throw .impossibleWorld(rule: rule) }
    guard let funnel = Self.funnel(of: parameters) else {
      throw .impossibleWorld(rule: "the stage values must be finite")
    }
    self.parameters = parameters
    self.seed = seed
    self.funnel = funnel
    ads = (0..<parameters.adCount).compactMap { number in
      let launch = max(number - parameters.initialAds + 1, 0) * parameters.launchEvery
      return SimulatedAd(number: number, launchDay: launch, in: parameters, seed: seed)
    }
    prices = Self.prices(of: parameters, seed: seed)
  }

  /// A day's total, in minor units.
  var totalBudget: Int64 { Int64(clamping: parameters.dailyBudget * Self.minorUnits) }

  /// Minor units in a major unit.
  static var minorUnits: Double { Double(currency.minorUnitsPerMajor) }

  /// The first moment of a day, counted from 0.
  static func start(of day: Int) -> Instant {
    Instant(startOf: firstDay.adding(days: day))
  }

  /// How many ads have been launched by `day`.
  func adCount(on day: Int) -> Int {
    ads.count { $0.launchDay <= day }
  }

  /// A stage is worth a sale times the probability of one, averaged over ads; the account's belief may be wrong by a
  /// factor.
  private static func funnel(of world: WorldParameters) -> SalesFunnel? {
    var value = world.dealMean
    var stages = [SalesFunnel.Stage(name: "won", value: value * world.stageValueFactor)]
    for (index, rate) in world.stageRates.enumerated().reversed() {
      value *= rate
      let name = index == 0 ? "lead" : "stage\(index)"
      stages.insert(SalesFunnel.Stage(name: name, value: value * world.stageValueFactor), at: 0)
    }
    return SalesFunnel(stages)
  }

  /// The week's season times a slow noise: the price's logarithm is autoregressive of order 1.
  private static func prices(of world: WorldParameters, seed: UInt64) -> [Double] {
    var stream = RandomStream(seed: seed, name: "prices")
    var level = world.priceDeviation * stream.nextNormal()
    let keep = world.priceMemory
    return (0..<world.days).map { day in
      let price = world.costPerMille * world.season[day % 7] * PortableMath.exp(level)
      level = keep * level + (1 - keep * keep).squareRoot() * world.priceDeviation * stream.nextNormal()
      return price
    }
  }
}
