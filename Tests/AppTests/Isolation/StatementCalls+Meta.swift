import RemoteAPIs
import Storage
import Testing
import Values

@testable import Measurement
@testable import Platforms

extension StatementCalls {
  private static let firstDay = CalendarDay(daysSinceEpoch: 20_600)
  private static let lastDay = CalendarDay(daysSinceEpoch: 20_700)

  mutating func addMeta() {
    let connections = MetaConnectionRepository()
    within("MetaConnectionRepository.get(_:in:)") { c, t in try connections.get(c.caller.account, in: t) }
    within("MetaConnectionRepository.sealedToken(of:in:)") { c, t in
      try connections.sealedToken(of: c.caller.account, in: t)
    }
    within(
      "MetaConnectionRepository.holder(of:in:)",
      tells: "an ad account is one account's, and whoever would be the second must be refused"
    ) { c, t in try connections.holder(of: c.named.adAccount, in: t) }
    within("MetaConnectionRepository.insert(_:_:sealedToken:of:at:in:)") { c, t in
      try connections.remove(c.caller.account, in: t)
      try connections.insert(c.named.adAccount, .shared, sealedToken: nil, of: c.caller.account, at: c.now, in: t)
    }
    within("MetaConnectionRepository.setToken(_:sealedToken:of:at:in:)") { c, t in
      try connections.setToken(.shared, sealedToken: nil, of: c.caller.account, at: c.now, in: t)
    }
    within("MetaConnectionRepository.remove(_:in:)") { c, t in try connections.remove(c.caller.account, in: t) }
    within("MetaConnectionRepository.save(_:of:in:)") { c, t in
      try connections.save(Tenant.facts(named: "saved"), of: c.caller.account, in: t)
      try connections.save(
        MetaTokenFacts(scopes: ["ads_read"], expiresAt: c.now, tier: nil, checkedAt: c.now), of: c.caller.account,
        in: t)
    }
    within("MetaConnectionRepository.verify(_:at:in:)") { c, t in
      try t.execute("UPDATE meta_connections SET verified_at = NULL WHERE account_id = \(c.caller.account)")
      try connections.verify(c.caller.account, at: c.now.adding(seconds: 5), in: t)
    }
    within("MetaConnectionRepository.setObjectsRead(_:at:in:)") { c, t in
      try connections.setObjectsRead(c.caller.account, at: c.now, in: t)
    }
    within("MetaConnectionRepository.setSynced(_:until:at:in:)") { c, t in
      try connections.setSynced(c.caller.account, until: Self.lastDay, at: c.now, in: t)
    }
    within("MetaConnectionRepository.setProblem(_:of:in:)") { c, t in
      try connections.setProblem("a problem", of: c.caller.account, in: t)
    }
    forAll("MetaConnectionRepository.totals(in:)", because: "it counts the connections of every account")
    addAdObjects()
    addInsightSyncs()
  }

  private mutating func addAdObjects() {
    let objects = AdObjectRepository()
    within("AdObjectRepository.all(of:in:)") { c, t in try objects.all(of: c.caller.account, in: t) }
    within("AdObjectRepository.get(_:_:of:in:)") { c, t in
      try objects.get(.adSet, c.named.adSet.id, of: c.caller.account, in: t)
    }
    within("AdObjectRepository.save(_:of:at:in:)") { c, t in
      var object = c.named.adSet
      object.dailyBudget = 7
      try objects.save([object], of: c.caller.account, at: c.now, in: t)
    }
    within("AdObjectRepository.removeAll(of:in:)") { c, t in try objects.removeAll(of: c.caller.account, in: t) }
    forAll(
      "AdObjectRepository.removeDeleted(before:limit:in:)", because: "it removes what is old of every account")
    within("ReportedDayRepository.days(of:account:from:to:in:)") { c, t in
      try ReportedDayRepository().days(
        of: [c.named.ad], account: c.caller.account, from: Self.firstDay, to: Self.lastDay, in: t)
    }
  }

  private mutating func addInsightSyncs() {
    let history = InsightSyncRepository()
    within("InsightSyncRepository.all(of:in:)") { c, t in try history.all(of: c.caller.account, in: t) }
    within("InsightSyncRepository.save(_:of:at:in:)") { c, t in
      var chunk = InsightChunk(first: Self.firstDay, last: Self.lastDay, readAs: "saved")
      chunk.rows = 9
      try history.save([chunk], of: c.caller.account, at: c.now, in: t)
    }
    within("InsightSyncRepository.removeAll(of:in:)") { c, t in
      try history.removeAll(of: c.caller.account, in: t)
    }
  }
}

extension Tenant {
  /// What Meta says of an ad account that people call `name`.
  static func facts(named name: String) -> MetaAccountFacts {
    MetaAccountFacts(
      name: name, currency: "USD", timezone: "UTC", status: 1, minDailyBudget: 100, spendCap: nil,
      userTasks: nil)
  }

  /// An ad set under a number that both tenants have, or under one of its own.
  static func adSet(_ id: String, named name: String) throws -> AdObject {
    AdObject(
      kind: .adSet, id: try #require(MetaID(id)), campaignID: MetaID("30"), adSetID: nil, name: name, status: "ACTIVE",
      effectiveStatus: .active)
  }

  /// Connects an account with an ad account, and keeps something of what is read there.
  static func connectMeta(
    _ account: AccountID, to adAccount: MetaAdAccountID, _ adSet: AdObject, mark: String, in system: any Database,
    at now: Instant
  ) async throws {
    let shared = try self.adSet("20", named: mark)
    try await system.write { transaction in
      let connections = MetaConnectionRepository()
      try connections.insert(adAccount, .stored, sealedToken: mark, of: account, at: now, in: transaction)
      try connections.save(facts(named: mark), of: account, in: transaction)
      try connections.verify(account, at: now, in: transaction)
      try AdObjectRepository().save([adSet, shared], of: account, at: now, in: transaction)
      let day = CalendarDay(daysSinceEpoch: 20_600)
      try InsightSyncRepository().save(
        [InsightChunk(first: day, last: day, readAs: mark)], of: account, at: now, in: transaction)
    }
  }
}
