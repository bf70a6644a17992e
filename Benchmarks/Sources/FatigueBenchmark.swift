import ArgumentParser
import DecisionEngine
import Foundation
import Values

/// `benchmarks fatigue`: the time in which the wear of all ads of a large account is judged.
struct FatigueBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fatigue", abstract: "Judge the wear of ads by rules and trends, and print a line of JSON.")

  @Option(help: "Ads of the account.")
  var ads = 10_000
  @Option(help: "Days of each ad.")
  var days = 28
  @Option(help: "How often to judge them.")
  var calls = 20

  func run() throws {
    let account = (0..<ads).map(makeAd)
    var times: [Double] = []
    var found = (declining: 0, worn: 0)
    for _ in 0..<max(1, calls) {
      let start = ContinuousClock.now
      let wear = AdWear.judge(account)
      times.append((ContinuousClock.now - start) / .milliseconds(1))
      found = (wear.count { $0.isDeclining }, wear.count { $0.level != .none })
    }
    times.sort()
    print(
      """
      {"benchmark":"fatigue","ads":\(ads),"days":\(days),"median_ms":\(String(format: "%.1f", times[times.count / 2])),\
      "worst_ms":\(String(format: "%.1f", times[times.count - 1])),"declining":\(found.declining),"worn":\(found.worn)}
      """)
  }

  /// An ad with the scatter and the week of real ones; one in ten loses most of its clicks.
  private func makeAd(_ number: Int) -> [DeliveryDay] {
    var random = RandomStream(seed: UInt64(number), name: "fatigue")
    let level = 0.002 + 0.02 * random.nextUniform()
    let fall = number.isMultiple(of: 10) ? 0.8 : 0
    return (0..<days).map { index in
      let impressions = 2_000 + 20_000 * random.nextUniform()
      let rate = level * (1 - fall * Double(index) / Double(max(1, days - 1))) * random.nextGamma(shape: 3) / 3
      return DeliveryDay(
        impressions: Int(clamping: impressions), clicks: Int(clamping: impressions * min(rate, 1)),
        spend: impressions / 100, frequency: 1.5, day: CalendarDay(daysSinceEpoch: 20_000 + index))
    }
  }
}
