import Execution
import Testing
import Values

@Suite("Limits")
struct LimitTests {
  private static let raise = ChangeAction.setBudget(from: 10_000, to: 11_000)
  private static let cut = ChangeAction.setBudget(from: 10_000, to: 9_000)

  @Test("What is not as the change expects it is not changed")
  func expectations() throws {
    var sample = try Sample()
    #expect(try sample.check(.setBudget(from: 9_999, to: 11_000), on: "s1").hit?.limit == .changedSince)
    #expect(try sample.check(.setBudget(from: 1, to: 2), on: "a1").hit?.text == "ad a1 has no budget of its own")
    #expect(try sample.check(.activate, on: "a1").hit?.limit == .changedSince)
    try sample.change("a1") { $0.state = .ended }
    #expect(try sample.check(.pause, on: "a1").hit?.text == "ad a1 is not active but ended")
    #expect(try sample.check(Self.raise, on: "s1") == .allowed)
  }

  @Test("An object's budget is edited so many times an hour, whoever asks")
  func editsPerHour() throws {
    var sample = try Sample()
    sample.settings.budgetEditsPerHour = 2
    try sample.edited("s1", from: 9_000, to: 9_500, secondsAgo: 3_600)
    try sample.edited("s1", from: 9_500, to: 9_800, secondsAgo: 1_800)
    #expect(try sample.check(Self.cut, on: "s1", origin: .rollback) == .allowed)
    try sample.edited("s1", from: 9_800, to: 10_000, secondsAgo: 60)
    guard case .later(let hit, let moment?) = try sample.check(Self.cut, on: "s1", origin: .rollback) else {
      Issue.record("it is allowed")
      return
    }
    #expect(hit.limit == .editsPerHour)
    #expect(moment == Sample.now.adding(seconds: 1_800))
  }

  @Test("A rollback waits for no cooldown and no daily step, but keeps floors and caps")
  func rollback() throws {
    var sample = try Sample()
    try sample.edited("s1", from: 20_000, to: 10_000, secondsAgo: 60)
    let back = ChangeAction.setBudget(from: 10_000, to: 20_000)
    #expect(try sample.check(back, on: "s1").hit?.limit == .changePerDay)
    #expect(try sample.check(back, on: "s1", origin: .rollback) == .allowed)
    sample.settings.holderCap = 15_000
    #expect(try sample.check(back, on: "s1", origin: .rollback).hit?.limit == .holderCap)
  }

  @Test("The day's step counts from the day's beginning, and from what a person set since")
  func step() throws {
    var sample = try Sample()
    sample.settings.cooldownMinutes = 15
    sample.settings.budgetEditsPerHour = 4
    try sample.edited("s1", from: 9_000, to: 10_000, secondsAgo: 2_000)
    #expect(try sample.check(.setBudget(from: 10_000, to: 10_800), on: "s1") == .allowed)
    #expect(try sample.check(.setBudget(from: 10_000, to: 10_801), on: "s1").hit?.limit == .changePerDay)
    // Yesterday's edits do not count.
    sample.ledger = WriteLedger()
    try sample.edited("s1", from: 1_000, to: 10_000, secondsAgo: 11 * 3_600)
    #expect(try sample.check(.setBudget(from: 10_000, to: 12_000), on: "s1") == .allowed)
    // A person set it to 100.00 from 50.00 since this system's edit: neither range may be left.
    sample.ledger = WriteLedger()
    try sample.edited("s1", from: 4_000, to: 5_000, secondsAgo: 2_000)
    #expect(try sample.check(.setBudget(from: 10_000, to: 8_000), on: "s1").hit?.limit == .changePerDay)
  }

  @Test("Floors hold cuts, caps hold raises, and what is beyond already may only come back")
  func floorsAndCaps() throws {
    var sample = try Sample()
    sample.settings.holderFloor = 9_500
    sample.settings.holderCap = 10_500
    #expect(try sample.check(Self.cut, on: "s1").hit?.limit == .holderFloor)
    #expect(try sample.check(Self.raise, on: "s1").hit?.limit == .holderCap)
    sample.settings.holderFloor = 20_000
    sample.settings.holderCap = 30_000
    #expect(try sample.check(Self.raise, on: "s1") == .allowed)
    sample.settings = try Sample().settings
    sample.settings.accountFloor = 22_500
    sample.settings.accountCap = 23_500
    #expect(try sample.check(Self.cut, on: "s1").hit?.limit == .accountFloor)
    #expect(try sample.check(Self.raise, on: "s1").hit?.limit == .accountCap)
    #expect(try sample.check(.pause, on: "s1").hit?.limit == .accountFloor)
    #expect(try sample.check(.setBudget(from: 10_000, to: 50), on: "s1").hit?.limit == .platformMinimum)
  }

