import Accounts
import App
import AppTestKit
import DecisionEngine
import Decisions
import Measurement
import TestKit
import Testing
import Values

/// What was known when: figures, deals and ages as of a day, by the account's calendar.
struct KnowledgeTests {
  private static let header = "ad_id,date,impressions,clicks,spend\n"

  @Test("As of a day, later figures and later moves of deals do not count")
  func asOf() async throws {
    let test = try await TestSystem()
    try await test.importText(
      Self.header + "1,2026-05-01,100,10,5\n1,2026-05-02,200,20,6\n1,2026-05-04,400,40,7\n2,2026-05-03,1,1,1\n",
      as: .adsCSV)
    try await test.importText(
      "id,dealstage,ad_id,hs_v2_date_entered_current_stage\nd,appointment_scheduled,1,2026-05-01T12:00:00Z\n"
        + "d,show_up,1,2026-05-02T23:59:59Z\nd,closed_won,1,2026-05-03T00:00:00Z\n", as: .hubspotDeals)
    let first = try await test.states(asOf: "2026-05-01")
    #expect(first.keys.sorted() == ["1"])
    #expect(first["1"]?.impressions == 100)
    #expect(first["1"]?.pipelineValue == 2_250)
    #expect(first["1"]?.ageHours == 24)
    let second = try await test.states(asOf: "2026-05-02")
    #expect(second["1"]?.spend == 11)
    #expect(second["1"]?.pipelineValue == 9_000)
    #expect(second["1"]?.cashRevenue == 0)
    let third = try await test.states(asOf: "2026-05-03")
    #expect(third.keys.sorted() == ["1", "2"])
    #expect(third["1"]?.clicks == 30)
    #expect(third["1"]?.cashRevenue == 15_000)
    #expect(try await test.states()["1"]?.impressions == 700)
    #expect(try await test.states(asOf: "2026-04-30").isEmpty)
  }

  @Test("A decision as of a day is the same before and after later figures came in")
  func decisionAsOf() async throws {
    let test = try await TestSystem()
    try await test.importText(Self.header + "1,2026-05-01,100,10,5\n2,2026-05-01,90,9,4\n", as: .adsCSV)
    let order = { (order: inout DecisionService.Order) in
      order.day = CalendarDay("2026-05-01")
      order.seed = 11
    }
    let before = try await test.decide("20", order)
    try await test.importText(Self.header + "1,2026-05-02,9000,10,50\n3,2026-05-02,1,1,1\n", as: .adsCSV)
    try await test.importText("id,dealstage,ad_id,createdate\nd,closed_won,1,2026-05-02T10:00:00Z\n", as: .hubspotDeals)
    test.clock.advance(seconds: 7 * 86_400)
    let after = try await test.decide("20", order)
    #expect(after.id != before.id)
    let stored = try await [test.system.decisions.stored(before.id), test.system.decisions.stored(after.id)]
    #expect(stored[0].result == stored[1].result)
    #expect(stored[0].inputs == stored[1].inputs)
  }

  @Test(
    "An ad's age counts the hours that passed, also across a clock change",
    arguments: [
      ("UTC", "2026-03-29", 24.0), ("Europe/Berlin", "2026-03-29", 23),
      ("Europe/Berlin", "2026-10-25", 25), ("America/New_York", "2026-03-08", 23),
      ("America/New_York", "2026-11-01", 25), ("Asia/Tokyo", "2026-03-29", 24), ("Africa/Cairo", "2026-04-24", 23),
      ("America/Havana", "2026-03-08", 23), ("America/Santiago", "2026-09-06", 23),
      ("America/Havana", "2026-11-01", 25),
      ("Australia/Lord_Howe", "2026-10-04", 23.5),
    ])
  func clockChange(_ timezone: String, _ day: String, _ hours: Double) async throws {
    let test = try await TestSystem(timezone: timezone, at: #require(Instant("2026-12-31T00:00:00Z")))
    try await test.importText(Self.header + "1,\(day),100,10,5\n", as: .adsCSV)
    #expect(try await test.states(asOf: day)["1"]?.ageHours == hours)
    let next = try #require(CalendarDay(day)).adding(days: 1)
    #expect(try await test.states(asOf: "\(next)")["1"]?.ageHours == hours + 24)
  }

  @Test("A day starts on its own date in every zone, the days before and after a clock change included")
  func everyZone() throws {
    for name in [
      "Africa/Cairo", "America/Havana", "America/Santiago", "America/Sao_Paulo", "Asia/Beirut", "Asia/Tehran",
    ] {
      let calendar = try #require(AccountCalendar(timezone: name))
      for offset in 0..<3_000 {
        let day = try #require(CalendarDay("2015-01-01")).adding(days: offset)
        let start = calendar.start(of: day)
        #expect(calendar.day(of: start) == day, "\(name) \(day)")
        #expect(
          calendar.day(of: Instant(microseconds: start.microseconds - 1)) == day.adding(days: -1), "\(name) \(day)")
      }
    }
  }

  @Test("An ad's age is that of the clock, and never negative")
  func age() async throws {
    let start = try #require(Instant("2026-05-03T06:00:00Z"))
    let test = try await TestSystem(timezone: "America/New_York", at: start)
    try await test.importText(Self.header + "1,2026-05-01,100,10,5\n2,2026-05-04,1,1,1\n", as: .adsCSV)
    #expect(try await test.states()["1"]?.ageHours == 50)
    #expect(try await test.states()["2"]?.ageHours == 0)
    test.clock.advance(seconds: 5_400)
    #expect(try await test.states()["1"]?.ageHours == 51.5)
  }

  @Test(
    "Moments belong to the day of the account's zone",
    arguments: [("America/Los_Angeles", 15_000.0), ("Asia/Tokyo", 0)])
  func zoneOfDeals(_ timezone: String, _ revenue: Double) async throws {
    let test = try await TestSystem(timezone: timezone)
    try await test.importText(Self.header + "1,2026-05-01,100,10,5\n", as: .adsCSV)
    try await test.importText(
      "id,dealstage,ad_id,closedate\nd,closed_won,1,2026-05-01T16:00:00Z\n", as: .hubspotDeals)
    #expect(try await test.states(asOf: "2026-05-01")["1"]?.cashRevenue == revenue)
    #expect(try await test.states(asOf: "2026-05-02")["1"]?.cashRevenue == 15_000)
  }
}
