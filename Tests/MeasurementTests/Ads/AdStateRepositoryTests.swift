import App
import AppTestKit
import Storage
import TestKit
import Testing
import Values

@testable import Accounts
@testable import Measurement

/// What is stored of an ad, whoever told of it.
struct AdStateRepositoryTests {
  private let repository = AdStateRepository()

  private func record(_ adID: String, account: AccountID) throws -> AdRecord {
    AdRecord(
      accountID: account, adID: try #require(AdID(adID)), name: "Name of \(adID)", impressions: 1_000,
      clicks: 20, spend: Money(micros: 12_340_000),
      reported: PipelineTotals(pipelineValue: Money(micros: 1), cashRevenue: Money(micros: 2)),
      deals: PipelineTotals(pipelineValue: Money(micros: 3), cashRevenue: Money(micros: 4)),
      firstDay: try #require(CalendarDay("2026-05-01")), lastDay: try #require(CalendarDay("2026-05-09")),
      lastDelivery: CalendarDay("2026-05-08"))
  }

  @Test("What is saved is what is read, and saving again replaces it")
  func saveAndGet() async throws {
    let test = try await TestSystem()
    var ad = try record("A", account: test.account)
    for clicks in [20, 21] {
      ad.clicks = clicks
      let saved = ad
      let read = try await test.system.database.write { transaction in
        try repository.save([saved], in: transaction)
        return try repository.get(saved.adID, of: saved.accountID, in: transaction)
      }
      #expect(read == saved)
    }
  }

  @Test("Insights make the totals, restated days included, and leave the deals alone; deals leave the rest alone")
  func updates() async throws {
    let test = try await TestSystem()
    let adID = try #require(AdID("A"))
    let account = test.account
    let days = try ["2026-05-01", "2026-05-02"].map { day in
      DailyMetrics(
        adID: adID, day: try #require(CalendarDay(day)), impressions: 100, clicks: 3, spend: Money(micros: 5_000_000))
    }
    let restated = DailyMetrics(
      adID: adID, day: days[1].day, impressions: 150, clicks: 4, spend: Money(micros: 6_000_000))
    let time = FigureTime(test.clock.now(), try #require(AccountCalendar(timezone: "UTC")))
    let worth = PipelineTotals(pipelineValue: Money(micros: 7_000_000), cashRevenue: Money(micros: 8_000_000))
    let read = try await test.system.database.write { transaction in
      try repository.updateFromMeta(of: account, insights: days, importID: 1, at: time, in: transaction)
      try repository.updateFromHubSpot([adID: worth], of: account, in: transaction)
      try repository.updateFromMeta(of: account, insights: [restated], importID: 2, at: time, in: transaction)
      return try repository.get(adID, of: account, in: transaction)
    }
    let ad = try #require(read)
    #expect(ad.impressions == 250)
    #expect(ad.clicks == 7)
    #expect(ad.spend == Money(micros: 11_000_000))
    #expect(ad.deals == worth)
    #expect(ad.firstDay == days[0].day)
    #expect(ad.lastDay == days[1].day)
    #expect(ad.lastDelivery == days[1].day)
  }

  @Test("Totals that cannot be are the row's fault")
  func impossibleTotals() throws {
    var ad = try record("A", account: #require(AccountID("acme")))
    ad.clicks = ad.impressions + 1
    let calendar = try #require(AccountCalendar(timezone: "UTC"))
    let error = #expect(throws: UnreadableRow.self) { try ad.state(at: Instant(seconds: 0), calendar: calendar) }
    #expect(error?.table == "ad_states")
    #expect(error?.key == "account_id=acme ad_id=A")
  }
}
