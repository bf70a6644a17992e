import Accounts
import App
import AppTestKit
import DecisionEngine
import Formats
import Measurement
import Storage
import TestKit
import Testing
import Values
import Web

/// Which ads run, and who says so. The clock stands at 2026-05-28.
struct AdDeliveryTests {
  private static let header = "ad_id,date,impressions,clicks,spend\n"

  private func ids(_ texts: String...) throws -> [AdID] { try texts.map { try #require(AdID($0)) } }

  /// Each ad's state and source, such as `1 active inferred`.
  private func states(_ test: TestSystem, asOf day: String? = nil) async throws -> [String] {
    let configuration = try await test.system.accounts.configuration(of: test.account)
    let day = try day.map { try #require(CalendarDay($0)) }
    return try await test.system.ads.known(of: test.account, configuration: configuration, asOf: day).ads
      .map { "\($0.state.adID) \($0.delivery.state.rawValue) \($0.delivery.sourceName)" }
  }

  @Test("An ad that delivered nothing in the last seven days of figures has ended; delivery again revives it")
  func inferred() async throws {
    let test = try await TestSystem()
    try await test.importText(
      Self.header + "1,2026-05-27,100,10,5\n2,2026-05-21,100,10,5\n3,2026-05-20,100,10,5\n4,2026-05-27,0,0,0\n"
        + "5,2026-05-25,0,0,1\n", as: .adsCSV)
    #expect(
      try await states(test) == [
        "1 active inferred", "2 active inferred", "3 ended inferred", "4 ended inferred", "5 active inferred",
      ])
    let ads = try await test.system.ads.list(of: test.account)
    #expect(
      ads.map { $0.delivery.lastDelivery?.description } == [
        "2026-05-27", "2026-05-21", "2026-05-20", nil, "2026-05-25",
      ])
    #expect(ads[2].delivery.reason == "last delivered on 2026-05-20, nothing in the last 7 days of figures")
    try await test.importText(Self.header + "3,2026-05-27,1,0,0\n", as: .adsCSV)
    #expect(try await states(test)[2] == "3 active inferred")
  }

  @Test("Days that have not come, stored by an older release, end no ad")
  func storedFuture() async throws {
    let test = try await TestSystem()
    try await test.importText(Self.header + "1,2026-05-27,100,10,5\n2,2026-05-27,100,10,5\n", as: .adsCSV)
    let lastOfAll = try #require(CalendarDay("9999-12-31"))
    _ = try await test.system.database.write { transaction in
      try transaction.execute("UPDATE ad_daily_metrics SET date = \(lastOfAll) WHERE ad_id = '2'")
      try transaction.execute("UPDATE ad_states SET last_day = \(lastOfAll) WHERE ad_id = '2'")
    }
    #expect(try await states(test)[0] == "1 active inferred")
    #expect(try await test.system.ads.freshness(of: test.account).figuresAsOf?.description == "2026-05-28")
  }

  @Test("A file's delivery column counts before the figures, and the last day's word before earlier ones")
  func file() async throws {
    let test = try await TestSystem()
    try await test.importText(
      "ad_id,date,impressions,clicks,spend,Ad delivery\n1,2026-05-26,100,10,5,active\n1,2026-05-27,100,10,5,inactive\n"
        + "2,2026-05-10,100,10,5,active\n3,2026-05-27,100,10,5,archived\n4,2026-05-27,100,10,5,\n"
        + "5,2026-05-27,100,10,5,PENDING_REVIEW\n", as: .adsCSV)
    #expect(
      try await states(test) == [
        "1 paused file", "2 active file", "3 ended file", "4 active inferred", "5 active inferred",
      ])
    // Delivery on a later day contradicts the file; the figures move on from what it said of the others.
    try await test.importText(Self.header + "1,2026-05-28,100,10,5\n", as: .adsCSV)
    #expect(try await states(test)[0] == "1 active inferred")
    test.clock.advance(seconds: 8 * 86_400)
    try await test.importText(Self.header + "1,2026-06-05,100,10,5\n", as: .adsCSV)
    #expect(
      try await states(test) == [
        "1 active inferred", "2 ended inferred", "3 ended inferred", "4 ended inferred", "5 ended inferred",
      ])
  }

  @Test("What a file of earlier days says does not replace what a file of later days said")
  func olderFile() async throws {
    let test = try await TestSystem()
    let header = "ad_id,date,impressions,clicks,spend,Delivery status,Delivery level\n"
    try await test.importText(header + "1,2026-05-27,100,10,5,inactive,ad\n", as: .adsCSV)
    try await test.importText(header + "1,2026-05-20,100,10,5,active,ad\n", as: .adsCSV)
    #expect(try await states(test) == ["1 paused file"])
    try await test.importText(header + "1,2026-05-28,100,10,5,inactive,campaign\n", as: .adsCSV)
    #expect(try await states(test) == ["1 active inferred"])
  }

  @Test(
    "Delivery columns and words of Ads Manager's languages",
    arguments: [
      ("Anzeigenauslieferung", "Inaktiv", "paused"), ("Entrega del anuncio", "inactive", "paused"),
      ("Veiculação do anúncio", "not_delivering", "paused"), ("Advertentieweergave", "Gearchiveerd", "ended"),
      ("effective_status", "CAMPAIGN_PAUSED", "paused"), ("effective_status", "DELETED", "ended"),
      ("Delivery status", "Recently completed", "ended"), ("delivery", "ACTIVE", "active"),
    ])
  func languages(_ column: String, _ word: String, _ state: String) async throws {
    let test = try await TestSystem()
    try await test.importText(
      "ad_id,date,impressions,clicks,spend,\(column)\n1,2026-05-27,100,10,5,\(word)\n", as: .adsCSV)
    #expect(try await states(test) == ["1 \(state) file"])
  }

  @Test("Insights that carry the effective status say whether the ad runs")
  func insights() async throws {
    let test = try await TestSystem()
    try await test.importText(
      """
      {"data": [{"ad_id": "1", "date_start": "2026-05-27", "impressions": "10", "spend": "5",
        "effective_status": "ADSET_PAUSED"}]}
      """, as: .metaInsights)
    #expect(try await states(test) == ["1 paused file"])
  }

  @Test("A person's word counts before a file's and is audited; an ad that does not exist changes nothing")
  func person() async throws {
    let test = try await TestSystem()
    try await test.importText(
      "ad_id,date,impressions,clicks,spend,delivery\n1,2026-05-27,100,10,5,active\n2,2026-05-27,100,10,5,paused\n",
      as: .adsCSV)
    let set = { (state: DeliveryState, ads: [AdID]) in
      try await test.system.ads.setDelivery(state, of: ads, account: test.account, by: .commandLine(user: "kim"))
    }
    #expect(try await set(.paused, ids("1")) == ids("1"))
    #expect(try await set(.active, ids("2")) == ids("2"))
    #expect(try await set(.active, ids("2")).isEmpty)
    #expect(try await states(test) == ["1 paused person", "2 active person"])
    #expect(
      try await test.system.ads.list(ids("1"), of: test.account)[0].delivery.reason.hasPrefix(
        "set to paused by cli:kim at "))
    let lines = try await test.system.audit.list(of: test.account).filter { $0.action.hasPrefix("ad_") }
    #expect(
      lines.map { "\($0.action) \($0.subject) \($0.actor)" } == ["ad_activated 2 cli:kim", "ad_paused 1 cli:kim"])
    let before = try await test.dump()
    let error = await #expect(throws: AdError.self) { try await set(.paused, try ids("2", "9")) }
    #expect(error?.description == "ad 9 of account acme does not exist")
    #expect(error?.apiError == .notFound("ad 9"))
    #expect(try await test.dump() == before)
  }

  @Test("Statements that others have replaced for 400 days go; the one that held since then stays")
  func retention() async throws {
    let test = try await TestSystem()
    try await test.importText(Self.header + "1,2026-05-10,100,10,5\n", as: .adsCSV)
    for state in [DeliveryState.paused, .active, .paused] {
      _ = try await test.system.ads.setDelivery(state, of: ids("1"), account: test.account, by: .system)
      test.clock.advance(seconds: 86_400)
    }
    test.clock.advance(seconds: 398 * 86_400)
    #expect(try await test.system.ads.removeReplacedDelivery(limit: 9) == 0)
    test.clock.advance(seconds: 86_400)
    #expect(try await test.system.ads.removeReplacedDelivery(limit: 9) == 1)
    test.clock.advance(seconds: 900 * 86_400)
    #expect(try await test.system.ads.removeReplacedDelivery(limit: 9) == 1)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM ad_delivery") == 1)
  }

  @Test("As of a past day an ad runs or not by what was known then")
  func asOf() async throws {
    let test = try await TestSystem()
    try await test.importText(Self.header + "1,2026-05-10,100,10,5\n2,2026-05-18,100,10,5\n", as: .adsCSV)
    _ = try await test.system.ads.setDelivery(.paused, of: ids("2"), account: test.account, by: .system)
    #expect(try await states(test, asOf: "2026-05-16") == ["1 active inferred"])
    #expect(try await states(test, asOf: "2026-05-18") == ["1 ended inferred", "2 active inferred"])
    #expect(try await states(test, asOf: "2026-05-28") == ["1 ended inferred", "2 paused person"])
  }

  @Test("A second import of a file adds no statement")
  func again() async throws {
    let test = try await TestSystem()
    for _ in 0..<3 {
      try await test.importText(
        "ad_id,date,impressions,clicks,spend,delivery\n1,2026-05-27,100,10,5,active\n", as: .adsCSV)
      test.clock.advance(seconds: 60)
    }
    #expect(try await test.rowCounts()["ad_delivery"] == 1)
  }
}
