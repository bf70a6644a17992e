import DecisionEngine
import Simulator
import Testing
import Values

@testable import Sandbox

/// What ads cost, what comes of them, and that nothing of it is by chance.
struct AdWorldTests {
  @Test("What ads cost is what budgets are charged, whatever is changed", arguments: 1...5)
  func books(_ seed: UInt64) throws {
    var world = try AdWorld(worldSettings(seed: seed))
    var random = RandomStream(seed: seed, name: "test")
    var now = world.settings.start
    for _ in 0..<150 {
      now = now.adding(seconds: Int64.random(in: 0...20_000, using: &random))
      _ = world.advance(to: now)
      let ids = world.places.keys.sorted()
      let id = try #require(ids.randomElement(using: &random))
      let change: ObjectChange =
        Bool.random(using: &random)
        ? .dailyBudget(Int64.random(in: 100...30_000, using: &random))
        : .status(Bool.random(using: &random) ? .active : .paused)
      try? world.change(id, [change], by: .api, at: now)
    }
    #expect(world.changes.writes > 20)
    let days = world.day(of: now)
    #expect(days > 10)
    for day in 0...days {
      #expect(world.spend(on: day).filter { $0.value > 0 } == world.charges(on: day).filter { $0.value > 0 })
    }
    for ad in world.ads {
      #expect(ad.days.allSatisfy { $0.spend >= 0 && $0.clicks <= $0.impressions && $0.leads <= $0.clicks })
      #expect(ad.leadCount == ad.days.reduce(0) { $0 + $1.leads })
    }
  }

  @Test("A world is the same however it is moved on, and another by another seed")
  func determinism() throws {
    var once = try AdWorld(worldSettings(seed: 7))
    var often = once
    let atOnce = once.pass(days: 12)
    var piecemeal: [DealHappening] = []
    var now = often.settings.start
    while now < often.settings.start.adding(seconds: 12 * 86_400) {
      now = min(now.adding(seconds: 4_321), often.settings.start.adding(seconds: 12 * 86_400))
      piecemeal += often.advance(to: now)
    }
    #expect(once.ads.map(\.days) == often.ads.map(\.days))
    #expect(atOnce.map(\.deal) == piecemeal.map(\.deal))
    #expect(atOnce.map(\.at) == piecemeal.map(\.at))
    #expect(atOnce.map(\.at) == atOnce.map(\.at).sorted())
    var other = try AdWorld(worldSettings(seed: 8))
    other.pass(days: 12)
    #expect(other.ads.map(\.days) != once.ads.map(\.days))
  }

