import Accounts
import Storage
import Values

/// The import of one file's deals, within its transaction.
struct DealImport {
  private let account: AccountID
  private let configuration: AccountConfiguration
  private let deals: DealService
  private let ads: AdService
  private let transaction: any Transaction
  private var touched = Set<AdID>()
  /// Deals that this file lists as merged into others: they are removed wherever they are in the file.
  private var merged = Set<String>()
  /// Whether the account has figures of an ad, for the ads asked for so far.
  private var knownAds: [AdID: Bool] = [:]

  init(
    of account: AccountID, _ configuration: AccountConfiguration, deals: DealService, ads: AdService,
    in transaction: any Transaction
  ) {
    self.account = account
    self.configuration = configuration
    self.deals = deals
    self.ads = ads
    self.transaction = transaction
  }

  /// Imports a row and counts it.
  mutating func take(_ row: DealRow, _ report: inout ImportReport) throws {
    switch row {
    case .otherPipeline: report.otherPipelineRows += 1
    case .deleted(let dealID):
      try remove(dealID)
      report.rows += 1
    case .update(let deal):
      report.rows += 1
      guard !merged.contains(deal.update.dealID) else { return }
      for dealID in deal.mergedIDs where merged.insert(dealID).inserted { try remove(dealID) }
      var update = deal.update
      update.adID = try AdWord.ad(among: deal.adWords) { try knowsAd($0) }
      if update.adID == nil { report.unattributedDeals += 1 }
      touched.formUnion(try deals.apply(update, of: account, configuration.stages, in: transaction).ads)
    }
  }

  /// Revalues the ads whose deals have changed and returns how many they are.
  func finish() throws -> Int {
    try ads.refreshDeals(of: touched, account: account, configuration, after: .deals, in: transaction)
    return touched.count
  }

  private mutating func remove(_ dealID: String) throws {
    touched.formUnion(try deals.remove(dealID.canonical, of: account, configuration.stages, in: transaction).ads)
  }

  private mutating func knowsAd(_ adID: AdID) throws -> Bool {
    if let known = knownAds[adID] { return known }
    let known = try ads.record(of: adID, account: account, in: transaction) != nil
    knownAds[adID] = known
    return known
  }
}
