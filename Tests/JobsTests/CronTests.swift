import Jobs
import TestKit
import Testing
import Values

@Suite("Cron expressions")
struct CronTests {
  private func instant(_ text: String) throws -> Instant {
    try #require(Instant(localTime: text))
  }

  @Test(
    "the next moment",
    arguments: [
      ("* * * * *", "2026-11-25 17:11:29", "2026-11-25 17:12"),
      ("* * * * *", "2026-11-25 17:11:00", "2026-11-25 17:12"),
      ("*/15 * * * *", "2026-11-25 17:46", "2026-11-25 18:00"),
      ("5/20 * * * *", "2026-11-25 17:46", "2026-11-25 18:05"),
      ("0 3 * * *", "2026-12-31 03:00", "2027-01-01 03:00"),
      ("30 9-17/4 * * mon-fri", "2026-11-27 17:30", "2026-11-30 09:30"),
      ("0 0 1 jan,jul *", "2026-02-03 00:00", "2026-07-01 00:00"),
      ("0 0 29 2 *", "2026-01-01 00:00", "2028-02-29 00:00"),
      ("0 0 29 2 *", "2096-03-01 00:00", "2104-02-29 00:00"),
      ("0 0 31 * *", "2026-11-01 00:00", "2026-12-31 00:00"),
      ("0 0 * * 7", "2026-11-25 00:00", "2026-11-29 00:00"),
      ("0 0 * * SUN", "2026-11-25 00:00", "2026-11-29 00:00"),
      ("0 0 * * 5-7", "2026-11-28 00:00", "2026-11-29 00:00"),
      ("0 0 13 * fri", "2026-11-25 00:00", "2026-11-27 00:00"),
      ("0 0 13 * fri", "2026-12-12 00:00", "2026-12-13 00:00"),
      ("0 0 */2 * fri", "2026-11-25 00:00", "2026-11-27 00:00"),
      ("0 0 30 2 mon", "2026-02-01 00:00", "2026-02-02 00:00"),
      ("59 23 31 12 *", "1969-12-31 23:58:30", "1969-12-31 23:59"),
    ])
  func next(text: String, after: String, expected: String) throws {
    #expect(try CronExpression(text).next(after: instant(after)) == instant(expected))
  }

  @Test(
    "what is wrong is named",
    arguments: [
      ("* * * *", "5 fields"), ("", "not 0"), ("60 * * * *", "minute"), ("* 24 * * *", "hour"),
      ("* * 0 * *", "day of the month"), ("* * * 13 *", "month"), ("* * * foo *", "names such as feb"),
      ("* * * * 8", "day of the week"), ("5-1 * * * *", "from lower to higher"), ("*/0 * * * *", "step"),
      ("*/99 * * * *", "step"), ("1, * * * *", "minute"), ("-1 * * * *", "minute"), ("+1 * * * *", "minute"),
      ("1-2-3 * * * *", "minute"), ("** * * * *", "minute"), ("1/2/3 * * * *", "step"), ("0 0 30 2 *", "never"),
      ("0 0 31 4,6,9,11 *", "never"),
    ])
  func wrong(text: String, part: String) {
    let error = #expect(throws: CronError.self) { try CronExpression(text) }
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
  }

  @Test("a text too long is refused")
  func long() {
    #expect(throws: CronError.self) {
      try CronExpression(Array(repeating: "1", count: 200).joined(separator: ",") + " * * * *")
    }
  }

  @Test("the next moment is the first that a search by minutes finds", arguments: 1...60)
  func search(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let minutes = subset(of: 0...59, &random)
    let hours = subset(of: 0...23, &random)
    let days = subset(of: 1...31, &random)
    let weekdays = subset(of: 0...6, &random)
    let text = [minutes, hours, days, nil, weekdays].map { numbers in
      numbers.map { $0.sorted().map(String.init).joined(separator: ",") } ?? "*"
    }.joined(separator: " ")
    let start = Instant(seconds: Int64(random.int(in: -1_000_000_000...2_000_000_000)))
    let found = try #require(try CronExpression(text).next(after: start))
    var moment = Instant(startOf: start.utcDay)
    while moment <= start { moment = moment.adding(seconds: 60) }
    while !matches(moment, minutes, hours, days, weekdays) { moment = moment.adding(seconds: 60) }
    #expect(found == moment, "\(text) after \(start)")
  }

  private func subset(of range: ClosedRange<Int>, _ random: inout SeededRandom) -> Set<Int>? {
    guard random.int(in: 1...3) > 1 else { return nil }
    return Set((0..<random.int(in: 1...4)).map { _ in random.int(in: range) })
  }

  /// Told by subtraction of days from a known Sunday, another way than the expression's.
  private func matches(
    _ moment: Instant, _ minutes: Set<Int>?, _ hours: Set<Int>?, _ days: Set<Int>?, _ weekdays: Set<Int>?
  ) -> Bool {
    let second = Int(moment.seconds - Instant(startOf: moment.utcDay).seconds)
    let sunday = CalendarDay(daysSinceEpoch: -1_000_000 * 7 + 3)
    let weekday = (moment.utcDay.daysSinceEpoch - sunday.daysSinceEpoch) % 7
    guard minutes?.contains(second / 60 % 60) ?? true, hours?.contains(second / 3_600) ?? true else { return false }
    let isDay = days?.contains(moment.utcDay.components.day)
    let isWeekday = weekdays?.contains(weekday)
    if let isDay, let isWeekday { return isDay || isWeekday }
    return isDay ?? isWeekday ?? true
  }
}