  @Test("The account may not come to spend more on its dearest day, nor be raised once the day's money is spent")
  func dailySpend() throws {
    var sample = try Sample()
    // 230.00 and 10.00 more: 420.00 on a day that runs 75 % over.
    sample.settings.maxDailySpend = 42_000
    #expect(try sample.check(Self.raise, on: "s1") == .allowed)
    sample.settings.maxDailySpend = 41_999
    #expect(try sample.check(Self.raise, on: "s1").hit?.limit == .dailySpend)
    sample.settings.maxDailySpend = 50_000
    sample.paces[try Sample.id("a3")] = AdPace(spentToday: 50_000)
    #expect(try sample.check(Self.raise, on: "s1").hit?.limit == .dailySpend)
    #expect(try sample.check(Self.cut, on: "s1") == .allowed)
  }

  @Test("So many ads and so much of the delivery are paused a day")
  func pauses() throws {
    var sample = try Sample()
    sample.settings.maxAdsPaused = Share(rounding: 0.25)
    #expect(try sample.check(.pause, on: "a1") == .allowed)
    #expect(try sample.check(.pause, on: "s1").hit?.limit == .adsPaused)
    sample.settings.maxDeliveryPaused = Share(rounding: 0.2)
    #expect(try sample.check(.pause, on: "a1").hit?.limit == .deliveryPaused)
    sample.paces = [try Sample.id("a1"): AdPace(dailySpend: 10), try Sample.id("a3"): AdPace(dailySpend: 90)]
    #expect(try sample.check(.pause, on: "a1") == .allowed)
    sample.ledger.add(
      PastWrite(
        object: try Sample.id("a9"), action: .pause, at: Sample.now.adding(seconds: -60), adsPaused: 1,
        deliveryPaused: Share(rounding: 0.15)))
    #expect(try sample.check(.pause, on: "a1").hit?.limit == .adsPaused)
  }

  @Test("Changes of a day are counted")
  func changesPerDay() throws {
    var sample = try Sample()
    sample.settings.maxChangesPerDay = 1
    try sample.edited("s2", from: 5_100, to: 5_000, secondsAgo: 600)
    #expect(
      try sample.check(Self.cut, on: "s1")
        == .later(
          LimitHit(.changesPerDay, "1 changes were applied today, which is the limit"), at: sample.moment.dayEnd))
  }

  @Test("Nothing is written while stopped, observing, unapproved, out of hours or without amounts")
  func permit() throws {
    let settings = try Sample().settings
    func permit(
      _ change: (inout ExecutionSettings) -> Void = { _ in }, all: String? = nil, own: String? = nil, hour: Int = 10
    ) -> ExecutionPermit {
      var settings = settings
      change(&settings)
      return ExecutionPermit(stopForAll: all, stop: own, settings: settings, moment: Sample.moment(hour: hour))
    }
    let person = ExecutionPermit.Approval.person("key")
    #expect(permit().check(.system, origin: .decision) == .allowed)
    #expect(permit(all: "fire").check(person, origin: .rollback).hit?.limit == .stoppedForAll)
    #expect(permit(own: "fire").check(person, origin: .rollback).hit?.limit == .stopped)
    #expect(permit { $0.mode = .observe }.check(person, origin: .rollback).hit?.limit == .mode)
    #expect(permit().check(.none, origin: .decision).hit?.limit == .approval)
    #expect(permit { $0.mode = .approve }.check(.system, origin: .decision).hit?.limit == .approval)
    #expect(permit { $0.mode = .approve }.check(person, origin: .decision) == .allowed)
    #expect(permit { $0.holderCap = nil }.check(person, origin: .decision).hit?.limit == .notSet)
    let night = permit(hour: 3).check(person, origin: .decision)
    guard case .later(let hit, let moment) = night else {
      Issue.record("it is allowed at night")
      return
    }
    #expect(hit.limit == .hours)
    #expect(moment == Sample.moment(hour: 6).now)
    #expect(permit(hour: 3).check(person, origin: .rollback) == .allowed)
    let windows = permit { $0.changeHours = WeekHours("fri 9-12") ?? .always }
    #expect(windows.check(person, origin: .decision).hit?.limit == .hours)
  }
}
