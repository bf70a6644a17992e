import ArgumentParser
import DecisionEngine
import Foundation
import Values

/// `benchmarks lag-aware`: the time of a day's update and decision of a large account, or of a split of totals alone, and
/// the memory it takes.
struct LagAwareBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lag-aware", abstract: "Time a new day's counts and a LagAwareSampler.select; print a line of JSON.")

  @Option(help: "Ads of the account.")
  var ads = 1_000
  @Option(help: "Deals of history.")
  var deals = 100_000
  @Option(help: "New days to time.")
  var days = 20

  @Flag(help: "Split ads of which only totals are known, as a request gives them.")
  var totals = false

  private static let historyDays = 90

  func run() throws {
    try totals ? splitTotals() : decideOnHistory()
  }

  private func splitTotals() throws {
    let states = try LargeAccount.totals(count: ads)
    let sampler = LagAwareSampler(configuration: LagAwareConfiguration())
    let total = Int64(ads) * 5_000
    var times: [Double] = []
    for seed in 0..<days {
      let start = ContinuousClock.now
      let selection = try sampler.select(
        fromTotals: states, saleValue: 3_000, totalBudget: total, seed: UInt64(seed))
      times.append((ContinuousClock.now - start) / .milliseconds(1))
      guard selection.allocatedBudget == total else { throw ValidationError("a selection does not sum to its total") }
    }
    report("lag_aware_totals", deals: 0, times)
  }

  private func decideOnHistory() throws {
    var world = try LargeAccount(adCount: ads, dealsPerDay: deals / Self.historyDays)
    for _ in 0..<Self.historyDays { world.takeDay() }
    let sampler = LagAwareSampler(configuration: LagAwareConfiguration())
    var times: [Double] = []
    for _ in 0..<days {
      let day = world.makeDay()
      let start = ContinuousClock.now
      world.take(day)
      let total = Int64(ads) * 6_000
      let selection = try sampler.select(
        world.ads, world.history.tallies, currentBudgets: [:], now: world.now, totalBudget: total, seed: 1)
      times.append((ContinuousClock.now - start) / .milliseconds(1))
      guard selection.allocatedBudget == total else { throw ValidationError("a selection does not sum to its total") }
    }
    report("lag_aware", deals: world.dealCount, times)
  }

  private func report(_ name: String, deals: Int, _ times: [Double]) {
    let times = times.sorted()
    let figure = { (value: Double) in String(format: "%.2f", value) }
    print(
      """
      {"benchmark":"\(name)","ads":\(ads),"deals":\(deals),"median_ms":\(figure(times[days / 2])),\
      "worst_ms":\(figure(times[days - 1])),"peak_rss_mb":\(figure(peakMegabytes()))}
      """)
  }

  private func peakMegabytes() -> Double {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Double($0) }.map { $0 / 1_024 } ?? 0
  }
}

/// A seeded account with many ads, whose deals move for weeks.
struct LargeAccount {
  let ads: [AdID]
  private(set) var history: FunnelHistory
  private(set) var dealCount = 0
  private var stream = RandomStream(seed: 5)
  private var day = CalendarDay(daysSinceEpoch: 20_000)
  private var upcoming: [CalendarDay: [DealEvent]] = [:]
  private let dealsPerDay: Int

  init(adCount: Int, dealsPerDay: Int) throws {
    let stages = [("lead", 90.0), ("appointment", 360), ("show", 600), ("won", 3_000)]
    guard let funnel = SalesFunnel(stages.map { SalesFunnel.Stage(name: $0.0, value: $0.1) }) else {
      throw ValidationError("no funnel")
    }
    history = FunnelHistory(funnel: funnel)
    ads = (0..<adCount).compactMap { AdID("1202\(100_000_000_000 + $0)") }
    self.dealsPerDay = dealsPerDay
  }

  /// Ads of all ages and sizes, each with its totals.
  static func totals(count: Int) throws -> [AdState] {
    guard let account = AccountID("large") else { throw ValidationError("no account") }
    var stream = RandomStream(seed: 5)
    return try (0..<count).compactMap { AdID("1202\(100_000_000_000 + $0)") }.map { adID in
      let impressions = 1_000 + Int(clamping: 100_000 * stream.nextUniform())
      return try AdState(
        accountID: account, adID: adID, impressions: impressions,
        clicks: Int(clamping: Double(impressions) * 0.03 * stream.nextUniform()), spend: 2_000 * stream.nextUniform(),
        pipelineValue: 20_000 * stream.nextUniform(), cashRevenue: 0, ageHours: 1_000 * stream.nextUniform())
    }
  }

  /// The first moment of the day that has not come yet.
  var now: Instant { Instant(startOf: day) }

  /// What becomes known of the present day.
  mutating func makeDay() -> (reports: [AdDay], events: [DealEvent]) {
    let reports = ads.map { adID in
      let impressions = 1_000 + Int(clamping: 4_000 * stream.nextUniform())
      return AdDay(
        adID: adID, day: day, spend: 20 + 80 * stream.nextUniform(), impressions: impressions,
        clicks: impressions / 100, leads: Int(clamping: 3 * stream.nextUniform()))
    }
    for _ in 0..<dealsPerDay { makeDeal() }
    return (reports, upcoming.removeValue(forKey: day) ?? [])
  }

  mutating func take(_ known: (reports: [AdDay], events: [DealEvent])) {
    for report in known.reports { history.take(report) }
    for event in known.events { history.take(event) }
    day = day.adding(days: 1)
  }

  mutating func takeDay() {
    take(makeDay())
  }

  private mutating func makeDeal() {
    dealCount += 1
    let adID = ads[Int(clamping: stream.nextUniform() * Double(ads.count))]
    var moment = now.adding(seconds: Int64(clamping: stream.nextUniform() * 86_000))
    emit(adID, .entered(0), moment, nil)
    for (step, chance) in [0.25, 0.6, 0.2].enumerated() {
      moment = moment.adding(seconds: Int64(clamping: 10 * 86_400 * stream.nextUniform()))
      guard stream.nextUniform() < chance else {
        if stream.nextUniform() < 0.7 { emit(adID, .lost, moment, nil) }
        return
      }
      emit(adID, .entered(step + 1), moment, step == 2 ? 1_000 + 4_000 * stream.nextUniform() : nil)
    }
  }

  private mutating func emit(_ adID: AdID, _ move: DealEvent.Move, _ moment: Instant, _ amount: Double?) {
    upcoming[moment.utcDay, default: []].append(
      DealEvent(dealID: "deal\(dealCount)", adID: adID, move: move, occurredAt: moment, amount: amount))
  }
}
