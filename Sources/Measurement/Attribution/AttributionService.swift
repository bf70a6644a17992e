import Accounts
import Formats
import Storage
import Values

/// Credits deals to the ads that brought them.
package struct AttributionService: Sendable {
  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let repository = AttributionRepository()
  private let accounts: AccountService
  private let ads: AdService
  private let deals: DealService
  private let audit: AuditService

  package init(
    database: any Database, clock: @escaping @Sendable () -> Instant, accounts: AccountService, ads: AdService,
    deals: DealService, audit: AuditService
  ) {
    self.database = database
    self.clock = clock
    self.accounts = accounts
    self.ads = ads
    self.deals = deals
    self.audit = audit
  }

  /// A deal's attribution.
  package struct Credit: Sendable {
    package let dealID: String
    /// Which ad it is credited to, and why.
    package let attribution: Attribution
    /// Since when.
    package let at: Instant
  }

  /// The result of reporting a click.
  package struct TrackedClick: Sendable {
    /// The click as stored: the first report of an id counts.
    package let click: Click
    /// Whether it is new.
    package let isNew: Bool
    /// The deals that are credited to its ad because of it.
    package let credits: [Credit]
  }

  /// Stores a click, and credits the deals whose contacts carry it and that have been waiting for it.
  package func track(_ click: Click, of account: AccountID) async throws -> TrackedClick {
    try await accounts.write(inTurnOf: account) { [self] configuration, transaction in
      guard try repository.insert(click, of: account, in: transaction) else {
        let known = try repository.click(click.id, of: account, in: transaction) ?? click
        return TrackedClick(click: known, isNew: false, credits: [])
      }
      var credits: [Credit] = []
      for dealID in try repository.deals(carrying: click.id, of: account, in: transaction) {
        let known = try deals.known(dealID, of: account, in: transaction)
        guard let stored = known.credit else { continue }
        let attribution = try attribute(known, stored.evidence, of: account, configuration, in: transaction)
        guard attribution != stored.attribution else { continue }
        try credit(known, attribution, of: account, configuration, in: transaction)
        credits.append(Credit(dealID: dealID, attribution: attribution, at: clock()))
      }
      return TrackedClick(click: click, isNew: true, credits: credits)
    }
  }

  /// Stores what the caller knows about how a deal came about, and credits the deal based on that and on the CRM.
  ///
  /// An ad that the caller names takes precedence over everything else, until the caller names another.
  package func attribute(
    _ conversion: Conversion, of account: AccountID, by actor: AuditActor = .system
  ) async throws -> Credit {
    try await accounts.write(inTurnOf: account) { [self] configuration, transaction in
      let dealID = conversion.dealID
      let known = try deals.known(dealID, of: account, in: transaction)
      var evidence = known.credit?.evidence ?? AttributionEvidence()
      evidence.reported = conversion.clues(configuration.crm)
      evidence.dealCreatedAt = conversion.convertedAt ?? evidence.dealCreatedAt
      let attribution: Attribution
      if let statedAd = conversion.statedAd {
        attribution = Attribution(adID: statedAd, method: .stated, reason: "\(statedAd) was named for this deal")
        try save(attribution, evidence, dealID, of: account, in: transaction)
        try audit.record(
          .attributionStated, of: dealID, by: actor, account: account,
          before: known.credit?.attribution.adID.map { ["ad_id": .string($0.value)] },
          after: ["ad_id": .string(statedAd.value)], in: transaction)
      } else {
        attribution = try attribute(known, evidence, of: account, configuration, in: transaction)
      }
      try credit(known, attribution, of: account, configuration, in: transaction)
      return Credit(dealID: dealID, attribution: attribution, at: clock())
    }
  }

  /// Finds the ad of a deal based on the CRM and on earlier reports, stores both, and returns the resulting
  /// attribution.
  package func attribute(
    _ known: KnownDeal, crm: AttributionEvidence, of account: AccountID, _ configuration: AccountConfiguration,
    in transaction: any Transaction
  ) throws -> Attribution {
    var evidence = crm
    if let credit = known.credit { evidence.reported = credit.evidence.reported }
    return try attribute(known, evidence, of: account, configuration, in: transaction)
  }

  /// Removes the credit for a deleted deal, unless somebody reported something about it.
  package func forget(_ known: KnownDeal, of account: AccountID, in transaction: any Transaction) throws {
    guard let credit = known.credit, credit.attribution.method != .stated,
      credit.evidence.reported == AttributionEvidence.Clues()
    else { return }
    try repository.delete(known.id, of: account, in: transaction)
  }

  /// An ad that somebody named stays. Where the evidence leads to no ad, the ad that came with the deal in a file
  /// counts.
  private func attribute(
    _ known: KnownDeal, _ evidence: AttributionEvidence, of account: AccountID, _ configuration: AccountConfiguration,
    in transaction: any Transaction
  ) throws -> Attribution {
    let rules = AttributionRules(
      settings: configuration.crm,
      knowsAd: { try ads.record(of: $0, account: account, in: transaction) != nil },
      click: { try repository.click($0, of: account, in: transaction) })
    var attribution = try rules.attribute(evidence)
    if let before = known.credit?.attribution, before.method == .stated {
      attribution = before
    } else if attribution.adID == nil {
      attribution = Self.imported(known) ?? attribution
    }
    if known.credit?.attribution != attribution || known.credit?.evidence != evidence {
      try save(attribution, evidence, known.id, of: account, in: transaction)
    }
    return attribution
  }

  /// The ad that came with the deal in a file, where one did.
  private static func imported(_ known: KnownDeal) -> Attribution? {
    if let before = known.credit?.attribution { return before.method == .imported ? before : nil }
    return known.deal?.adID.map {
      Attribution(adID: $0, method: .imported, reason: "the deal came with \($0) in a file")
    }
  }

  /// The account's attributions, latest first, at most `limit`; with `credited` false, the deals of no ad.
  package func list(of account: AccountID, credited: Bool?, limit: Int) async throws -> [Credit] {
    try await database.read { [repository] transaction in
      try repository.list(of: account, credited: credited, limit: limit, in: transaction)
        .map { Credit(dealID: $0.dealID, attribution: $0.attribution, at: $0.at) }
    }
  }

  /// Removes up to `limit` clicks, over all accounts, that are older than 400 days and that no deal carries; returns
  /// how many.
  package func removeOldClicks(limit: Int) async throws -> Int {
    let start = clock().adding(seconds: -400 * 86_400)
    return try await database.write { [repository] in
      try repository.removeClicks(before: start, limit: limit, in: $0)
    }
  }

  private func save(
    _ attribution: Attribution, _ evidence: AttributionEvidence, _ dealID: String, of account: AccountID,
    in transaction: any Transaction
  ) throws {
    try repository.save(
      AttributionRepository.Stored(dealID: dealID, attribution: attribution, evidence: evidence, at: clock()),
      of: account, in: transaction)
  }

  /// Moves the credit for a known deal, and its worth, to the attribution's ad.
  private func credit(
    _ known: KnownDeal, _ attribution: Attribution, of account: AccountID, _ configuration: AccountConfiguration,
    in transaction: any Transaction
  ) throws {
    let change = try deals.assign(
      known, to: attribution.adID, of: account, configuration.stages, in: transaction)
    guard let change else { return }
    try ads.take(change, of: account, configuration, in: transaction)
  }
}
