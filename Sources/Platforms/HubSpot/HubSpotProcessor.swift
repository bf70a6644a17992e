import Accounts
import Jobs
import Measurement
import RemoteAPIs
import Storage
import Values

/// Runs the jobs that HubSpot's webhooks push, and compares the account's deals with HubSpot's.
package struct HubSpotProcessor: Sendable {
  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let queue: DatabaseJobQueue
  private let accounts: AccountService
  private let ads: AdService
  private let clients: HubSpotClients
  private let service: HubSpotDealService
  private let events = HubSpotEventRepository()
  private let facts = HubSpotFactRepository()

  /// Jobs go to `queue`, and `clock` returns the current moment.
  package init(
    database: any Database, clock: @escaping @Sendable () -> Instant, queue: DatabaseJobQueue,
    accounts: AccountService, ads: AdService, clients: HubSpotClients, service: HubSpotDealService
  ) {
    self.database = database
    self.clock = clock
    self.queue = queue
    self.accounts = accounts
    self.ads = ads
    self.clients = clients
    self.service = service
  }

  /// Brings a deal up to date. The deal, its ad's sums and the job's completion are written in one transaction: if the
  /// account was deleted meanwhile, with its jobs, nothing is written.
  @Sendable package func process(_ job: ProcessHubSpotWebhook, _ context: JobContext) async throws -> JobReport? {
    let account = job.accountID
    let reading = try await read(job, accounts.configuration(of: account))
    let gap = reading == nil ? "no HubSpot access token is set, so contacts cannot be read" : nil
    let hasPushed = try await accounts.write(inTurnOf: account) { [self] configuration, transaction in
      let outcome = try service.work(
        job.dealID, portalID: job.portalID, of: account, configuration, reading: reading, gap: gap, in: transaction)
      if !outcome.mergedDeals.isEmpty {
        _ = try queue.push(
          outcome.mergedDeals.map { ProcessHubSpotWebhook(accountID: account, portalID: job.portalID, dealID: $0) },
          in: transaction)
      }
      if job.isRepair == true {
        let isRepaired = outcome.events == 0 && outcome.change.before != outcome.change.after
        let found = HubSpotReconciliation(dealsChecked: 1, dealsRepaired: isRepaired ? 1 : 0)
        try events.count(found, ofPortal: job.portalID, account: account, at: clock(), in: transaction)
      }
      try context.finish(report: outcome.report, in: transaction)
      return !outcome.mergedDeals.isEmpty
    }
    if hasPushed { queue.wake(.hubSpotWebhookEvents) }
    return nil
  }

  /// Reads the deal and its contacts; nil where no token allows that.
  private func read(
    _ job: ProcessHubSpotWebhook, _ configuration: AccountConfiguration
  ) async throws -> HubSpotDealService.DealReply? {
    guard let client = try await client(of: job.accountID) else { return nil }
    guard let id = Int64(job.dealID) else {
      return HubSpotDealService.DealReply(deal: nil, contacts: [], configurationVersion: configuration.version)
    }
    do {
      let properties = HubSpotProperties.deal(configuration.crm)
      let deal = try await client.deal(id, properties: properties, history: properties)
      let contacts = deal.contactIDs.prefix(Self.contactLimit)
      guard !contacts.isEmpty else {
        return HubSpotDealService.DealReply(deal: deal, contacts: [], configurationVersion: configuration.version)
      }
      let found = try await client.contacts(
        Array(contacts), properties: HubSpotProperties.contact(configuration.crm))
      let inOrder = contacts.compactMap { id in found.records.first { $0.id == id } }
      return HubSpotDealService.DealReply(deal: deal, contacts: inOrder, configurationVersion: configuration.version)
    } catch HubSpotError.notFound {
      return HubSpotDealService.DealReply(deal: nil, contacts: [], configurationVersion: configuration.version)
    } catch {
      throw HubSpotJobError(error, now: clock())
    }
  }

  /// The most contacts of a deal that are read.
  private static let contactLimit = 20

  private func client(of account: AccountID) async throws -> HubSpotClient? {
    try await clients.client(of: account) {
      try await AccountScope.$current.withValue(.all) {
        try await database.read { [events] in try events.onlyAccount(in: $0) } == account
      }
    }
  }

  /// Finds what webhooks missed: deals that HubSpot changed since the last time, deals processed under another
  /// configuration, events without a job, and ads whose sums differ from those of their deals.
  @Sendable package func reconcile(_ job: ReconcileHubSpot, _ context: JobContext) async throws -> JobReport? {
    let account = job.accountID
    let portals = try await database.read { [events] in try events.portals(of: account, in: $0) }
    var changed = 0
    for portal in portals {
      changed += try await search(portal)
      try await requeue(portal)
    }
    let repaired = try await accounts.write(inTurnOf: account) { [self] configuration, transaction in
      let repaired = try ads.repairDeals(of: account, configuration, in: transaction)
      for portal in portals.prefix(1) where repaired > 0 {
        let found = HubSpotReconciliation(adsRepaired: repaired)
        try events.count(found, ofPortal: portal.id, account: account, at: clock(), in: transaction)
      }
      _ = try events.prune(
        of: account, before: clock().adding(seconds: -Self.eventLifetime), limit: 10_000, in: transaction)
      return repaired
    }
    return JobReport("\(changed) deals changed in HubSpot since the last time; \(repaired) ads' sums were repaired")
  }

  /// How long processed events are kept, in seconds: far longer than HubSpot repeats them.
  private static let eventLifetime: Int64 = 30 * 86_400
  /// How far back the first search looks, and how far each later one overlaps the previous one, in seconds: HubSpot's
  /// index lags by some seconds.
  private static let firstSearch: Int64 = 30 * 86_400
  private static let overlap: Int64 = 600

  /// Pushes a job for each deal that HubSpot changed since the last search and that has not been read since.
  private func search(_ portal: HubSpotPortal) async throws -> Int {
    guard let client = try await client(of: portal.accountID) else { return 0 }
    let start =
      portal.reconciledUntil.map { $0.adding(seconds: -Self.overlap) } ?? clock().adding(seconds: -Self.firstSearch)
    var search = client.deals(changedSince: start, properties: [])
    var changed = 0
    while let deals = try await Self.next(&search, now: clock()) {
      let position = search.position
      let pushed = try await database.write { [self] transaction in
        let jobs = try deals.filter { deal in
          let worked = try facts.worked("\(deal.id)", of: portal.accountID, in: transaction)
          return worked?.modifiedAt != deal.updatedAt
        }.map {
          ProcessHubSpotWebhook(
            accountID: portal.accountID, portalID: portal.id, dealID: "\($0.id)", isRepair: true)
        }
        if !jobs.isEmpty { _ = try queue.push(jobs, in: transaction) }
        try events.count(
          HubSpotReconciliation(until: position), ofPortal: portal.id, account: portal.accountID, at: clock(),
          in: transaction)
        return jobs.count
      }
      if pushed > 0 { queue.wake(.hubSpotWebhookEvents) }
      changed += pushed
    }
    return changed
  }

  private static func next(_ search: inout HubSpotDealSearch, now: Instant) async throws -> [HubSpotDeal]? {
    do {
      return try await search.next()
    } catch {
      throw HubSpotJobError(error, now: now)
    }
  }

  /// Pushes a job for each deal with events that have no job, and for deals processed under another configuration.
  private func requeue(_ portal: HubSpotPortal) async throws {
    let hasPushed = try await database.write { [self] transaction in
      let configuration = try accounts.configuration(of: portal.accountID, in: transaction)
      let waiting = try events.dealsToDo(of: portal.accountID, in: transaction)
      let outdated = try facts.outdated(
        version: configuration.version, of: portal.accountID, limit: 5_000, in: transaction)
      let deals = Set(waiting).union(outdated.filter { $0.portalID == portal.id }.map(\.dealID)).sorted()
      let jobs = try QuotaService().admitted(
        deals.map { ProcessHubSpotWebhook(accountID: portal.accountID, portalID: portal.id, dealID: $0) },
        in: transaction)
      for start in stride(from: 0, to: jobs.count, by: JobLimits.batch) {
        _ = try queue.push(Array(jobs[start..<min(start + JobLimits.batch, jobs.count)]), in: transaction)
      }
      try events.count(
        HubSpotReconciliation(isWhole: true), ofPortal: portal.id, account: portal.accountID, at: clock(),
        in: transaction)
      return !jobs.isEmpty
    }
    if hasPushed { queue.wake(.hubSpotWebhookEvents) }
  }
}

