import Execution
import Testing
import Values

@Suite("Settings of execution")
struct SettingsTests {
  @Test("A new account observes, and may not do more before its amounts are set")
  func closed() throws {
    var settings = ExecutionSettings()
    #expect(settings.mode == .observe)
    #expect(settings.problem(in: .usd) == nil)
    settings.mode = .automatic
    #expect(settings.problem(in: .usd)?.field == "holder_floor")
    settings = try Sample().settings
    #expect(settings.problem(in: .usd) == nil)
    settings.maxDailySpend = 1
    #expect(settings.problem(in: .usd)?.field == "max_daily_spend")
    settings = try Sample().settings
    settings.holderFloor = 60_000
    #expect(settings.problem(in: .usd)?.field == "holder_floor")
    #expect(settings.problem(in: .usd)?.value == "600.00")
  }

  @Test(
    "Hours of the week are read and written",
    arguments: [
      ("always", "always"), ("daily 0-24", "always"), ("mon-fri 8-20, sat 10-14", "mon-fri 8-20, sat 10-14"),
      ("mon 8-12 14-20,tue 8-12 14-20", "mon-tue 8-12 14-20"), ("sun 23-24", "sun 23-24"),
      ("daily 8-12, daily 10-14", "daily 8-14"),
    ])
  func hours(_ text: String, _ canonical: String) throws {
    let hours = try #require(WeekHours(text))
    #expect("\(hours)" == canonical)
    #expect(WeekHours(canonical) == hours)
  }

  @Test(
    "Other texts are no hours",
    arguments: ["", "never", "mon", "mon 8", "fri-mon 8-9", "mon 8-8", "mon 9-8", "mon 0-25", "mon 8-9,", "xyz 8-9"])
  func noHours(_ text: String) {
    #expect(WeekHours(text) == nil)
  }

  @Test("Quiet hours may pass midnight")
  func quiet() {
    var settings = ExecutionSettings()
    (settings.quietFrom, settings.quietUntil) = (22, 6)
    #expect((0...23).filter { settings.isChangeHour(weekday: 0, hour: $0) } == Array(6...21))
    (settings.quietFrom, settings.quietUntil) = (5, 5)
    #expect((0...23).allSatisfy { settings.isChangeHour(weekday: 0, hour: $0) })
    settings.changeHours = WeekHours("tue 9-10") ?? .always
    #expect((0...23).filter { settings.isChangeHour(weekday: 1, hour: $0) } == [9])
  }

  @Test("Shares are exact")
  func shares() {
    #expect(Share(rounding: 0.2).of(.max) == .max / 5)
    #expect(Share(rounding: 0.2).of(-5) == 0)
    #expect(Share(1, of: 3).millionths == 333_334)
    #expect(Share(0, of: 0) == .zero)
    #expect(Share(.max, of: 1).millionths == .max)
    #expect("\(Share(rounding: 0.125))" == "12.5 %")
    #expect(Share(rounding: .nan) == .zero)
  }
}
