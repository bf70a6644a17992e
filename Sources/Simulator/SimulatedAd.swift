import DecisionEngine
import Values

/// An ad and all its properties that policies have to discover.
package struct SimulatedAd: Sendable {
  package let adID: AdID
  /// The day, from 0, on which it is first shown.
  package let launchDay: Int
  /// Clicks for each impression while it is fresh.
  package let clickRate: Double
  /// Leads for each click, before any shock.
  package let leadRate: Double
  /// Probability that a deal goes on from each stage to the next.
  package let stageRates: [Double]
  /// What a sale brings, in major units.
  package let dealMean: Double
  /// The number of impressions after which its audience tires.
  package let audience: Double
  /// Spend, in major units, at which a day's next unit buys half the impressions of the first.
  package let saturation: Double
  /// Factor for the time that its deals stay in each stage.
  package let delayFactor: Double
  /// Factor of the lead rate after the world's shock.
  package let shock: Double

  /// The highest probability with which a deal goes on.
  private static let highestStageRate = 0.95

  /// Draws the ad from the stream that belongs to `seed` and its name. Nil only for a name that is no ad's id.
  package init?(number: Int, launchDay: Int, in world: WorldParameters, seed: UInt64) {
    guard let adID = AdID("ad\(number + 1)") else { return nil }
    self.adID = adID
    self.launchDay = launchDay
    var stream = RandomStream(seed: seed, name: adID.value)
    let click = stream.nextNormal()
    clickRate = world.clickRate * Self.factor(world.clickSpread, click)
    let lead = Self.correlated(click, stream.nextNormal(), world.clickLeadCorrelation)
    leadRate = world.leadRate * Self.factor(world.leadSpread, lead)
    var stageRates: [Double] = []
    for (rate, spread) in zip(world.stageRates, world.stageSpreads) {
      let stage = Self.correlated(click, stream.nextNormal(), world.clickStageCorrelation)
      stageRates.append(min(rate * Self.factor(spread, stage), Self.highestStageRate))
    }
    self.stageRates = stageRates
    dealMean = world.dealMean * Self.factor(world.dealSpread, stream.nextNormal())
    audience = world.audience * Self.factor(world.audienceSpread, stream.nextNormal())
    saturation = world.saturation * Self.factor(world.saturationSpread, stream.nextNormal())
    delayFactor = PortableMath.exp(world.adDelaySpread * stream.nextNormal())
    shock = Self.factor(world.shockSpread, stream.nextNormal())
  }

  /// A lognormal factor with mean 1, from a standard normal number.
  private static func factor(_ spread: Double, _ normal: Double) -> Double {
    PortableMath.exp(spread * normal - spread * spread / 2)
  }

  /// A standard normal number that correlates with `first`, from one that does not.
  private static func correlated(_ first: Double, _ second: Double, _ correlation: Double) -> Double {
    correlation * first + (1 - correlation * correlation).squareRoot() * second
  }

  /// Clicks for each impression after `shown` impressions.
  package func clickRate(shown: Double, in world: WorldParameters) -> Double {
    clickRate * PortableMath.exp(-world.fatigueExponent * PortableMath.log(1 + shown / audience))
  }

  /// Leads for each click on `day`.
  package func leadRate(onDay day: Int, in world: WorldParameters) -> Double {
    if let shockDay = world.shockDay, day >= shockDay { return leadRate * shock }
    return leadRate
  }

  /// Revenue that a click on `day` will bring in the end, in major units.
  package func valueOfClick(onDay day: Int, in world: WorldParameters) -> Double {
    leadRate(onDay: day, in: world) * stageRates.reduce(1, *) * dealMean
  }

  /// Impressions that a day's `spend` buys at `price` per thousand: the first at that price, each further one at a
  /// higher price.
  package func impressions(spend: Double, price: Double) -> Double {
    1000 / price * saturation * PortableMath.log(1 + spend / saturation)
  }
}