extension HubSpotDealService.Outcome {
  /// The result in a sentence.
  fileprivate var report: JobReport {
    var parts = ["\(events) events"]
    if !mergedDeals.isEmpty { parts.append("merged with \(mergedDeals.joined(separator: ", "))") }
    if let after = change.after { parts.append("is in stage \(after.stage)") }
    if let problem { parts.append(problem) }
    if let attribution { parts.append(attribution.reason) }
    return JobReport(parts.joined(separator: "; "))
  }
}

/// A HubSpot error as a job error, with what to do with the job.
struct HubSpotJobError: JobError, CustomStringConvertible {
  let verdict: JobVerdict
  let description: String

  /// A daily limit and a rejected token pause the account's jobs, because its other jobs would fail as well.
  init(_ error: HubSpotError, now: Instant) {
    description = "\(error)"
    verdict =
      switch error {
      case .rateLimited(.daily, let after):
        .pauseAccount(
          class: "rate_limited", until: now.adding(after ?? .seconds(3600)), reason: "\(error)")
      case .rateLimited(_, let after): .retry(class: "rate_limited", after: after ?? .seconds(10))
      case .unavailable(_, let after): .retry(class: "unavailable", after: after)
      case .unreadable: .retry(class: "unreadable")
      case .cancelled: .retry(class: "cancelled")
      case .unauthorized:
        .pauseAccount(class: "unauthorized", until: now.adding(.seconds(900)), reason: "\(error)")
      case .notFound: .discard(class: "not_found", reason: "\(error)")
      case .invalid: .discard(class: "invalid", reason: "\(error)")
      }
  }
}
