import DecisionEngine
import Values

/// Rebuilds a snapshot from consecutive contents, each of which is based on the previous one.
struct SnapshotRebuilding {
  /// The ads by part; nil for parts that no content has held in full yet.
  private var parts = [[[UInt8]: Snapshot.Ad]?](repeating: nil, count: SnapshotCoding.Renewal.partCount)
  private var funnel: Snapshot.Funnel?
  /// What the latest content renewed.
  private(set) var renewal = SnapshotCoding.Renewal.everything

  /// Applies the next content.
  mutating func take(_ content: [UInt8]) throws(SnapshotProblem) {
    var reader = try SnapshotReader(content)
    let version = try reader.take(.head)
    guard version == SnapshotCoding.version else { throw .damaged("it is of the unknown format \(version)") }
    renewal = try SnapshotCoding.Renewal(code: reader.take(.head))
    funnel = try Self.funnel(from: &reader)
    let stepCount = funnel?.stages.stepCount ?? 0
    switch renewal {
    case .everything: parts = Array(repeating: [:], count: parts.count)
    case .part(let part): parts[part] = [:]
    }
    let count = try reader.takeCount(.head)
    // As many ads may have been removed as were added.
    guard count <= 2 * Snapshot.mostAds else { throw .tooLarge("it changes \(count) ads") }
    var key: [UInt8] = []
    for _ in 0..<count {
      key = try reader.takeKey(after: key, limit: SnapshotCoding.keyLimit)
      try takeAd(key, stepCount, from: &reader)
    }
    try reader.finish()
    let ads = parts.reduce(0) { $0 + ($1?.count ?? 0) }
    guard ads <= Snapshot.mostAds else { throw .tooLarge("it is of \(ads) ads") }
  }

  /// The snapshot after the contents so far. Throws where they are too few.
  consuming func snapshot() throws(SnapshotProblem) -> Snapshot {
    var snapshot = Snapshot(funnel: funnel)
    for part in parts {
      guard let part else { throw .damaged("contents before it are missing") }
      for (key, ad) in part { snapshot.ads[try SnapshotReader.text(key)] = ad }
    }
    return snapshot
  }

  private mutating func takeAd(
    _ key: [UInt8], _ stepCount: Int, from reader: inout SnapshotReader
  ) throws(SnapshotProblem) {
    let part = SnapshotCoding.Renewal.part(of: key)
    let change = SnapshotCoding.Change(rawValue: try reader.take(.flags))
    guard change.isSubset(of: .all) else { throw .damaged("an ad changes in an unknown way") }
    // Removed from the dictionary, so that its lists are changed in place. Ads of unknown parts are read all the same.
    let known = parts[part]?.removeValue(forKey: key)
    guard !change.contains(.removed) else { return }
    var ad = change.contains(.anew) ? Snapshot.Ad() : known ?? Snapshot.Ad()
    try Self.take(change, stepCount, into: &ad, from: &reader)
    parts[part]?[key] = ad
  }

  private static func take(
    _ change: SnapshotCoding.Change, _ stepCount: Int, into ad: inout Snapshot.Ad, from reader: inout SnapshotReader
  ) throws(SnapshotProblem) {
    if change.contains(.noTotals) { ad.totals = nil }
    if change.contains(.totals) { ad.totals = try totals(from: &reader) }
    if change.contains(.noDelivery) { ad.delivery = nil }
    if change.contains(.delivery) { ad.delivery = try reader.takeText() }
    guard change.contains(.history) || change.contains(.amounts) else { return }
    var history = ad.history ?? Snapshot.History(stepCount: stepCount)
    guard history.steps.count == stepCount else { throw .damaged("an ad has other stages than the account") }
    ad.history = nil
    if change.contains(.history) {
      (try reader.takeChanges() as SnapshotChanges<AdTally.Day>).apply(to: &history.days)
      for step in history.steps.indices {
        (try reader.takeChanges() as SnapshotChanges<StageTally.Cohort>).apply(to: &history.steps[step])
      }
    }
    if change.contains(.amounts) { history.amounts = try tally(from: &reader) }
    ad.history = history
  }

  private static func funnel(from reader: inout SnapshotReader) throws(SnapshotProblem) -> Snapshot.Funnel? {
    let count = try reader.takeCount(.head)
    guard count > 0 else { return nil }
    guard SalesFunnel.stageCount.contains(count) else { throw .damaged("there are no \(count) stages") }
    var stages: [SalesFunnel.Stage] = []
    for _ in 0..<count {
      let name = try reader.takeText()
      stages.append(SalesFunnel.Stage(name: name, value: try reader.takeDouble(.head)))
    }
    guard let funnel = SalesFunnel(stages) else { throw .damaged("its stages make no funnel") }
    var tallies: [LogTally] = []
    for _ in 0..<(2 * funnel.stepCount) { tallies.append(try tally(from: &reader)) }
    return Snapshot.Funnel(
      stages: funnel, advances: Array(tallies.prefix(funnel.stepCount)),
      losses: Array(tallies.suffix(funnel.stepCount)))
  }

  private static func tally(from reader: inout SnapshotReader) throws(SnapshotProblem) -> LogTally {
    let (count, logs) = (try reader.take(.logCounts), try reader.take(.logs))
    return LogTally(count: count, logs: logs, squares: try reader.take(.squares))
  }

  private static func totals(from reader: inout SnapshotReader) throws(SnapshotProblem) -> Snapshot.Totals {
    let (impressions, clicks) = (try reader.take(.totalImpressions), try reader.take(.totalClicks))
    let spend = try reader.takeDouble(.totalSpend)
    let (pipelineValue, cashRevenue) = (try reader.takeDouble(.pipelineValue), try reader.takeDouble(.cashRevenue))
    let age = try age(from: &reader)
    let budget = try reader.take(.statedBudget) == 0 ? nil : try reader.takeDouble(.statedBudget)
    return Snapshot.Totals(
      impressions: impressions, clicks: clicks, spend: spend, pipelineValue: pipelineValue, cashRevenue: cashRevenue,
      age: age, statedDailyBudget: budget)
  }

  private static func age(from reader: inout SnapshotReader) throws(SnapshotProblem) -> Snapshot.Age {
    guard try reader.take(.age) == 0 else { return .hours(try reader.takeDouble(.age)) }
    let (seconds, rest) = (Int64(try reader.take(.age)), Int64(try reader.take(.age)))
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
    let (microseconds, overflows) = whole.addingReportingOverflow(rest)
    guard !overflow, !overflows else { throw .damaged("an ad's first moment cannot be") }
    return .since(Instant(microseconds: microseconds))
  }
}
