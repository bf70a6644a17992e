import DecisionEngine
import Testing
import Values

struct WinnerRuleTests {
  private static func ad(
    impressions: Int = 2_000, clicks: Int = 20, spend: Double = 100, pipelineValue: Double = 0
  ) throws -> AdState {
    try AdState(
      accountID: #require(AccountID("acme")), adID: #require(AdID("1")), impressions: impressions, clicks: clicks,
      spend: spend, pipelineValue: pipelineValue, cashRevenue: 0, ageHours: 48)
  }

  @Test("Each count wins over its threshold, and not at it")
  func thresholds() throws {
    let rule = WinnerRule()
    #expect(try !rule.judge(Self.ad(clicks: 60)).isWinner)
    #expect(try rule.judge(Self.ad(clicks: 61)).winsByCTR)
    #expect(try !rule.judge(Self.ad(pipelineValue: 300)).isWinner)
    #expect(try rule.judge(Self.ad(pipelineValue: 300.01)).winsByROAS)
    let both = try rule.judge(Self.ad(clicks: 61, pipelineValue: 301))
    #expect(both.winsByCTR && both.winsByROAS)
  }

  @Test("Two clicks of ten impressions, and a sale for two units of spend, are no winners")
  func tooLittle() throws {
    let rule = WinnerRule()
    #expect(try rule.judge(Self.ad(impressions: 10, clicks: 2)) == .tooLittleKnown)
    #expect(try rule.judge(Self.ad(spend: 2, pipelineValue: 15_000)) == .tooLittleKnown)
    #expect(try rule.judge(Self.ad(impressions: 1_000, clicks: 31, spend: 50)).isWinner)
    #expect(try !rule.judge(Self.ad(impressions: 999, clicks: 31, spend: 50)).isWinner)
    #expect(try !rule.judge(Self.ad(impressions: 1_000, clicks: 31, spend: 49.99)).isWinner)
  }
}
