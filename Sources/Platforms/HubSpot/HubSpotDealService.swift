import Accounts
import Measurement
import RemoteAPIs
import Storage
import Values

/// Derives the account's deals from HubSpot's data, credits them to ads, and maintains the ads' sums.
package struct HubSpotDealService: Sendable {
  private let clock: @Sendable () -> Instant
  private let events = HubSpotEventRepository()
  private let waiting = HubSpotWaitingRepository()
  private let facts = HubSpotFactRepository()
  private let deals: DealService
  private let ads: AdService
  private let attributions: AttributionService

  /// `clock` returns the current moment.
  package init(
    clock: @escaping @Sendable () -> Instant, deals: DealService, ads: AdService, attributions: AttributionService
  ) {
    self.clock = clock
    self.deals = deals
    self.ads = ads
    self.attributions = attributions
  }

  /// HubSpot's reply about a deal.
  struct DealReply: Sendable {
    /// The deal; nil where HubSpot has none with this id that the token may see.
    let deal: HubSpotDeal?
    let contacts: [HubSpotContact]
    /// The version of the configuration that determined which properties were read.
    let configurationVersion: Int
  }

  /// The result for a deal.
  struct Outcome {
    /// Events that were applied.
    let events: Int
    /// How the deal changed.
    let change: DealChange
    /// What prevents counting it as HubSpot has it.
    let problem: String?
    /// The deal that it was merged into, and those merged into it, which must be processed as well.
    let mergedDeals: [String]
    /// Which ad it is credited to, and why.
    let attribution: Attribution?
  }

  /// Applies a deal's waiting events and `reading`, all within `transaction`. Doing it twice, or in another order, has
  /// the same result.
  func work(
    _ dealID: String, portalID: Int64, of account: AccountID, _ configuration: AccountConfiguration,
    reading: DealReply?, gap: String?, in transaction: any Transaction
  ) throws -> Outcome {
    let applied = try takeEvents(of: dealID, account: account, in: transaction)
    let known = try deals.known(dealID, of: account, in: transaction)
    let before = try facts.known(dealID, of: account, in: transaction)
    var added = applied.flatMap { $0.facts(configuration.crm) }
    if before.worked == nil { added += Self.importedFacts(of: known) }
    if let deal = reading?.deal { added += deal.facts(askedID: dealID, configuration.crm) }
    var all = before.facts.union(added)
    if let deal = reading?.deal, let back = Self.isBack(deal, all) { all.insert(back) }
    try facts.add(all.subtracting(before.facts), of: dealID, account: account, in: transaction)
    let view = HubSpotDealView(all, configuration)
    let attribution = try attribute(
      known, view, Self.evidence(view, reading, gap: gap, configuration.crm), of: account, configuration,
      in: transaction)
    let change = try apply(view, to: known, attribution, of: account, configuration, in: transaction)
    try ads.take(change, of: account, configuration, in: transaction)
    let merged = try markMerged(into: dealID, all, of: account, in: transaction)
    let worked = HubSpotFactRepository.Worked(
      portalID: portalID, problem: view.problem, modifiedAt: reading?.deal?.updatedAt ?? before.worked?.modifiedAt,
      configurationVersion: reading?.configurationVersion ?? configuration.version)
    // Looking again at a deal that counts need not be stored: its facts tell since when nothing has been heard of it.
    if worked != before.worked || view.standing != .counts || view.problem != nil {
      try facts.save(worked, dealID: dealID, of: account, at: clock(), in: transaction)
    }
    return Outcome(
      events: applied.count, change: change, problem: view.problem,
      mergedDeals: merged + (view.survivor.map { [$0] } ?? []), attribution: attribution)
  }

  /// The deal's waiting events, which are marked as applied. Events signed with a secret that is not valid for the
  /// account are set aside and counted.
  private func takeEvents(
    of dealID: String, account: AccountID, in transaction: any Transaction
  ) throws -> [HubSpotEventRecord] {
    let queued = try events.takeQueued(dealID, of: account, in: transaction)
    let foreign = queued.filter { $0.signer?.speaks(for: account) == false }
    guard let first = foreign.first else { return queued }
    try events.ignore(foreign, of: account, in: transaction)
    let refused = RefusedHubSpotEvent(
      portalID: first.portalID, reason: .foreignSigner,
      detail: "events of deal \(dealID) were put aside: their signer does not speak for \(account)")
    try waiting.refuse(refused, count: foreign.count, at: clock(), in: transaction)
    return queued.filter { !foreign.contains($0) }
  }

  /// Marks the deals that HubSpot says were merged into this one, and returns those that still count.
  private func markMerged(
    into dealID: String, _ all: Set<HubSpotFact>, of account: AccountID, in transaction: any Transaction
  ) throws -> [String] {
    let lists = all.filter { $0.property == HubSpotProperties.merged }
    guard let list = lists.max(by: { ($0.at, $0.value) < ($1.at, $1.value) }) else { return [] }
    let counted = try CRMReader.mergedIDs(list.value, but: dealID).filter { id in
      try deals.known(id, of: account, in: transaction).deal != nil
    }
    for id in counted {
      try facts.add(
        [HubSpotFact(HubSpotFact.mergedInto, dealID, at: list.at)], of: id, account: account, in: transaction)
    }
    return counted
  }

  /// The deal's credit: none yet for a deal in no stage, and none any more for a deleted one.
  private func attribute(
    _ known: KnownDeal, _ view: HubSpotDealView, _ evidence: AttributionEvidence, of account: AccountID,
    _ configuration: AccountConfiguration, in transaction: any Transaction
  ) throws -> Attribution? {
    switch view.standing {
    case .unknown: return nil
    case .gone:
      try attributions.forget(known, of: account, in: transaction)
      return nil
    case .counts, .held:
      return try attributions.attribute(known, crm: evidence, of: account, configuration, in: transaction)
    }
  }

  private func apply(
    _ view: HubSpotDealView, to known: KnownDeal, _ attribution: Attribution?, of account: AccountID,
    _ configuration: AccountConfiguration, in transaction: any Transaction
  ) throws -> DealChange {
    guard view.standing == .counts else {
      return try deals.remove(known, of: account, configuration.stages, in: transaction)
    }
    var update = DealUpdate(
      dealID: known.id, adID: attribution?.adID, amount: view.amount, createdAt: view.createdAt, moves: view.moves,
      source: "hubspot")
    update.isComplete = true
    return try deals.apply(update, to: known, of: account, configuration.stages, in: transaction)
  }

  /// What a file said about the deal before HubSpot did.
  private static func importedFacts(of known: KnownDeal) -> [HubSpotFact] {
    guard let deal = known.deal else { return [] }
    var facts = known.moves.map { HubSpotFact(HubSpotProperties.stage, $0.stage, at: $0.occurredAt) }
    if let amount = deal.amount, let first = facts.first?.at {
      facts.append(HubSpotFact(HubSpotProperties.amount, "\(amount)", at: first))
    }
    return facts
  }

  /// The fact that a deleted deal exists again, where HubSpot shows that it was changed since.
  private static func isBack(_ deal: HubSpotDeal, _ facts: Set<HubSpotFact>) -> HubSpotFact? {
    let last = facts.filter { $0.property == HubSpotFact.deleted }
      .max { ($0.at, $0.value) < ($1.at, $1.value) }
    guard !deal.archived, let last, last.value == "true", deal.updatedAt > last.at else { return nil }
    return HubSpotFact(HubSpotFact.deleted, "false", at: deal.updatedAt)
  }

  /// The clues to the ad in the deal and its contacts.
  private static func evidence(
    _ view: HubSpotDealView, _ reading: DealReply?, gap: String?, _ settings: CRMSettings
  ) -> AttributionEvidence {
    var evidence = AttributionEvidence()
    evidence.dealCreatedAt = view.createdAt ?? view.moves.first?.occurredAt
    evidence.gap = gap ?? (reading?.contacts.isEmpty == true ? "no contact is linked to the deal" : nil)
    for name in settings.adIDProperties {
      guard let value = view.latest[name], !value.isEmpty else { continue }
      evidence.crm.add(AttributionEvidence.Candidate(method: .dealProperty, name: name, value: value))
    }
    for contact in reading?.contacts ?? [] { evidence.crm.add(contact, settings) }
    return evidence
  }
}

extension HubSpotDealView {
  /// What prevents counting the deal as HubSpot has it.
  fileprivate var problem: String? {
    if case .held(let reason) = standing { reason } else { standing == .counts ? remark : nil }
  }
}

extension AttributionEvidence.Clues {
  /// Adds a contact's clues: its own ad id, the URLs of its first and last visit, and its click.
  fileprivate mutating func add(_ contact: HubSpotContact, _ settings: CRMSettings) {
    for name in settings.adIDProperties {
      guard let value = contact[name], !value.isEmpty else { continue }
      add(AttributionEvidence.Candidate(method: .contactProperty, name: name, value: String(value.prefix(256))))
    }
    let visits = [
      (HubSpotProperties.lastURL, HubSpotProperties.lastVisit),
      (HubSpotProperties.firstURL, HubSpotProperties.firstVisit),
    ]
    for (address, moment) in visits {
      guard let page = contact[address] else { continue }
      add(landingPage: page, visitedAt: contact[moment].flatMap { Instant($0) }, settings)
    }
    if let id = contact[HubSpotProperties.facebookClick] { add(clickID: id) }
  }
}
