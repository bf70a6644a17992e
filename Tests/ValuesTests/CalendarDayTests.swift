import Testing
import Values

@Suite struct CalendarDayTests {
  /// Days since 1970-01-01, from the proleptic Gregorian ordinals of Python's `datetime`.
  @Test(arguments: [
    ("0001-01-01", -719_162), ("1600-01-01", -135_140), ("1900-03-01", -25_508), ("1969-12-31", -1),
    ("1970-01-01", 0), ("2000-02-29", 11_016), ("2000-03-01", 11_017), ("2024-02-29", 19_782),
    ("2026-11-01", 20_758), ("2400-12-31", 157_419), ("9999-12-31", 2_932_896),
  ])
  func countsDaysSinceTheEpoch(text: String, days: Int) throws {
    #expect(try #require(CalendarDay(text)).daysSinceEpoch == days)
    #expect(CalendarDay(daysSinceEpoch: days).description == text)
  }

  /// Walks day by day with a calendar of its own, a table of month lengths.
  @Test func everyDayOfEightCenturiesMakesTheWayBack() {
    var number = -135_140
    for year in 1600...2400 {
      let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      let lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
      for month in 1...12 {
        for day in 1...lengths[month - 1] {
          let date = CalendarDay(daysSinceEpoch: number)
          guard CalendarDay(year: year, month: month, day: day) == date, date.components == (year, month, day),
            CalendarDay(date.description) == date
          else {
            Issue.record("\(year) \(month) \(day) is not \(date)")
            return
          }
          number += 1
        }
        guard CalendarDay(year: year, month: month, day: lengths[month - 1] + 1) == nil else {
          Issue.record("\(year) \(month) has no day \(lengths[month - 1] + 1)")
          return
        }
      }
    }
    #expect(number == 157_420)
  }

  @Test(arguments: [
    (1600, true), (1700, false), (1900, false), (2000, true), (2023, false), (2024, true), (2100, false),
  ])
  func februaryHas29DaysInALeapYear(year: Int, leap: Bool) {
    #expect((CalendarDay(year: year, month: 2, day: 29) != nil) == leap)
    #expect(CalendarDay(year: year, month: 2, day: 28) != nil)
    #expect(CalendarDay(year: year, month: 2, day: 30) == nil)
  }

  @Test(arguments: [(0, 1, 1), (10_000, 1, 1), (-1, 1, 1), (2026, 0, 1), (2026, 13, 1), (2026, 1, 0), (2026, 1, -1)])
  func rejectsWhatNoCalendarHas(year: Int, month: Int, day: Int) {
    #expect(CalendarDay(year: year, month: month, day: day) == nil)
  }

  @Test(arguments: [
    "", "2026-11-1", "2026-1-01", "26-11-01", "2026/11/01", "2026-11-01 ", " 2026-11-01", "2026-11-01T00:00:00Z",
    "20261101", "2026-11-31", "2026-02-29", "2026-00-01", "2026-13-01", "2026-01-00", "2026-01-32", "0000-01-01",
    "-026-01-01", "+026-01-01", "２０２６-11-01", "2026‐11‐01", "yyyy-mm-dd", "2026-1a-01", "12026-11-01",
  ])
  func rejectsBadText(text: String) {
    #expect(CalendarDay(text) == nil)
  }

  @Test func addsDaysOverMonthsAndYears() throws {
    let day = try #require(CalendarDay("2023-12-31"))
    #expect(day.adding(days: 1).description == "2024-01-01")
    #expect(day.adding(days: 60).description == "2024-02-29")
    #expect(day.adding(days: -365).description == "2022-12-31")
    #expect(day.adding(days: 0) == day)
    #expect(day < day.adding(days: 1))
    #expect(!(day < day))
  }
}
