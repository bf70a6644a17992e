import Testing
import Values

@Suite struct InstantTests {
  /// Microseconds since 1970, from Python's `datetime`.
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0),
    ("2026-11-01T10:00:00Z", 1_793_527_200_000_000),
    ("2026-11-01t10:00:00z", 1_793_527_200_000_000),
    ("2026-11-01 10:00:00Z", 1_793_527_200_000_000),
    ("2026-11-01T10:00Z", 1_793_527_200_000_000),
    ("2026-11-01T10:00:00.250Z", 1_793_527_200_250_000),
    ("2026-11-01T10:00:00.2Z", 1_793_527_200_200_000),
    ("2026-11-01T10:00:00.000001Z", 1_793_527_200_000_001),
    ("2026-11-01T10:00:00.0000019Z", 1_793_527_200_000_001),
    ("2026-11-01T10:00:00.123456789Z", 1_793_527_200_123_456),
    ("2026-11-01T10:00:00+00:00", 1_793_527_200_000_000),
    ("2026-11-01T10:00:00-00:00", 1_793_527_200_000_000),
    ("2026-11-01T10:00:00+01:00", 1_793_523_600_000_000),
    ("2026-11-01T10:00:00-0800", 1_793_556_000_000_000),
    ("2026-11-01T10:00:00+0530", 1_793_507_400_000_000),
    ("2026-11-01T23:30:00-08:00", 1_793_604_600_000_000),
    ("2024-02-29T12:34:56.123456+05:30", 1_709_190_296_123_456),
    ("1969-12-31T23:59:59.999999Z", -1),
    ("1900-01-01T00:00:00Z", -2_208_988_800_000_000),
    ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
    ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
  ])
  func readsRFC3339(text: String, microseconds: Int64) {
    #expect(Instant(text)?.microseconds == microseconds)
  }

  @Test(arguments: [
    "", "2026-11-01", "2026-11-01T10:00:00", "2026-11-01T10:00:00 Z", "2026-11-01T10:00:00Z ", " 2026-11-01T10:00:00Z",
    "2026-11-01  10:00:00Z", "2026-11-01_10:00:00Z", "2026-11-01T1:00:00Z", "2026-11-01T24:00:00Z",
    "2026-11-01T10:60:00Z", "2026-11-01T10:00:61Z", "2026-11-01T10:00:00.Z", "2026-11-01T10:00:00,5Z",
    "2026-11-01T10:00:00+1:00", "2026-11-01T10:00:00+24:00", "2026-11-01T10:00:00+01:60", "2026-11-01T10:00:00+01",
    "2026-11-01T10:00:00+01:", "2026-11-01T10:00:00+01:000", "2026-11-01T10:00:00ZZ", "2026-11-01T100000Z",
    "2026-11-01T10:00:00UTC", "2026-02-29T10:00:00Z", "2026-11-31T10:00:00Z", "2026-11-01T10:00.5Z", "2026-11-01TZ",
    "2026-11-01T10:0é:00Z", "20261101T100000Z",
  ])
  func rejectsAnythingElse(text: String) {
    #expect(Instant(text) == nil)
  }

  @Test(arguments: [
    ("2026-11-01 10:00:00", 1_793_527_200_000_000), ("2026-11-01T10:00", 1_793_527_200_000_000),
    ("2026-11-01T10:00:00.5", 1_793_527_200_500_000), ("1969-12-31 23:59:59", -1_000_000),
  ])
  func readsALocalTime(text: String, microseconds: Int64) {
    #expect(Instant(localTime: text)?.microseconds == microseconds)
    #expect(Instant(text) == nil)
  }

  @Test(arguments: [
    "", "2026-11-01", "2026-11-01T10:00:00Z", "2026-11-01T10:00:00+01:00", "2026-11-01 10", "2026-11-01 10:00:",
    "2026-11-01 10:00 ", "2026-11-01 25:00",
  ])
  func rejectsAnythingElseAsALocalTime(text: String) {
    #expect(Instant(localTime: text) == nil)
  }

  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (250_000, "1970-01-01T00:00:00.250Z"), (1, "1970-01-01T00:00:00.000001Z"),
    (1_500_010, "1970-01-01T00:00:01.500010Z"), (-1, "1969-12-31T23:59:59.999999Z"),
    (-1_000, "1969-12-31T23:59:59.999Z"), (-86_400_000_000, "1969-12-31T00:00:00Z"),
    (1_709_164_800_000_000, "2024-02-29T00:00:00Z"),
  ])
  func describesRFC3339(microseconds: Int64, text: String) {
    #expect(Instant(microseconds: microseconds).description == text)
  }

  @Test func readsBackWhatItDescribes() {
    var random = TestRandom(seed: 3)
    let steps = [1, 1_000, 1_000_000]
    for _ in 0..<20_000 {
      let step = steps[random.int(in: 0...2)]
      let instant = Instant(
        microseconds: Int64(random.int(in: -62_135_596_800_000_000 / step...253_402_300_799_999_999 / step) * step))
      guard Instant(instant.description) == instant else {
        Issue.record("\(instant.microseconds) became \(instant)")
        return
      }
    }
  }

  @Test(arguments: [
    (0, 0, 0), (999_999, 0, 0), (-1, -1, -1), (-1_000_000, -1, -1), (-1_000_001, -2, -1), (86_399_999_999, 86_399, 0),
    (86_400_000_000, 86_400, 1), (-86_400_000_000, -86_400, -1), (-86_400_000_001, -86_401, -2),
  ])
  func roundsDownToSecondsAndDays(microseconds: Int64, seconds: Int64, day: Int) {
    let instant = Instant(microseconds: microseconds)
    #expect(instant.seconds == seconds)
    #expect(instant.utcDay.daysSinceEpoch == day)
  }

  @Test func startsADay() throws {
    let day = try #require(CalendarDay("2026-11-01"))
    let start = Instant(startOf: day)
    #expect(start == Instant("2026-11-01T00:00:00Z"))
    #expect(start.utcDay == day)
    #expect(start.adding(seconds: 86_399).utcDay == day)
    #expect(start.adding(seconds: 86_400).utcDay == day.adding(days: 1))
    #expect(start.adding(seconds: -1).utcDay == day.adding(days: -1))
  }

  @Test func measuresHours() {
    let start = Instant(seconds: 1_000)
    #expect(start.adding(seconds: 5_400).hours(since: start) == 1.5)
    #expect(start.hours(since: start.adding(seconds: 3_600)) == -1)
    #expect(Instant(microseconds: 36).hours(since: Instant(microseconds: 0)) == 1e-8)
    #expect(start < start.adding(seconds: 1))
    #expect(!(start < start))
  }
}
