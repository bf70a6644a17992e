import ArgumentParser
import DecisionEngine
import Foundation
import Values

/// `benchmarks select`: the time of one selection in process, and whether memory grows over many.
struct SelectBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "select", abstract: "Time BattleHardenedSampler.select and print a line of JSON.")

  @Option(help: "Ads to select from.")
  var ads = 1_000
  @Option(help: "Selections to time.")
  var calls = 1_000

  func run() throws {
    let sampler = BattleHardenedSampler(configuration: SamplerConfiguration())
    let world = try SampleAds(count: ads, seed: 1)
    for seed in 0..<UInt64(min(calls, 50)) { try select(sampler, world, seed) }
    let startMegabytes = residentMegabytes()
    var times: [Double] = []
    times.reserveCapacity(calls)
    for seed in 0..<UInt64(calls) {
      let start = ContinuousClock.now
      try select(sampler, world, seed)
      times.append((ContinuousClock.now - start) / .milliseconds(1))
    }
    let endMegabytes = residentMegabytes()
    times.sort()
    let figure = { (value: Double) in String(format: "%.4f", value) }
    print(
      """
      {"benchmark":"select","ads":\(ads),"calls":\(calls),"median_ms":\(figure(times[calls / 2])),\
      "p95_ms":\(figure(times[calls * 95 / 100])),"rss_start_mb":\(figure(startMegabytes)),\
      "rss_end_mb":\(figure(endMegabytes))}
      """)
  }

  private func select(_ sampler: BattleHardenedSampler, _ world: SampleAds, _ seed: UInt64) throws {
    let selection = try sampler.select(
      from: world.ads, totalBudget: world.totalBudget, dnaScores: world.dnaScores, seed: seed)
    guard selection.allocatedBudget == world.totalBudget else {
      throw ValidationError("a selection does not sum to its total")
    }
  }

  private func residentMegabytes() -> Double {
    guard let statm = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
      let pages = statm.split(separator: " ").dropFirst().first.flatMap({ Double($0) })
    else { return 0 }
    return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
  }
}

/// Seeded, believable ads: the distributions of `peer/sample_ads.py`.
struct SampleAds {
  let ads: [AdState]
  let totalBudget: Int64
  let dnaScores: [AdID: Double]

  init(count: Int, seed: UInt64) throws {
    var stream = RandomStream(seed: seed)
    var ads: [AdState] = []
    var scores: [AdID: Double] = [:]
    var total = 0.0
    guard let account = AccountID("bench") else { throw ValidationError("no account") }
    for index in 0..<count {
      guard let id = AdID("1202\(100_000_000_000 + index)") else { throw ValidationError("no ad") }
      let isNew = stream.nextUniform() < 0.03
      let age = isNew ? 0 : min(exp(4.6 + 1.1 * stream.nextNormal()), 4_000)
      let daily = (min(max(exp(3.6 + 0.8 * stream.nextNormal()), 5), 1_500) * 100).rounded() / 100
      let spend = isNew ? 0 : (daily * max(age / 24, 0.1) * (0.7 + 0.3 * stream.nextUniform()) * 100).rounded() / 100
      let impressions = Int(clamping: spend / (6 + 22 * stream.nextUniform()) * 1_000)
      let clicks = min(
        impressions, Int(clamping: Double(impressions) * min(exp(-4.2 + 0.6 * stream.nextNormal()), 0.2)))
      let pipeline = stream.nextUniform() < 0.8 ? spend * exp(0.4 + 0.9 * stream.nextNormal()) : 0
      let stated = stream.nextUniform() < 0.9 ? daily : nil
      if stream.nextUniform() < 0.5 { scores[id] = stream.nextUniform() }
      let ad = try AdState(
        accountID: account, adID: id, impressions: impressions, clicks: clicks, spend: spend, pipelineValue: pipeline,
        cashRevenue: pipeline * 0.3, ageHours: age, statedDailyBudget: stated)
      ads.append(ad)
      total += max(ad.currentDailyBudget, 1)
    }
    self.ads = ads
    dnaScores = scores
    totalBudget = Int64(clamping: total * 100)
  }
}
