import App
import AppTestKit
import Formats
import RemoteAPIs
import Storage
import TestKit
import Testing
import Values
import Web

@testable import Accounts
@testable import Decisions
@testable import Jobs
@testable import Measurement
@testable import Platforms

/// An account with something of everything: once under names that nothing of another tenant has, and once under names
/// that each tenant uses for something else.
struct Tenant: Sendable {
  private(set) var account: AccountID
  /// The text of an admin's key.
  let token: String
  let keyID: String
  private(set) var ad: AdID
  private(set) var deal: String
  private(set) var click: String
  let portal: Int64
  /// The ad account at Meta that it is tied to.
  let adAccount: MetaAdAccountID
  /// An ad set of it.
  private(set) var adSet: AdObject
  /// An event of the portal that waits to be processed.
  let event: HubSpotEventRecord
  let decision: DecisionID
  /// A job that waits, under the unique key that is the deal's id.
  let waitingJob: JobID
  let deadJob: JobID
  /// Holds on jobs that run.
  let leases: [Lease]
  /// A batch of changes.
  let batch: TimedID
  /// A change of the batch in each state that changes wait or run in, and one that was written.
  let changes: [ChangeState: TimedID]
  /// A launch that was asked for.
  let launch: TimedID

  /// What a caller may name of the account, by the name of the parameter or field.
  var ids: [String: String] {
    [
      "account_id": account.value, "ad_id": ad.value, "deal_id": deal, "click_id": click, "decision_id": "\(decision)",
      "job_id": "\(waitingJob)", "key_id": keyID, "version": "2", "batch_id": "\(batch)",
      "change_id": "\(change(.proposed))", "launch_id": "\(launch)",
    ]
  }

  /// Texts that only the account's own rows hold.
  var marks: Set<String> {
    Set(
      ["Hook", "stage", "Key", "Meta", "DNA"].map(marked) + ids.filter { $0.key != "version" }.values + ["\(portal)"])
  }

  /// The change in that state; one that nobody has where there is none.
  func change(_ state: ChangeState) -> TimedID { changes[state] ?? TimedID(microseconds: 1, random: 1) }

  /// The same with the names that others use too.
  var sharing: Tenant {
    get throws {
      var tenant = self
      tenant.ad = try #require(AdID(Self.shared))
      (tenant.deal, tenant.click) = (Self.shared, Self.shared)
      tenant.adSet = try Self.adSet("20", named: marked("Meta"))
      return tenant
    }
  }

  /// The same names for an account that has nothing under them.
  func named(for account: AccountID) -> Tenant {
    var tenant = self
    tenant.account = account
    return tenant
  }

  private static let shared = "shared"

  /// A word that is the account's own.
  func marked(_ word: String) -> String { Self.marked(word, account) }

  private static func marked(_ word: String, _ account: AccountID) -> String { "\(word)of\(account)" }
}

extension Tenant {
  /// How much later the second one is filled, in seconds.
  static let secondsApart: Int64 = 10

  /// Two of them in one system.
  static func pair(in test: TestSystem) async throws -> [Tenant] {
    let first = try await Tenant("acme", number: 1, besides: [], in: test)
    test.clock.advance(seconds: secondsApart)
    return [first, try await Tenant("zeta", number: 2, besides: [first.account], in: test)]
  }

