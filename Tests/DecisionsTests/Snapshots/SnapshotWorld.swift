import DecisionEngine
import TestKit
import Testing
import Values

@testable import Decisions

/// An account whose figures go on from day to day, drawn from a seed: ads come, rest and go, days are restated, and
/// deals move.
struct SnapshotWorld {
  private(set) var snapshot = Snapshot()
  private var random: SeededRandom
  private var day = 20_600
  private var adCount = 0
  private let keptDays: Int

  /// Starts with `ads` ads and as many days of figures as are kept.
  init(seed: UInt64, ads: Int, keptDays: Int = 30, hasHistory: Bool = true) throws {
    random = SeededRandom(seed: seed)
    self.keptDays = keptDays
    if hasHistory {
      let stages = ["lead", "show", "won"].map { SalesFunnel.Stage(name: $0, value: 10.5) }
      let none = [LogTally(), LogTally()]
      snapshot.funnel = Snapshot.Funnel(stages: try #require(SalesFunnel(stages)), advances: none, losses: none)
      snapshot.ads[Snapshot.nobody] = Snapshot.Ad(history: Snapshot.History(stepCount: 2))
    }
    for _ in 0..<ads { launch() }
    for _ in 0..<keptDays { passDay() }
  }

  /// A new day of figures for each ad that runs, and what else may happen meanwhile.
  mutating func passDay() {
    day += 1
    if isOne(in: 4) { launch() }
    for name in snapshot.ads.keys.sorted() { passDay(of: name) }
    if isOne(in: 20) {
      let oldest = snapshot.ads.keys.filter { $0 != Snapshot.nobody }.min()
      if let oldest { snapshot.ads.removeValue(forKey: oldest) }
    }
    guard snapshot.funnel != nil else { return }
    let tally = { (random: inout SeededRandom) in
      LogTally(count: .random(in: 0...99, using: &random), logs: .random(in: -9...9, using: &random), squares: 7)
    }
    let advances = [tally(&random), tally(&random)]
    snapshot.funnel?.advances = advances
  }

  private mutating func launch() {
    adCount += 1
    let name = "12021\(adCount * 7_919 % 10_007)-ä"
    var ad = Snapshot.Ad()
    ad.totals = Snapshot.Totals(
      impressions: 0, clicks: 0, spend: 0, pipelineValue: 0, cashRevenue: 0,
      age: isOne(in: 5) ? .hours(Double(day) / 7) : .since(Instant(seconds: Int64(day) * 86_400)),
      statedDailyBudget: isOne(in: 3) ? 12.345 : nil)
    if snapshot.funnel != nil { ad.history = Snapshot.History(stepCount: 2) }
    snapshot.ads[name] = ad
  }

  private mutating func passDay(of name: String) {
    guard var ad = snapshot.ads[name] else { return }
    if name != Snapshot.nobody, isOne(in: 10) { rest(&ad) }
    let entry = makeDay(day)
    if var totals = ad.totals {
      totals.impressions += entry.impressions
      totals.spend += entry.spend
      totals.pipelineValue = Double.random(in: 0...1e4, using: &random)
      ad.totals = totals
    }
    if var history = ad.history {
      if name != Snapshot.nobody {
        history.days.append(entry)
        if isOne(in: 8) { history.days.remove(at: .random(in: history.days.indices, using: &random)) }
        if isOne(in: 5), let index = history.days.indices.randomElement(using: &random) {
          history.days[index] = makeDay(history.days[index].day)
        }
        history.days.removeAll { $0.day <= day - keptDays }
      }
      for step in history.steps.indices where isOne(in: 2) { moveDeals(&history.steps[step]) }
      if isOne(in: 6) { history.amounts = LogTally(count: day, logs: -day, squares: day * day) }
      ad.history = history
    }
    snapshot.ads[name] = ad
  }

  /// An ad that ran is left out from now on, or the other way round.
  private mutating func rest(_ ad: inout Snapshot.Ad) {
    if ad.totals != nil {
      ad.totals = nil
      ad.delivery = #"{"state":"paused","day":\#(day)}"#
    } else {
      ad.delivery = nil
      ad.totals = Snapshot.Totals(
        impressions: day, clicks: 1, spend: 0.1 + 0.2, pipelineValue: 1e300, cashRevenue: -0.0, age: .hours(0),
        statedDailyBudget: nil)
    }
  }

  private mutating func moveDeals(_ cohorts: inout [StageTally.Cohort]) {
    if isOne(in: 3), !cohorts.isEmpty { cohorts.remove(at: .random(in: cohorts.indices, using: &random)) }
    if let index = cohorts.indices.randomElement(using: &random) {
      cohorts[index] = StageTally.Cohort(day: cohorts[index].day, waiting: 0, advanced: 2, lost: 1)
    }
    guard cohorts.last?.day != day else { return }
    cohorts.append(StageTally.Cohort(day: day, waiting: .random(in: 1...900, using: &random)))
  }

  private mutating func makeDay(_ day: Int) -> AdTally.Day {
    let spends = [0, 12.34, 0.000_001, 1e9 / 3, Double(Int.random(in: 0...99_999, using: &random)) / 100]
    return AdTally.Day(
      day: day, spend: spends.randomElement(using: &random) ?? 0, impressions: .random(in: 0...90_000, using: &random),
      clicks: .random(in: 0...300, using: &random), leads: isOne(in: 2) ? .random(in: 0...3, using: &random) : nil)
  }

  private mutating func isOne(in count: Int) -> Bool { Int.random(in: 0..<count, using: &random) == 0 }
}

/// The snapshots of one policy of an account, as the database keeps them.
struct SnapshotStore {
  private(set) var rows: [SnapshotRow] = []

  /// The rows that snapshot `number` is read from, oldest first.
  func chain(endingWith number: Int) -> [SnapshotRow] {
    var chain: [SnapshotRow] = []
    var next: Int? = number
    while let number = next, chain.count < SnapshotDraft.longestChain,
      let row = rows.first(where: { $0.number == number })
    {
      chain.insert(row, at: 0)
      next = row.base
    }
    return chain
  }

  /// Stores a snapshot after the latest one, or after another one.
  mutating func add(_ snapshot: Snapshot, after base: Int? = nil) throws {
    let last = rows.last?.number ?? 0
    let draft = try SnapshotDraft(HashedSnapshot(snapshot), after: chain(endingWith: base ?? last))
    rows.append(
      SnapshotRow(
        number: last + 1, base: draft.base?.number, oldest: draft.base?.oldest ?? last + 1,
        sha256: draft.hashed.sha256, content: draft.content))
  }

  /// Removes the rows before `number`.
  mutating func remove(before number: Int) {
    rows.removeAll { $0.number < number }
  }

  mutating func change(_ number: Int, _ change: (inout SnapshotRow) -> Void) {
    for index in rows.indices where rows[index].number == number { change(&rows[index]) }
  }
}
