import TestKit
import Testing
import Values

@testable import DecisionEngine
@testable import Simulator

@Suite struct SimulatedWorldTests {
  @Test func theSameSeedGivesTheSameAdsAndPrices() throws {
    let worlds = try (0..<2).map { _ in try SimulatedWorld(WorldParameters(), seed: 5) }
    #expect(worlds[0].prices == worlds[1].prices)
    #expect(worlds[0].ads.map(\.clickRate) == worlds[1].ads.map(\.clickRate))
    #expect(worlds[0].ads.map(\.stageRates) == worlds[1].ads.map(\.stageRates))
    let other = try SimulatedWorld(WorldParameters(), seed: 6)
    #expect(worlds[0].prices != other.prices)
    #expect(worlds[0].ads.map(\.clickRate) != other.ads.map(\.clickRate))
  }

  @Test func moreDaysBringMoreAdsAndLeaveTheOthersAlone() throws {
    let short = try SimulatedWorld(shortWorld(.base), seed: 5)
    let long = try SimulatedWorld(WorldParameters(), seed: 5)
    #expect(short.ads.map(\.adID) == long.ads.prefix(10).map(\.adID))
    #expect(short.ads.map(\.dealMean) == long.ads.prefix(10).map(\.dealMean))
    #expect(short.prices == Array(long.prices.prefix(20)))
    #expect(short.ads.map(\.launchDay) == [0, 0, 0, 0, 0, 0, 0, 0, 9, 18])
    #expect([0, 8, 9, 17, 18].map(short.adCount) == [8, 8, 9, 9, 10])
  }

  @Test func aStageIsWorthTheSalesItLeadsTo() throws {
    let stages = try SimulatedWorld(WorldParameters(), seed: 1).funnel.stages
    #expect(stages.map(\.name) == ["lead", "stage1", "stage2", "won"])
    for (value, expected) in zip(stages.map(\.value), [90.0, 360, 600, 3_000]) { #expect(agrees(value, expected)) }
    let inflated = try SimulatedWorld(WorldName.inflatedValues.parameters, seed: 1).funnel.stages
    for (value, stage) in zip(inflated.map(\.value), stages) { #expect(agrees(value, stage.value * 3)) }
  }

  /// A click rate and what correlates with it, over many ads.
  @Test func clickbaitDrawsTheWrongPeople() throws {
    var parameters = WorldName.clickbait.parameters
    parameters.initialAds = 400
    let ads = try SimulatedWorld(parameters, seed: 3).ads
    let clicks = ads.map { PortableMath.log($0.clickRate) }
    #expect(abs(correlation(clicks, ads.map { PortableMath.log($0.leadRate) }) + 0.3) < 0.12)
    #expect(abs(correlation(clicks, ads.map { PortableMath.log($0.stageRates[0]) }) + 0.6) < 0.12)
    parameters.clickLeadCorrelation = 0
    let plain = try SimulatedWorld(parameters, seed: 3).ads
    #expect(abs(correlation(clicks, plain.map { PortableMath.log($0.leadRate) })) < 0.12)
  }

  @Test func theNamedWorldsAreAllPossible() {
    #expect(WorldName.allCases.allSatisfy { $0.parameters.brokenRule == nil })
    #expect(Set(WorldName.allCases.map(\.parameters)).count == WorldName.allCases.count)
    #expect(agrees(WorldName.shortLag.parameters.delayMedians.reduce(0, +), 5))
    #expect(agrees(WorldName.longLag.parameters.delayMedians.reduce(0, +), 30))
  }

  @Test(
    arguments: [
      { $0.days = 0 }, { $0.launchEvery = 0 }, { $0.initialAds = 0 }, { $0.dailyBudget = 16 }, { $0.season = [1] },
      { $0.priceMemory = 1 }, { $0.saturation = 0 }, { $0.audience = .nan }, { $0.stageRates = [] },
      { $0.stageRates = [0.5] }, { $0.clickRate = 1.5 }, { $0.clickLeadCorrelation = -2 },
      { $0.delayMedians = [1, 0, 1] }, { $0.stageValueFactor = -1 },
    ] as [@Sendable (inout WorldParameters) -> Void])
  func anImpossibleWorldIsRefused(change: @Sendable (inout WorldParameters) -> Void) throws {
    var parameters = WorldParameters()
    change(&parameters)
    let rule = try #require(parameters.brokenRule)
    #expect(throws: SimulationError.impossibleWorld(rule: rule)) { try SimulatedWorld(parameters, seed: 1) }
  }

  @Test(arguments: [(0, 0.5, 0), (10, 0, 0), (10, 1.5, 10), (1_000, 1, 1_000)] as [(Double, Double, Double)])
  func theEndsOfABinomial(trials: Double, chance: Double, expected: Double) {
    var stream = RandomStream(seed: 1)
    #expect(abs(stream.nextBinomial(trials: trials, chance: chance) - expected) <= 1e-9)
  }

  @Test(arguments: [(50, 0.1), (2_000, 0.3)] as [(Double, Double)])
  func aBinomialHasItsMeanAndVariance(trials: Double, chance: Double) {
    var stream = RandomStream(seed: 2)
    let draws = (0..<20_000).map { _ in stream.nextBinomial(trials: trials, chance: chance) }
    let mean = draws.reduce(0, +) / 20_000
    let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    #expect(agrees(mean, trials * chance, within: 0.01))
    #expect(agrees(variance, trials * chance * (1 - chance), within: 0.05))
  }

  private func correlation(_ x: [Double], _ y: [Double]) -> Double {
    func centred(_ figures: [Double]) -> [Double] {
      let mean = figures.reduce(0, +) / Double(figures.count)
      return figures.map { $0 - mean }
    }
    func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let (a, b) = (centred(x), centred(y))
    return product(a, b) / (product(a, a) * product(b, b)).squareRoot()
  }
}
