import Execution
import Testing
import Values

@Suite("Plans")
struct PlannerTests {
  @Test("Budgets of ads are rolled up to the ad set or campaign that they live on, cuts before raises")
  func rollUp() throws {
    let plan = try Sample().plan(["a1": 4_000, "a2": 7_500, "a3": 4_500, "a4": 7_000])
    #expect(plan.short == ["c2 8000>7000", "s2 5000>4500", "s1 10000>11500"])
    #expect(plan.refusals == [])
    #expect(plan.changes[2].ads.map(\.value) == ["a1", "a2"])
    #expect(
      plan.changes[2].reason
        == "2 ads were decided 40.00, 75.00, together 115.00 a day, and their budget lives on ad set s1; its daily "
        + "budget goes from 100.00 to 115.00")
    #expect(plan.changes[0].reason.hasPrefix("ad a4 was decided 70.00 a day, and its budget lives on campaign c2"))
    #expect(plan.changes.map(\.totalLimit) == [nil, nil, 23_000])
  }

  @Test("A budget moves by the daily change limit at most, and says so")
  func step() throws {
    let plan = try Sample().plan(["a1": 1_000, "a2": 1_000, "a3": 13_000, "a4": 8_000])
    #expect(plan.short == ["s1 10000>8000", "s2 5000>6000"])
    #expect(plan.changes[0].reason.contains("limits allow 80.00 today"))
  }

  @Test("Raises share what is left under the decision's total")
  func totals() throws {
    // 230.00 now; 240.00 decided: 10.00 are to be shared by raises of 20.00 and 10.00.
    let plan = try Sample().plan(["a1": 12_000, "a3": 6_000, "a4": 8_000], total: 24_000)
    #expect(plan.short == ["s1 10000>10666", "s2 5000>5333"])
    let none = try Sample().plan(["a1": 12_000, "a3": 6_000, "a4": 8_000], total: 20_000)
    #expect(none.short == [])
    #expect(none.refused == ["s1 decision_total", "s2 decision_total"])
  }

  @Test("Budgets that are not in the decision count in the account's total")
  func uncovered() throws {
    var sample = try Sample()
    sample.objects += [
      try Sample.object("s9", .adSet, in: "c1", daily: 6_000), try Sample.object("a9", .ad, in: "s9"),
    ]
    // 290.00 now, of which the decision knows 230.00.
    #expect(try sample.plan(["a1": 12_000, "a3": 6_000, "a4": 8_000], total: 26_000).short == [])
    let plan = try sample.plan(["a1": 8_000, "a3": 6_000, "a4": 8_000], total: 29_000)
    #expect(plan.short == ["s1 10000>8000", "s2 5000>6000"])
  }

  @Test("An ad to be stopped is paused, and its budget leaves the sum")
  func stopped() throws {
    let plan = try Sample().plan(["a1": 9_000, "a2": 100, "a3": 5_000, "a4": 8_000], stopped: ["a2"])
    #expect(plan.short == ["a2 pause", "s1 10000>9000"])
    #expect(plan.changes[0].reason == "judged kill")
    #expect(plan.changes[0].deliveryShare == Share(rounding: 0.25))
  }

  @Test("Lifetime budgets, missing budgets, budgets on both levels, switched-off and unknown ads are reported")
  func untouched() throws {
    var sample = try Sample()
    try sample.change("s1") { $0.budget = .lifetime(90_000) }
    try sample.change("s2") { $0.budget = .elsewhere }
    try sample.change("s3") { $0.budget = .daily(1_000) }
    #expect(
      try sample.plan(["a1": 1, "a3": 1, "a4": 1, "zz": 1]).refused == [
        "a1 lifetime_budget", "a3 no_budget", "a4 no_budget", "zz unknown_object",
      ])
    try sample.change("c2") { $0.state = .paused }
    #expect(try sample.plan(["a4": 1]).refused == ["a4 not_delivering"])
  }

  @Test("Schedules and shared budgets count: what is set is less than what it amounts to")
  func schedules() throws {
    var sample = try Sample()
    sample.settings.holderCap = 12_000
    try sample.change("c1") { $0.sharesBudgets = true }
    // 100.00 on a set that may borrow a fifth is 120.00: at its cap.
    #expect(try sample.plan(["a1": 11_500]).refused == ["s1 holder_cap"])
    try sample.change("c1") { $0.sharesBudgets = false }
    try sample.change("s1") {
      $0.schedules = [
        BudgetSchedule(from: Sample.now, to: Sample.now.adding(seconds: 3_600), raise: .amount(1_500))
      ]
    }
    #expect(try sample.plan(["a1": 12_000, "a3": 4_000, "a4": 7_000], total: 40_000).short.last == "s1 10000>10500")
    try sample.change("s1") { $0.schedules = nil }
    #expect(try sample.plan(["a1": 11_500]).refused == ["s1 unread_schedule"])
    #expect(try sample.plan(["a1": 8_500]).short == ["s1 10000>8500"])
  }

  @Test("What waits for its cooldown is proposed from then on; what would expire before is refused")
  func cooldown() throws {
    var sample = try Sample()
    let edit = Sample.now.adding(seconds: -3_600)
    try sample.change("s1") { $0.editedAt = edit }
    let plan = try sample.plan(["a1": 9_000])
    #expect(plan.short == ["s1 10000>9000"])
    #expect(plan.changes[0].notBefore == edit.adding(seconds: 6 * 3_600))
    #expect(plan.changes[0].waitsFor?.limit == .cooldown)
    try sample.change("s1") { $0.learning = .learning }
    #expect(try sample.plan(["a1": 9_000]).refused == ["s1 learning"])
  }

  @Test("An open change keeps others off the same part of the object")
  func open() throws {
    let open: Set = [ChangeTarget(try Sample.id("s1"), .setBudget)]
    let plan = try Sample().plan(["a1": 9_000, "a2": 100], stopped: ["a2"], open: open)
    #expect(plan.short == ["a2 pause"])
    #expect(plan.refused == ["s1 open_change"])
  }

  @Test("Changes too small to be worth an edit are left")
  func small() throws {
    let plan = try Sample().plan(["a1": 10_199, "a3": 4_901, "a4": 8_160])
    #expect(plan.short == ["c2 8000>8160"])
  }

  @Test("An effect is the change times the ads' marginal return, with its range")
  func effect() throws {
    let outlook = AdReturn(marginal: 2, marginalLow: 1, marginalHigh: 4, average: 3, averageHigh: 5)
    var sample = try Sample()
    sample.paces[try Sample.id("a2")] = AdPace(dailySpend: 2_000)
    sample.settings.maxDeliveryPaused = .whole
    let plan = try sample.plan(["a1": 9_000, "a2": 100], stopped: ["a2"], outlook: outlook)
    #expect(plan.short == ["a2 pause", "s1 10000>9000"])
    #expect(plan.changes[0].effect.spend == -2_000)
    #expect(plan.changes[0].effect.revenue == ExpectedEffect.Estimate(mean: -6_000, low: -10_000, high: -2_000))
    #expect(plan.changes[1].effect.spend == -1_000)
    #expect(plan.changes[1].effect.revenue == ExpectedEffect.Estimate(mean: -2_000, low: -4_000, high: -1_000))
  }

  @Test("An ad that cannot earn what the next unit earns elsewhere is paused in favour of those that share its budget")
  func outearned() throws {
    var sample = try Sample()
    sample.settings.maxDeliveryPaused = .whole
    let ads = try [("a1", 9_000, 3.0), ("a2", 3_000, 1.0), ("a3", 5_000, 1.0), ("a4", 8_000, 3.0)].map {
      DecidedAd(
        id: try Sample.id($0), budget: $1, stop: nil,
        outlook: AdReturn(marginal: $2, marginalLow: $2 / 2, marginalHigh: $2 * 2, average: $2, averageHigh: $2 * 1.5))
    }
    let plan = ChangePlanner.plan(PlanRequest(split: DecidedSplit(total: 25_000, ads: ads)), sample.checker)
    // a3 is alone on its budget, which can be lowered.
    #expect(plan.short == ["a2 pause", "s1 10000>12000"])
    #expect(
      plan.changes[0].reason
        == "100.00 spent on ad a2 bring 100.00, or 122.47 if half of what is not known turns out well, and as much more "
        + "over all ads brings 236.00; the other ads of ad set s1 get its share")
    #expect(
      plan.changes[1].reason
        == "ad a1 was decided 120.00 a day, and its budget lives on ad set s1; 30.00 of it were decided for ads that are "
        + "paused beside them; its daily budget goes from 100.00 to 120.00")
  }

  @Test("Of ads that share a budget one stays, and an ad that may yet earn as much as others is not paused")
  func notOutearned() throws {
    let sample = try Sample()
    let plan = { (high: Double) in
      let ads = try ["a1", "a2", "a4"].map {
        let rate = $0 == "a4" ? 3.0 : 1.0
        return DecidedAd(
          id: try Sample.id($0), budget: 5_000, stop: nil,
          outlook: AdReturn(marginal: rate, marginalLow: rate, marginalHigh: rate, average: rate, averageHigh: high))
      }
      return ChangePlanner.plan(PlanRequest(split: DecidedSplit(total: 15_000, ads: ads)), sample.checker)
    }
    #expect(try plan(1.2).changes.filter { $0.action == .pause }.map(\.object.value) == ["a2"])
    #expect(try plan(3).changes.filter { $0.action == .pause } == [])
  }

  @Test("An ad set that spends with nothing to show is to be paused; results, and no cap, keep it")
  func sameDay() throws {
    var sample = try Sample()
    sample.settings.maxAdsPaused = .whole
    sample.settings.maxDeliveryPaused = .whole
    sample.paces[try Sample.id("a1")] = AdPace(dailySpend: 100, spentToday: 50_000)
    let wanted = { (sample: Sample) in SameDayStop.wanted(in: sample.checker.account, sample.settings, .usd) }
    let plan = try sample.plan([:], wanted: wanted(sample))
    #expect(plan.short == ["s1 pause"])
    #expect(
      plan.changes[0].reason
        == "ad set s1 has spent 500.00 today, 50 % of the account's cap, without a lead or a deal")
    sample.paces[try Sample.id("a2")] = AdPace(resultsToday: 1)
    #expect(wanted(sample) == [])
    sample.paces[try Sample.id("a2")] = nil
    sample.settings.accountCap = nil
    #expect(wanted(sample) == [])
  }

  @Test("Wear takes a share of the ad's part off the budget that pays for it, and late revenue switches an ad on")
  func wanted() throws {
    var sample = try Sample()
    sample.paces[try Sample.id("a4")] = AdPace(dailySpend: 4_000)
    let cut = WantedChange(.reduce(by: Share(rounding: 0.2)), try Sample.id("a4"), origin: .fatigue, reason: "worn")
    #expect(try sample.plan([:], wanted: [cut]).short == ["c2 8000>7200"])
    try sample.change("a3") { $0.state = .paused }
    let revive = WantedChange(.activate, try Sample.id("a3"), origin: .revive, reason: "a late sale")
    #expect(try sample.plan([:], wanted: [cut, revive]).short == ["c2 8000>7200", "a3 activate"])
  }

  @Test("What comes off one budget for several ads is summed, each with its reason; too little is left and said")
  func summedCuts() throws {
    var sample = try Sample()
    sample.paces[try Sample.id("a1")] = AdPace(dailySpend: 4_000)
    sample.paces[try Sample.id("a2")] = AdPace(dailySpend: 1_000)
    sample.paces[try Sample.id("a3")] = AdPace(dailySpend: 200)
    let cuts = try ["a1", "a2", "a3"].map {
      WantedChange(.reduce(by: Share(rounding: 0.2)), try Sample.id($0), origin: .fatigue, reason: "\($0) is worn")
    }
    let plan = try sample.plan([:], wanted: cuts)
    #expect(plan.short == ["s1 10000>9000"])
    #expect(plan.changes[0].reason == "a1 is worn; a2 is worn; its daily budget goes from 100.00 to 90.00")
    #expect(plan.changes[0].ads == [try Sample.id("a1"), try Sample.id("a2")])
    #expect(plan.changes[0].origin == .fatigue)
    #expect(plan.refusals.map(\.object.value) == ["s2"])
    #expect(plan.refusals.map(\.code) == [.tooSmall])
  }
}
