import DecisionEngine
import TestKit
import Testing
import Values

@Suite struct AdStateTests {
  @Test func statesAreEqualWhereEveryFigureIs() throws {
    let ad = try makeAd("1", impressions: 10, clicks: 1, spend: 5, hours: 12, budget: 3)
    #expect(try ad == makeAd("1", impressions: 10, clicks: 1, spend: 5, hours: 12, budget: 3))
    let others = [
      try makeAd("2", impressions: 10, clicks: 1, spend: 5, hours: 12, budget: 3),
      try makeAd("1", account: "globex", impressions: 10, clicks: 1, spend: 5, hours: 12, budget: 3),
      try makeAd("1", impressions: 11, clicks: 1, spend: 5, hours: 12, budget: 3),
      try makeAd("1", impressions: 10, clicks: 2, spend: 5, hours: 12, budget: 3),
      try makeAd("1", impressions: 10, clicks: 1, spend: 6, hours: 12, budget: 3),
      try makeAd("1", impressions: 10, clicks: 1, spend: 5, pipeline: 1, hours: 12, budget: 3),
      try makeAd("1", impressions: 10, clicks: 1, spend: 5, cash: 1, hours: 12, budget: 3),
      try makeAd("1", impressions: 10, clicks: 1, spend: 5, hours: 13, budget: 3),
      try makeAd("1", impressions: 10, clicks: 1, spend: 5, hours: 12),
    ]
    for other in others { #expect(ad != other) }
    #expect(Set(others + [ad]).count == others.count + 1)
  }

  @Test func countsItsAgeInDays() throws {
    #expect(try makeAd(hours: 12).daysLive == 0.5)
    #expect(try makeAd(hours: 0).daysLive == 0)
  }

  private static let bad = [-1, -0.001, Double.nan, .infinity, -.infinity]

  @Test(arguments: ["spend", "pipeline_value", "cash_revenue", "age_hours", "current_budget"], bad)
  func namesTheFigureThatCannotBe(field: String, value: Double) throws {
    func figure(_ name: String) -> Double { name == field ? value : 1 }
    let error = try #require(throws: AdStateError.self) {
      try makeAd(
        spend: figure("spend"), pipeline: figure("pipeline_value"), cash: figure("cash_revenue"),
        hours: figure("age_hours"), budget: figure("current_budget"))
    }
    #expect(error.field == field)
    #expect(error.value == "\(value)")
    #expect(error.rule == "must be a finite number, 0 or more")
    #expect(error.description == "ad ad: \(field) is \(value), must be a finite number, 0 or more")
  }

  @Test func countsAreNeverNegativeAndClicksNeverMoreThanImpressions() throws {
    #expect(try #require(throws: AdStateError.self) { try makeAd(impressions: -1, clicks: 0) }.field == "impressions")
    #expect(try #require(throws: AdStateError.self) { try makeAd(impressions: 1, clicks: -1) }.field == "clicks")
    let error = try #require(throws: AdStateError.self) { try makeAd("a7", impressions: 10, clicks: 11) }
    #expect(error.field == "clicks")
    #expect(error.value == "11")
    #expect(error.adID == AdID("a7"))
    #expect(error.description == "ad a7: clicks is 11, must not exceed impressions (10)")
    #expect(try makeAd(impressions: 10, clicks: 10).ctr == 1)
  }

  @Test func theFirstWrongFigureIsNamed() throws {
    let error = try #require(throws: AdStateError.self) {
      try makeAd(impressions: 1, clicks: 2, spend: -1, pipeline: -1, cash: -1, hours: -1, budget: -1)
    }
    #expect(error.field == "spend")
  }

  @Test(arguments: [(0, 0, 0.0), (1, 1, 1), (4, 1, 0.25), (1_000, 50, 0.05)])
  func ctrIsClicksForEachImpression(impressions: Int, clicks: Int, ctr: Double) throws {
    #expect(try makeAd(impressions: impressions, clicks: clicks).ctr == ctr)
  }

  @Test(
    arguments: [
      (0, 0, 0), (0, 5, 500), (0.005, 5, 500), (0.01, 5, 500), (0.02, 5, 250), (10, 5, 0.5), (10, 0, 0),
    ] as [(Double, Double, Double)])
  func returnIsForEachUnitSpentOfAtLeastACent(spend: Double, value: Double, roas: Double) throws {
    let ad = try makeAd(spend: spend, pipeline: value, cash: value * 2)
    #expect(agrees(ad.pipelineROAS, roas))
    #expect(agrees(ad.cashROAS, roas * 2))
  }

  @Test(
    arguments: [
      (100, 48, nil, 50), (100, 12, nil, 100), (100, 24, nil, 100), (100, 0, nil, 100), (0, 48, nil, 0),
      (100, 36, nil, 200.0 / 3),
      (100, 48, 30, 30), (100, 48, 0, 0),
    ] as [(Double, Double, Double?, Double)])
  func theBudgetIsTheStatedOneOrTheMeanSpend(spend: Double, hours: Double, stated: Double?, budget: Double) throws {
    #expect(agrees(try makeAd(spend: spend, hours: hours, budget: stated).currentDailyBudget, budget))
  }
}
