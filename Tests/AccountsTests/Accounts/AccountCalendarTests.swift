import Accounts
import Testing
import Values
import Web

/// Which time zones an account may have.
struct AccountCalendarTests {
  @Test(
    "A zone is taken by every name that the zone data have for it",
    arguments: [
      ("Asia/Kolkata", 5.5), ("Asia/Calcutta", 5.5), ("US/Pacific", -7), ("America/Buenos_Aires", -3),
      ("America/Argentina/Buenos_Aires", -3), ("Etc/GMT+5", -5), ("Etc/UTC", 0), ("UTC", 0), ("GMT", 0), ("CET", 2),
      ("EST5EDT", -4), ("Europe/Kyiv", 3),
    ])
  func names(_ name: String, _ hours: Double) throws {
    let calendar = try #require(AccountCalendar(timezone: name))
    let day = try #require(CalendarDay("2026-06-01"))
    #expect(calendar.start(of: day).seconds == Instant(startOf: day).seconds - Int64(clamping: hours * 3_600))
    #expect(AccountConfiguration(timezone: name).problem == nil)
    _ = try AccountConfiguration(timezone: name).calendar
  }

  @Test(
    "What is no name of a zone is refused, offsets and abbreviations that Foundation would take among it",
    arguments: [
      "", "Mars", "Foo/Bar", "GMT+5", "GMT+0530", "UTC+3", "+05:00", "PST", "asia/kolkata", "Etc/GMT+99", "America",
      "../../../etc/passwd", "Asia/Kolkata ", "Asia/Kolkata\u{0}",
    ])
  func nonsense(_ name: String) {
    #expect(AccountCalendar(timezone: name) == nil)
    #expect(AccountConfiguration(timezone: name).problem?.field == "timezone")
    #expect(throws: ConfigurationError.self) { try AccountConfiguration(timezone: name).calendar }
  }
}
