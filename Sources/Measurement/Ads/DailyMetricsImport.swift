import Accounts
import Storage
import Values

/// The import of one file's daily figures, within one transaction.
struct DailyMetricsImport {
  private let account: AccountID
  private let configuration: AccountConfiguration
  private let transaction: any Transaction
  private let ads: AdService
  private let deals: DealService
  private var writer: DailyMetricsWriter
  private let sumsRows: Bool
  private let fileName: String
  private let now: Instant
  private var delivery: [AdID: (day: CalendarDay, state: DeliveryState)] = [:]
  private var lastDay: CalendarDay?
  private var sales: [AdDate: Int] = [:]

  /// Starts the import; with `sumsRows`, several rows for one ad and day are breakdowns to be summed.
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
    let importID = try AdStateRepository().startImport(
      of: account, source: source, fileName: fileName, by: author, at: now, in: transaction)
    writer = try DailyMetricsWriter(
      account: account, importID: importID, at: FigureTime(now, try configuration.calendar), sumsRows: sumsRows,
      in: transaction)
  }

  /// Writes days, and returns for each whether it was written: not where the file had a row for the same ad and day
  /// before.
  mutating func write(_ days: [DailyMetrics]) throws -> [Bool] {
    let isWritten = try writer.write(days)
    for (day, isWritten) in zip(days, isWritten) where isWritten {
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

  /// The sales of the ad and day so far: `count` plus those of its earlier breakdowns.
  private mutating func allSales(_ count: Int, of day: DailyMetrics) -> Int {
    guard sumsRows else { return count }
    sales[AdDate(day), default: 0] += count
    return sales[AdDate(day)] ?? count
  }

  /// Updates the ads' totals and returns how many ads the file contained.
  func finish() throws -> Int {
    let touched = writer.ads
    try writer.finish(deals: deals.totals(of: touched, account: account, configuration, in: transaction))
    if let lastDay {
      try ads.takeDelivery(
        delivery.mapValues(\.state), from: fileName, asOf: lastDay, of: account, at: now, in: transaction)
    }
    try ads.announce(.figures, touched, of: account, configuration, in: transaction)
    return touched.count
  }
}
