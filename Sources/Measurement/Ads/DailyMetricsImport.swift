import Accounts
import Storage
import Values

/// One file's daily figures on their way in, within one transaction.
struct DailyMetricsImport {
  private let account: AccountID
  private let configuration: AccountConfiguration
  private let transaction: any Transaction
  private let ads: AdService
  private let deals: DealService
  private let repository = AdStateRepository()
  private var writer: DailyMetricsWriter
  private let sumsRows: Bool
  private let fileName: String
  private let now: Instant
  private var delivery: [AdID: (day: CalendarDay, state: DeliveryState)] = [:]
  private var lastDay: CalendarDay?
  private var touched: Set<AdID> = []
  private var names: [AdID: String] = [:]
  private var sales: [AdDate: Int] = [:]

  /// Counts the import; with `sumsRows`, several rows of one ad and day are breakdowns that add up.
  init(
    of account: AccountID, _ configuration: AccountConfiguration, source: String, fileName: String, sumsRows: Bool,
    by author: AuditActor, ads: AdService, deals: DealService, at now: Instant, in transaction: any Transaction
  ) throws {
    self.account = account
    self.configuration = configuration
    self.transaction = transaction
    self.ads = ads
    self.deals = deals
    self.sumsRows = sumsRows
    self.fileName = fileName
    self.now = now
    let importID = try repository.startImport(
      of: account, source: source, fileName: fileName, by: author, at: now, in: transaction)
    writer = try DailyMetricsWriter(
      account: account, importID: importID, at: FigureTime(now, try configuration.calendar), sumsRows: sumsRows,
      in: transaction)
  }

  /// Writes days, and returns for each whether it was: not where the file has had a row for the same ad and day before.
  mutating func write(_ days: [DailyMetrics]) throws -> [Bool] {
    let isWritten = try writer.write(days)
    for (day, isWritten) in zip(days, isWritten) where isWritten {
      touched.insert(day.adID)
      if let name = day.adName { names[day.adID] = name }
      lastDay = max(lastDay ?? day.day, day.day)
      if let state = day.delivery, delivery[day.adID].map({ $0.day <= day.day }) ?? true {
        delivery[day.adID] = (day.day, state)
      }
      guard let count = day.wonDeals else { continue }
      try deals.applyWonDeals(
        allSales(count, of: day), of: day.adID, on: day.day, account: account, configuration, in: transaction)
    }
    return isWritten
  }

  /// The sales of the ad and day so far: `count`, with those of its earlier breakdowns.
  private mutating func allSales(_ count: Int, of day: DailyMetrics) -> Int {
    guard sumsRows else { return count }
    sales[AdDate(day), default: 0] += count
    return sales[AdDate(day)] ?? count
  }

  /// Brings the ads' totals up to date and returns how many ads the file was about.
  func finish() throws -> Int {
    try repository.refreshTotals(of: touched, account: account, in: transaction)
    try repository.rename(names, of: account, in: transaction)
    if let lastDay {
      try ads.takeDelivery(
        delivery.mapValues(\.state), from: fileName, asOf: lastDay, of: account, at: now, in: transaction)
    }
    try ads.refreshDeals(of: touched, account: account, configuration, after: .figures, in: transaction)
    return touched.count
  }
}