  /// Fills an account; it is made unless it is the test's first. `others` have been filled before.
  private init(_ name: String, number: Int, besides others: [AccountID], in test: TestSystem) async throws {
    let system = test.system
    account = try #require(AccountID(name))
    let (account, portal) = (account, Int64(770_077_000 + number))
    self.portal = portal
    ad = try #require(AdID(Self.marked("ad", account)))
    deal = Self.marked("deal", account)
    click = Self.marked("click", account)
    adAccount = try #require(MetaAdAccountID("\(660_066_000 + number)"))
    adSet = try Self.adSet("\(550_055_000 + number)", named: Self.marked("Meta", account))
    if account != test.account { try await system.accounts.create(account) }
    try await Self.importFiles(into: account, number: number, in: test)
    let stage = #"{"crm_stages": {"\#(Self.marked("stage", account))": "lead"}}"#
    _ = try await system.accounts.update(
      account, figures: system.ads, system.accounts.settings.change(by: Array(stage.utf8)))
    decision = try await system.decisions.decide(
      DecisionService.Order(account: account, totalBudget: #require(Money(decimal: "40")))
    ).id
    let made = try await system.keys.create(
      APIKeyDraft(role: .admin, name: Self.marked("Key", account)), for: account, by: .system)
    (token, keyID) = (made.token, made.id)
    try await system.lifecycle.setQuotas(of: account, by: .system) { $0[.ads] = 1_000 + number }
    _ = try await system.hubSpot.map(portal: portal, to: account)
    event = try await Self.keepFacts(of: deal, ad, click, portal: portal, of: account, by: made.id, in: test)
    _ = try await Self.keepFacts(
      of: Self.shared, #require(AdID(Self.shared)), Self.shared, portal: portal, of: account, by: made.id, in: test)
    try await Self.connectMeta(
      account, to: adAccount, adSet, mark: Self.marked("Meta", account), in: system.database, at: test.clock.now())
    (batch, changes) = try await TenantChanges.make(of: account, number: number, in: test)
    launch = try await TenantLaunches.make(of: account, number: number, in: test)
    try await TenantWinners.make(
      of: account, [ad, #require(AdID(Self.shared))], saying: Self.marked("DNA", account), in: test)
    (leases, deadJob) = try await Self.runJobs(of: account, portal: portal, besides: others, in: test)
    let jobs = [deal, Self.shared].map { ProcessHubSpotWebhook(accountID: account, portalID: portal, dealID: $0) }
    waitingJob = try #require(try await system.jobs.push(jobs).first).id
    try await system.jobs.pause(
      account, in: Self.pausedQueue, until: test.clock.now().adding(seconds: 60), reason: "test")
  }

  /// A queue in which the account's jobs wait.
  static let pausedQueue = MonitorFatigue.queue

  private static func importFiles(
    into account: AccountID, number: Int, in test: TestSystem
  ) async throws {
    let (ad, deal) = (marked("ad", account), marked("deal", account))
    let figures = "ad_id,ad_name,date,impressions,clicks,spend,delivery\n"
    let days = [400, 1_000].map { impressions in
      ",\(marked("Hook", account)),2026-05-27,\(impressions * number),10,\(40 + number).25,active\n"
    }
    let stage = number == 1 ? "show_up" : "appointment_scheduled"
    // The second file of figures restates the first one's day.
    let files = days.map { (figures + ad + $0 + shared + $0, ImportService.Kind.adsCSV) }
    let deals = "id,dealstage,ad_id\n\(deal),show_up,\(ad)\n\(shared),\(stage),\(shared)\n"
    for (index, (text, kind)) in (files + [(deals, .hubspotDeals)]).enumerated() {
      _ = try await test.system.imports.importFile(
        test.file("\(account)-\(index).csv", text.utf8), as: kind, into: account, ImportOptions()
      ) { _ in }
    }
  }

  /// Keeps a deal's click and attribution, an event that is queued, and what is known from HubSpot.
  private static func keepFacts(
    of deal: String, _ ad: AdID, _ click: String, portal: Int64, of account: AccountID, by keyID: String,
    in test: TestSystem
  ) async throws -> HubSpotEventRecord {
    let now = test.clock.now()
    let attributions = test.system.attributions
    _ = try await attributions.track(Click(id: click, adID: ad, clickedAt: now), of: account)
    var conversion = Conversion(dealID: deal)
    (conversion.clickID, conversion.statedAd) = (click, ad)
    _ = try await attributions.attribute(conversion, of: account, by: .key(keyID))
    let (event, done) = (
      Self.event("queued", of: deal, portal: portal, of: account, at: now),
      Self.event("done", of: deal, portal: portal, of: account, at: now)
    )
    try await test.system.database.write { transaction in
      let events = HubSpotEventRepository()
      let insertion = try events.insertion(in: transaction)
      try insertion.execute(events.values(event, account: account, state: .queued, at: now))
      try insertion.execute(events.values(done, account: account, state: .applied, at: now))
      let facts = HubSpotFactRepository()
      try facts.add(
        [HubSpotFact("dealstage", marked("lead", account), at: now)], of: deal, account: account, in: transaction)
      let worked = HubSpotFactRepository.Worked(
        portalID: portal, problem: marked("problem", account), modifiedAt: now, configurationVersion: 1)
      try facts.save(worked, dealID: deal, of: account, at: now, in: transaction)
    }
    return event
  }

  private static func event(
    _ name: String, of deal: String, portal: Int64, of account: AccountID, at now: Instant
  ) -> HubSpotEventRecord {
    HubSpotEventRecord(
      portalID: portal, key: deal + marked(name, account), dealID: deal, kind: .dealPropertyChange,
      subscriptionType: "deal.propertyChange", property: "dealstage", value: "show_up", mergedInto: nil,
      occurredAt: now)
  }

  /// Leaves jobs that are held by a worker, and one that is dead.
  private static func runJobs(
    of account: AccountID, portal: Int64, besides others: [AccountID], in test: TestSystem
  ) async throws -> (leases: [Lease], dead: JobID) {
    let queue = test.system.jobs
    let jobs = (1...5).map { number in
      ProcessHubSpotWebhook(accountID: account, portalID: portal, dealID: marked("run\(number)", account))
    }
    try await queue.push(jobs)
    let claimed = try await queue.claim(
      ClaimRequest(
        queue: ProcessHubSpotWebhook.queue, names: [ProcessHubSpotWebhook.name], limit: jobs.count,
        owner: marked("worker", account), accountLimit: jobs.count,
        held: Dictionary(uniqueKeysWithValues: others.map { ($0, jobs.count) })))
    let leases = claimed.map(\.lease)
    try #require(leases.count == jobs.count && leases.allSatisfy { $0.accountID == account })
    _ = try await queue.settle([
      Settlement(leases[0], .dead(JobFailure(class: "test", reason: "none", text: marked("failure", account))))
    ])
    return (Array(leases.dropFirst()), leases[0].id)
  }
}
