import DecisionEngine
import Formats
import Storage
import Testing
import Values

@testable import Accounts
@testable import Decisions
@testable import Measurement

extension StatementCalls {
  private static let totals = PipelineTotals(pipelineValue: Money(micros: 7_000_000), cashRevenue: Money(micros: 1))
  private static let firstDay = CalendarDay(daysSinceEpoch: 20_600)
  private static let lastDay = CalendarDay(daysSinceEpoch: 20_700)

  private static func day(of ad: AdID) -> DailyMetrics {
    DailyMetrics(adID: ad, day: firstDay, impressions: 5, clicks: 1, spend: Money(micros: 3_000_000))
  }

  /// The test's moment, by the calendar of UTC.
  private static func time(_ crossing: Crossing) throws -> FigureTime {
    FigureTime(crossing.now, try #require(AccountCalendar(timezone: "UTC")))
  }

  mutating func addAds() {
    let ads = AdStateRepository()
    within("AdStateRepository.save(_:in:)") { c, t in
      let ad = AdRecord(
        accountID: c.caller.account, adID: c.named.ad, name: "saved", impressions: 1, clicks: 1,
        spend: .zero, reported: Self.totals, deals: Self.totals, firstDay: Self.firstDay, lastDay: Self.lastDay)
      try ads.save([ad], in: t)
    }
    within("AdStateRepository.get(_:of:in:)") { c, t in
      let one = try ads.get(c.named.ad, of: c.caller.account, in: t)
      return (one, try ads.get([c.named.ad], of: c.caller.account, in: t))
    }
    within("AdStateRepository.count(of:in:)") { c, t in try ads.count(of: c.caller.account, in: t) }
    within("AdStateRepository.getAll(of:in:)") { c, t in try ads.getAll(of: c.caller.account, in: t) }
    within("AdStateRepository.getAll(of:asOf:in:)") { c, t in
      try ads.getAll(of: c.caller.account, asOf: Self.lastDay, in: t)
    }
    within("AdStateRepository.updateFromMeta(of:insights:importID:at:in:)") { c, t in
      try ads.updateFromMeta(
        of: c.caller.account, insights: [Self.day(of: c.named.ad)], importID: 1, at: Self.time(c), in: t)
    }
    within("AdStateRepository.updateFromHubSpot(_:of:in:)") { c, t in
      try ads.updateFromHubSpot([c.named.ad: Self.totals], of: c.caller.account, in: t)
    }
    within("AdStateRepository.addFromHubSpot(_:of:change:in:)") { c, t in
      try ads.addFromHubSpot(c.named.ad, of: c.caller.account, change: Self.totals, in: t)
    }
    within("AdStateRepository.sumDays(of:account:in:)") { c, t in
      try t.execute("UPDATE ad_states SET clicks = 0 WHERE account_id = \(c.caller.account)")
      try ads.sumDays(of: [c.named.ad], account: c.caller.account, in: t)
      return try ads.getAll(of: c.caller.account, in: t)
    }
    within("DailyFiguresRepository.lastDays(_:of:account:before:in:)") { c, t in
      try DailyFiguresRepository().lastDays(3, of: c.named.ad, account: c.caller.account, before: Self.lastDay, in: t)
    }
    within("DailyFiguresRepository.forEach(of:from:to:in:_:)") { c, t in
      var days: [DailyMetrics] = []
      try DailyFiguresRepository().forEach(of: c.caller.account, from: Self.firstDay, to: Self.lastDay, in: t) {
        days.append($0)
      }
      return days
    }
    within("AdStateRepository.lastDay(of:in:)") { c, t in try ads.lastDay(of: c.caller.account, in: t) }
    within("AdStateRepository.hasFigures(_:in:)") { c, t in try ads.hasFigures(c.caller.account, in: t) }
    within("AdStateRepository.forEachDay(of:from:to:knownAt:in:_:)") { c, t in
      var days: [AdDay] = []
      for moment in [nil, c.now, c.now.adding(seconds: -Tenant.secondsApart / 2)] {
        try ads.forEachDay(
          of: c.caller.account, from: Self.firstDay, to: Self.lastDay, knownAt: moment, in: t
        ) { days.append($0) }
      }
      return days
    }
    within("AdStateRepository.clearDeals(of:in:)") { c, t in try ads.clearDeals(of: c.caller.account, in: t) }
    within("AdStateRepository.startImport(of:source:fileName:by:at:in:)") { c, t in
      try ads.startImport(of: c.caller.account, source: "test", fileName: "x", by: .system, at: c.now, in: t)
    }
    within("AdStateRepository.removeImports(of:before:keeping:limit:in:)") { c, t in
      for _ in 1...2 {
        _ = try ads.startImport(of: c.caller.account, source: "old", fileName: "", by: .system, at: c.now, in: t)
      }
      return try ads.removeImports(
        of: c.caller.account, before: c.now.adding(seconds: 1), keeping: 1_000, limit: 1_000, in: t)
    }
    forAll("AdStateRepository.days(of:from:to:knownAt:)", because: "it only writes the statement of forEachDay")
    forAll(
      "IdentityMerge.run()", "Spelling.all(of:in:_:)", "Spelling.hash(into:)", "SQLText.isBeyondASCII(_:_:)",
      "SQLText.joined(_:by:)", "DealWorth.recount()", "AdMerge.merge()", "DealMerge.merge()", "ClickMerge.merge()",
      "StageMerge.mergeStages()", "StageMerge.mergeDocuments()",
      because: "a step of the schema merges the names of every account")
    forAll("AttributionRepository.stored(from:dealID:of:)", because: "it reads a row that another statement found")
    let deliveries = AdDeliveryRepository()
    within("AdDeliveryRepository.statements(of:by:in:)") { c, t in
      try deliveries.statements(of: c.caller.account, by: c.now, in: t).map { "\($0)" }.sorted()
    }
    within("AdDeliveryRepository.insert(_:of:in:)") { c, t in
      try deliveries.insert(
        [DeliveryStatement(adID: c.named.ad, state: .ended, source: .person("test"), statedAt: c.now)],
        of: c.caller.account, in: t)
    }
    within("AdDeliveryRepository.removeReplaced(of:before:limit:in:)") { c, t in
      let statement = { (seconds: Int64) in
        DeliveryStatement(
          adID: c.caller.ad, state: .paused, source: .person("x"), statedAt: c.now.adding(seconds: seconds))
      }
      try deliveries.insert([statement(-2), statement(-1)], of: c.caller.account, in: t)
      return try deliveries.removeReplaced(of: c.caller.account, before: c.now, limit: 1_000, in: t)
    }
    within("AdDeliveryRepository.confirm(_:of:asOf:in:)") { c, t in
      let known = try deliveries.statements(of: c.named.account, by: c.now, in: t)
      try deliveries.confirm(
        known.values.compactMap(\.file), of: c.caller.account, asOf: Self.lastDay.adding(days: 1), in: t)
    }
    within("DailyMetricsWriter.write(_:)", "DailyMetricsWriter.finish(deals:)") { c, t in
      var writer = try DailyMetricsWriter(
        account: c.caller.account, importID: 1, at: Self.time(c), sumsRows: true, in: t)
      try writer.write([Self.day(of: c.named.ad)])
      try writer.finish()
    }
  }

  mutating func addFunnels() {
    let funnels = FunnelRepository()
    let decisions = DecisionRepository()
    within("FunnelRepository.signature(of:in:)") { c, t in try funnels.signature(of: c.caller.account, in: t) }
    within("FunnelRepository.clear(_:signature:in:)") { c, t in
      try funnels.clear(c.caller.account, signature: "cleared", in: t)
    }
    within("FunnelRepository.add(_:of:in:)") { c, t in
      guard let funnel = FunnelMap(.reference)?.funnel else { return }
      try funnels.add(try funnels.tallies(of: c.named.account, funnel, in: t), of: c.caller.account, in: t)
    }
    within("FunnelRepository.tallies(of:_:in:)") { c, t in
      var json = JSONWriter()
      if let funnel = FunnelMap(.reference)?.funnel {
        FunnelTalliesCoding.write(try funnels.tallies(of: c.caller.account, funnel, in: t), to: &json)
      }
      return json.string
    }
    within("DecisionRepository.count(of:in:)") { c, t in try decisions.count(of: c.caller.account, in: t) }
    within("DecisionRepository.insert(_:in:)") { c, t in
      let known = try decisions.get(c.caller.decision, in: t)
      guard let known, known.id.accountID == c.caller.account,
        let id = DecisionID("\(c.caller.account):\(c.named.decision.token)x")
      else { return }
      try decisions.insert(
        DecisionRecord(
          id: id, decidedAt: c.now, author: "test", policyVersion: known.policyVersion, configurationVersion: 1,
          seed: 1,
          totalBudget: known.totalBudget, inputs: known.inputs, configuration: known.configuration,
          result: known.result, outcome: known.outcome), in: t)
    }
    within("DecisionRepository.expired(of:_:at:limit:in:)") { c, t in
      try decisions.expired(
        of: c.caller.account, DecisionRetention(days: 1, count: 1), at: c.now.adding(seconds: 9 * 86_400), limit: 9,
        in: t)
    }
    forAll(
      "DecisionRepository.surplus(of:_:)", "DecisionRepository.oldest(of:_:limit:)",
      because: "they only write the statements of expired")
    within("DecisionRepository.remove(_:at:in:)", "DecisionRepository.removed(_:in:)") { c, t in
      guard let id = DecisionID("\(c.caller.account):\(c.named.decision.token)") else { return "" }
      try decisions.remove(id, at: c.now, in: t)
      return try decisions.removed(id, in: t).map { "\($0)" } ?? ""
    }
    forAll("DecisionRepository.forgetRemoved(before:limit:in:)", because: "it removes what is old of every account")
    within("DecisionRepository.get(_:in:)") { c, t in
      try DecisionID("\(c.caller.account):\(c.named.decision.token)").map { try decisions.get($0, in: t) }
    }
    addSnapshots()
  }
  private mutating func addSnapshots() {
    let snapshots = SnapshotRepository()
    within("SnapshotRepository.number(of:_:account:in:)") { c, t in
      let hash = try t.first("SELECT sha256 FROM decision_snapshots WHERE account_id = \(c.named.account)")?
        .get("sha256", as: String.self)
      return try snapshots.number(of: hash ?? "", .lagAware, account: c.caller.account, in: t)
    }
    within("SnapshotRepository.latest(_:of:in:)") { c, t in
      try snapshots.latest(.lagAware, of: c.caller.account, in: t)
    }
    within("SnapshotRepository.chain(endingWith:of:in:)") { c, t in
      try snapshots.chain(endingWith: 1, of: c.caller.account, in: t)
    }
    within("SnapshotRepository.exists(_:of:in:)") { c, t in try snapshots.exists(1, of: c.caller.account, in: t) }
    within("SnapshotRepository.insert(_:_:of:in:)") { c, t in
      try snapshots.insert(SnapshotDraft(whole: HashedSnapshot(Snapshot())), .lagAware, of: c.caller.account, in: t)
    }
    within("SnapshotRepository.removeUnneeded(of:in:)") { c, t in
      try t.execute("DELETE FROM decisions WHERE account_id = \(c.caller.account)")
      try snapshots.removeUnneeded(of: c.caller.account, in: t)
      return try snapshots.latest(.lagAware, of: c.caller.account, in: t)
    }
    forAll("SnapshotRepository.oldestNeeded(of:)", because: "it only writes a statement of removeUnneeded")
  }
}