  @Test(
    "A day costs at most 1.75 budgets, a week from Sunday at most 7, and all of it about what the budgets say",
    arguments: [("USD", "UTC"), ("JPY", "Asia/Tokyo"), ("HUF", "Europe/Budapest"), ("USD", "America/New_York")])
  func pacing(currency: String, zone: String) throws {
    var world = try AdWorld(worldSettings(seed: 3, currency: currency, timeZone: zone))
    let days = 70
    world.pass(days: days)
    for (id, daily) in world.budgetHolders {
      let charges = try #require(world.places[id].flatMap { world.budget(at: $0) }).charges
      #expect(charges.values.allSatisfy { Double($0) <= 1.75 * Double(daily) })
      let weeks = Dictionary(grouping: charges) { world.firstDay.adding(days: $0.key).week }
      for week in weeks.values { #expect(week.reduce(0) { $0 + $1.value } <= 7 * daily) }
      let mean = Double(charges.values.reduce(0, +)) / Double(days)
      #expect((0.85...1.02).contains(mean / Double(daily)))
      #expect(charges.values.contains { Double($0) > 1.2 * Double(daily) })
      #expect(charges.values.contains { Double($0) < 0.8 * Double(daily) })
    }
  }

  @Test("A budget that is lowered during a day costs no more once it has cost 1.75 of what it is then")
  func loweredBudget() throws {
    var world = try AdWorld(worldSettings())
    let id = try #require(world.budgetHolders.last).id
    let noon = world.settings.start.adding(seconds: 18 * 3_600)
    _ = world.advance(to: noon)
    let place = try #require(world.places[id])
    let before = try #require(world.budget(at: place)?.charges[0])
    #expect(before > 175)
    try world.change(id, [.dailyBudget(100)], by: .api, at: noon)
    world.pass(days: 2)
    #expect(world.budget(at: place)?.charges[0] == before)
    #expect(world.budget(at: place)?.charges[1].map { $0 <= 175 } == true)
  }

  @Test("What is paused costs nothing, at whatever level, and goes on when it is activated")
  func pausing() throws {
    var world = try AdWorld(worldSettings())
    world.pass(days: 1)
    let (ad, adSet, campaign) = (world.ads[4], world.adSets[1], world.campaigns[2])
    let at = world.settings.start.adding(seconds: 86_400)
    for id in [ad.head.id, adSet.head.id, campaign.head.id] {
      try world.change(id, [.status(.paused)], by: .api, at: at)
    }
    world.pass(days: 2)
    let stopped = world.ads.indices.filter { position in
      let own = world.ads[position]
      return position == 4 || own.adSet == 1 || world.adSets[own.adSet].campaign == 2
    }
    for position in world.ads.indices {
      #expect((world.ads[position].figures(on: 1).spend == 0) == stopped.contains(position))
    }
    #expect(world.effectiveStatus(ofAd: 4) == .paused)
    #expect(world.adSets[1].ads.allSatisfy { world.effectiveStatus(ofAd: $0) == .adSetPaused })
    #expect(world.adSets[2].ads.allSatisfy { world.effectiveStatus(ofAd: $0) == .campaignPaused })
    for id in [ad.head.id, adSet.head.id, campaign.head.id] {
      try world.change(id, [.status(.active)], by: .api, at: at.adding(seconds: 86_400))
    }
    world.pass(days: 3)
    #expect(world.ads.allSatisfy { $0.figures(on: 2).spend > 0 })
  }

  @Test("Deals end with what they were to bring, at the latest in a year")
  func deals() throws {
    var world = try AdWorld(worldSettings(seed: 5))
    var happenings = world.pass(days: 20)
    for campaign in world.campaigns {
      try world.change(
        campaign.head.id, [.status(.paused)], by: .api, at: world.settings.start.adding(seconds: 20 * 86_400))
    }
    #expect(world.ads.reduce(0) { $0 + $1.revenue } < world.ads.reduce(0) { $0 + $1.eventualRevenue })
    happenings += world.pass(days: 400)
    for ad in world.ads { #expect(ad.revenue == ad.eventualRevenue) }
    let won = happenings.compactMap(\.amount).reduce(0, +)
    #expect(won == world.ads.reduce(0) { $0 + $1.revenue })
    #expect(won > 0)
    let ways = Dictionary(grouping: happenings, by: \.deal)
    #expect(ways.count == world.dealCount)
    for way in ways.values {
      #expect(way.map(\.at) == way.map(\.at).sorted())
      #expect(way[0].move == .entered(0))
      let last = try #require(way.last?.move)
      #expect(last == .lost || last == .entered(DealSteps.count))
    }
  }

  @Test("Further ads are launched as the market says, in ad sets that are still there")
  func launches() throws {
    var world = try AdWorld(worldSettings())
    #expect(world.ads.count == 12)
    try world.change(world.adSets[0].head.id, [.status(.deleted)], by: .person, at: world.settings.start)
    world.pass(days: 10)
    #expect(world.ads.count == 13)
    #expect(world.ads[12].adSet == 1)
    #expect(world.ads[12].head.createdAt == world.calendar.start(of: monday.adding(days: 9)))
    #expect(world.ads[12].figures(on: 9).spend > 0)
  }

  @Test("History is what has happened before the clock begins")
  func history() throws {
    var world = try AdWorld(worldSettings(history: 28))
    _ = world.advance(to: world.settings.start)
    #expect(world.day(of: world.settings.start) == 28)
    #expect(world.ads.allSatisfy { $0.firstDay > 0 || $0.figures(on: 27).spend > 0 })
    #expect(world.ads.allSatisfy { $0.figures(on: 28).spend == 0 })
  }

  @Test("A world that cannot be is refused")
  func impossible() throws {
    let changes: [(inout WorldSettings) -> Void] = [
      { $0.campaigns = 0 }, { $0.adSets = 2 }, { $0.historyDays = -1 }, { $0.market.initialAds = 301 },
      { $0.market.stageRates = [0.5] }, { $0.market.costPerMille = 0 }, { $0.timeZone = "Mars/Olympus" },
    ]
    for change in changes {
      let settings = try worldSettings { change(&$0) }
      #expect(throws: SandboxError.self) { try AdWorld(settings) }
    }
  }
}
