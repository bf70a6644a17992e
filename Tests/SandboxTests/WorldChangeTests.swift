import Testing
import Values

@testable import Sandbox

/// What may be changed, and how often.
struct WorldChangeTests {
  private func refusal(
    _ world: inout AdWorld, _ id: String, _ change: ObjectChange, at now: Instant
  ) -> ChangeRefusal? {
    do throws(ChangeRefusal) {
      try world.change(id, [change], by: .api, at: now)
      return nil
    } catch {
      return error
    }
  }

  @Test("The fifth change of a budget within an hour is refused, and all others for an hour")
  func edits() throws {
    var world = try AdWorld(worldSettings())
    let start = world.settings.start
    let id = world.adSets[1].head.id
    func change(_ minute: Int64) -> ChangeRefusal? {
      refusal(&world, id, .dailyBudget(5_000 + minute), at: start.adding(seconds: minute * 60))
    }
    #expect([0, 10, 20, 50].map(change) == [nil, nil, nil, nil])
    let until = start.adding(seconds: 115 * 60)
    #expect(change(55) == .tooManyBudgetEdits(until: until))
    #expect(change(65) == .tooManyBudgetEdits(until: until))
    #expect(change(114) == .tooManyBudgetEdits(until: until))
    #expect(world.budget(at: .adSet(1))?.daily == 5_050)
    #expect(change(115) == nil)
    #expect(world.changes.brokenLimits == ["budget_edits_per_hour": 3])
    #expect(world.changes.writes == 5)
    // Those of an hour ago do not count.
    #expect([175, 176, 177, 178].map(change) == [nil, nil, nil, nil])
    #expect(change(179) != nil)
    // Another ad set has changes of its own.
    #expect(refusal(&world, world.adSets[2].head.id, .dailyBudget(5_000), at: start.adding(seconds: 60)) == nil)
  }

  @Test("A budget is where it is, and within its bounds")
  func budgets() throws {
    var world = try AdWorld(worldSettings())
    let now = world.settings.start
    let (first, second) = (world.campaigns[0], world.campaigns[1])
    let below = world.adSets[first.adSets[0]].head.id
    #expect(refusal(&world, world.ads[0].head.id, .dailyBudget(500), at: now) == .budgetOfAd)
    #expect(refusal(&world, below, .dailyBudget(500), at: now) == .budgetOfCampaign)
    #expect(refusal(&world, second.head.id, .dailyBudget(500), at: now) == .budgetOfAdSets)
    #expect(refusal(&world, first.head.id, .dailyBudget(99), at: now) == .budgetTooLow(minimum: 100))
    #expect(refusal(&world, first.head.id, .dailyBudget(100_000_001), at: now) == .budgetTooHigh(maximum: 100_000_000))
    #expect(refusal(&world, "1", .dailyBudget(500), at: now) == .unknownObject)
    #expect(refusal(&world, first.head.id, .dailyBudget(100), at: now) == nil)
    #expect(world.changes.refusals.values.reduce(0, +) == 6)
    #expect(world.changes.brokenLimits == ["budget_too_low": 1, "budget_too_high": 1])
  }

  @Test("What was refused changes nothing, also beside what would have been made")
  func nothing() throws {
    var world = try AdWorld(worldSettings())
    let before = world.adSets[1].head
    #expect(throws: ChangeRefusal.budgetTooLow(minimum: 100)) {
      try world.change(before.id, [.status(.paused), .dailyBudget(1)], by: .api, at: world.settings.start)
    }
    #expect(world.adSets[1].head.status == .active)
    #expect(world.adSets[1].head.updatedAt == before.updatedAt)
    #expect(world.changes.records.map(\.refusal) == [.budgetTooLow(minimum: 100), .budgetTooLow(minimum: 100)])
    #expect(world.changes.records.map(\.before) == ["ACTIVE", "10000"])
  }

  @Test("What is deleted stays so; what is archived can be deleted")
  func gone() throws {
    var world = try AdWorld(worldSettings())
    let (id, now) = (world.ads[0].head.id, world.settings.start)
    #expect(refusal(&world, id, .status(.archived), at: now) == nil)
    #expect(refusal(&world, id, .status(.active), at: now) == .gone(.archived))
    #expect(refusal(&world, id, .name("Old"), at: now) == nil)
    #expect(refusal(&world, id, .status(.deleted), at: now) == nil)
    #expect(refusal(&world, id, .name("Older"), at: now) == .gone(.deleted))
    #expect(world.effectiveStatus(ofAd: 0) == .deleted)
  }

  @Test("Only the newest changes are kept, and all are counted")
  func log() {
    var log = ChangeLog()
    for number in 0..<(ChangeLog.limit + 5) {
      log.note("1", "name", from: nil, to: "\(number)", by: .api, at: Instant(seconds: 0), nil, budgets: 0)
    }
    #expect(log.records.count <= ChangeLog.limit)
    #expect(log.records.last?.number == ChangeLog.limit + 5)
    #expect(log.writes == ChangeLog.limit + 5)
  }

  @Test(
    "The account's clocks", arguments: [("America/New_York", "-0500"), ("Asia/Kolkata", "+0530"), ("UTC", "+0000")])
  func calendar(zone: String, offset: String) throws {
    let calendar = try #require(WorldCalendar(timeZone: zone))
    let start = calendar.start(of: monday)
    #expect(calendar.text(start) == "2026-01-05T00:00:00\(offset)")
    #expect(calendar.day(of: start) == monday)
    #expect(calendar.day(of: start.adding(seconds: -1)) == monday.adding(days: -1))
  }

  @Test("Weeks begin on Sunday")
  func weeks() {
    #expect(monday.weekdayFromMonday == 0)
    #expect(monday.daysLeftInWeek == 6)
    let sunday = monday.adding(days: -1)
    #expect(sunday.daysLeftInWeek == 7)
    #expect(sunday.week == monday.week)
    #expect(sunday.adding(days: -1).week == monday.week - 1)
    #expect(monday.adding(days: 5).daysLeftInWeek == 1)
    #expect(CalendarDay(daysSinceEpoch: -5).week == -1)
  }
}
