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

  @Test(
    "In a zone, a time that clocks leave out comes at the change, and one that comes twice comes once",
    arguments: [
      ("0 9 * * *", "Europe/Berlin", "2026-03-27T08:00:00Z", ["03-28T08:00", "03-29T07:00", "03-30T07:00"]),
      ("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", ["03-28T01:30", "03-29T01:00", "03-30T00:30"]),
      ("30 2 * * *", "Europe/Berlin", "2026-10-24T00:00:00Z", ["10-24T00:30", "10-25T00:30", "10-26T01:30"]),
      ("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:15:00Z", ["03-29T00:30", "03-29T01:00", "03-29T01:30"]),
      (
        "*/30 * * * *", "Europe/Berlin", "2026-10-24T23:45:00Z",
        ["10-25T00:00", "10-25T00:30", "10-25T02:00", "10-25T02:30"]
      ),
      ("0 0 * * *", "America/Santiago", "2026-09-05T00:00:00Z", ["09-05T04:00", "09-06T04:00", "09-07T03:00"]),
      ("0 1 1 11 *", "America/New_York", "2026-10-01T00:00:00Z", ["11-01T05:00"]),
      ("0 0 * * mon", "Pacific/Auckland", "2026-09-25T00:00:00Z", ["09-27T11:00", "10-04T11:00"]),
      ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", ["10-03T15:30", "10-04T15:15"]),
    ])
  func zones(text: String, zone: String, after: String, expected: [String]) throws {
    let (expression, zone) = (try CronExpression(text), try #require(Zone(zone)))
    var moment = try #require(Instant(after))
    let found = try expected.map { _ in
      moment = try #require(expression.next(after: moment, in: zone))
      return String(moment.description.dropFirst(5).dropLast(4))
    }
    #expect(found == expected)
  }

  @Test("After a moment between the two passes of a time, the time does not come again")
  func betweenPasses() throws {
    let (expression, berlin) = (try CronExpression("30 2 * * *"), try #require(Zone("Europe/Berlin")))
    for seconds in stride(from: Int64(0), to: 3 * 3_600, by: 600) {
      let moment = try #require(Instant("2026-10-25T00:30:00Z")).adding(seconds: seconds)
      #expect(expression.next(after: moment, in: berlin)?.description == "2026-10-26T01:30:00Z")
    }
  }

  @Test("The next moment in a zone is the first that a search by minutes finds", arguments: 1...40)
  func searchInZone(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let names = ["Europe/Berlin", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "Asia/Kolkata"]
    let zone = try #require(Zone(names[random.int(in: 0...(names.count - 1))]))
    let hour = random.int(in: 0...4)
    let minutes = (0..<random.int(in: 1...3)).map { _ in random.int(in: 0...59) }
    let expression = try CronExpression("\(minutes.map(String.init).joined(separator: ",")) \(hour) * * *")
    let start = Instant(seconds: 1_767_225_600 + Int64(random.int(in: 0...31_536_000)))
    let local = { (moment: Instant) in moment.adding(seconds: zone.offset(at: moment)) }
    // Where a change leaves out times, its first minute stands for all of them.
    let times = { (moment: Instant) -> Range<Int64> in
      let (before, now) = (local(moment.adding(seconds: -60)).seconds + 60, local(moment).seconds)
      return min(before, now)..<(now + 60)
    }
    let isTime = { (seconds: Int64) -> Bool in
      let ofDay = (seconds % 86_400 + 86_400) % 86_400
      return Int(ofDay / 3_600) == hour && minutes.contains(Int(ofDay / 60 % 60))
    }
    var seen = Set<Int64>()
    var moment = Instant(seconds: (start.seconds / 60 - 3 * 1_440) * 60)
    var found: Instant?
    while found == nil {
      let fresh = stride(from: times(moment).lowerBound, to: times(moment).upperBound, by: 60).filter {
        isTime($0) && seen.insert($0).inserted
      }
      if !fresh.isEmpty, moment > start { found = moment }
      moment = moment.adding(seconds: 60)
    }
    #expect(expression.next(after: start, in: zone) == found, "\(expression) \(zone) after \(start)")
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
