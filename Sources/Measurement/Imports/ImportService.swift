import Accounts
import Formats
import Storage
import Values
import Web

/// Imports users' files: figures of ads, and deals. Each file is imported completely, or not at all.
package struct ImportService: Sendable {
  private let clock: @Sendable () -> Instant
  private let accounts: AccountService
  private let ads: AdService
  private let deals: DealService
  private let quotas = QuotaService()

  /// The services store what files contain; `clock` returns the current moment.
  package init(
    clock: @escaping @Sendable () -> Instant, accounts: AccountService, ads: AdService, deals: DealService
  ) {
    self.clock = clock
    self.accounts = accounts
    self.ads = ads
    self.deals = deals
  }

  /// A kind of file.
  package enum Kind: String, Sendable, CaseIterable {
    /// Replies of Meta's Insights API.
    case metaInsights = "meta-insights"
    /// An Ads Manager export, or any CSV with a mapping.
    case adsCSV = "ads-csv"
    /// Deals as HubSpot's CSV export or CRM v3 JSON.
    case hubspotDeals = "hubspot-deals"
  }

  /// Imports `file` into `account`. Throws an ``ImportError``, an ``AccountError`` or a ``QuotaError``; then
  /// nothing was changed.
  ///
  /// Importing the same file again changes no figure: days replace themselves, and deals keep their ids.
  package func importFile(
    _ file: String, as kind: Kind, into account: AccountID, _ options: ImportOptions, by author: AuditActor = .system,
    progress: @escaping @Sendable (ImportProgress) -> Void
  ) async throws -> ImportReport {
    let input = try await ImportInput(file, progress: progress)
    do {
      var report = try await accounts.write(inTurnOf: account) { [self] configuration, transaction in
        try importFile(input, as: kind, into: account, configuration, options, author, progress, transaction)
      }
      // Only now does the import exist that these rows belong to.
      if let rejects = report.rejects {
        report.rejects = RejectsFile.putInPlace(rejects)
      } else {
        RejectsFile.discard(besides: file)
      }
      return report
    } catch {
      RejectsFile.discard(besides: file)
      throw error
    }
  }

  private func importFile(
    _ input: ImportInput, as kind: Kind, into account: AccountID, _ configuration: AccountConfiguration,
    _ options: ImportOptions, _ author: AuditActor, _ progress: @escaping @Sendable (ImportProgress) -> Void,
    _ transaction: any Transaction
  ) throws -> ImportReport {
    let file = input.file
    let calendar = try configuration.calendar
    if let stated = options.currency, stated != configuration.currency {
      throw ImportError.badFile(
        file: file, rule: "amounts are in \(stated), but the account's currency is \(configuration.currency)")
    }
    let job = Job(
      service: self, account: account, configuration: configuration, options: options, input: input, author: author,
      progress: progress)
    let reader = DealReader(
      configuration: configuration, dates: DateReader(order: options.dateOrder, calendar: calendar), options: options)
    return try quotas.hold(.ads, of: account, in: transaction) {
      switch kind {
      case .metaInsights:
        try job.importDays(
          MetaInsightsSource(options: options, currency: configuration.currency, configuration.adReports), transaction)
      case .adsCSV:
        try job.importDays(
          AdsCSVSource(options: options, calendar: calendar, currency: configuration.currency), transaction)
      case .hubspotDeals where file.lowercased().hasSuffix("json") || file.lowercased().hasSuffix("jsonl"):
        try job.importDeals(DealsJSONSource(options: options, reader: reader), transaction)
      case .hubspotDeals:
        try job.importDeals(DealsCSVSource(options: options, reader: reader), transaction)
      }
    }
  }

  /// The import of one file, within its transaction.
  private struct Job: Sendable {
    let service: ImportService
    let account: AccountID
    let configuration: AccountConfiguration
    let options: ImportOptions
    let input: ImportInput
    let author: AuditActor
    let progress: @Sendable (ImportProgress) -> Void

    private var file: String { input.file }

    func importDays(
      _ source: some RecordSource<DailyMetrics>, _ transaction: any Transaction
    ) throws -> ImportReport {
      var report = ImportReport(file: file)
      var days = try DailyMetricsImport(
        of: account, configuration, source: source.name, fileName: file, sumsRows: options.sumsBreakdowns,
        by: author, ads: service.ads, deals: service.deals, at: service.clock(), in: transaction)
      let today = try configuration.calendar.day(of: service.clock())
      try read(source, into: &report) { rows, report in
        rows.refuse { _, day, line in
          day.problem(today: today).map {
            RowProblem(file: file, line: line, column: $0.field, value: $0.value, rule: $0.rule)
          }
        }
        let isWritten = try days.write(rows.records)
        rows.refuse { place, day, line in
          isWritten[place]
            ? nil
            : RowProblem(
              file: file, line: line, column: "ad_id", value: day.adID.value,
              rule: "has another row for \(day.day) in this file; add breakdown rows up with --sum-breakdowns")
        }
        for day in rows.records { try report.count(day) }
      }
      report.ads = try days.finish()
      return report
    }

    func importDeals(_ source: some RecordSource<DealRow>, _ transaction: any Transaction) throws -> ImportReport {
      var report = ImportReport(file: file)
      try service.ads.startDealsImport(
        of: account, source: source.name, fileName: file, by: author, in: transaction)
      var deals = DealImport(
        of: account, configuration, deals: service.deals, ads: service.ads, in: transaction)
      try read(source, into: &report) { rows, report in
        for deal in rows.records { try deals.take(deal, &report) }
      }
      report.ads = try deals.finish()
      return report
    }

    /// How many rows are imported together, so that a server across a network is waited for only once for all of them.
    private static let rowsAtOnce = 256

    /// Passes valid records to `take`, many at once, which refuses some of them, and handles the bad rows.
    private func read<Source: RecordSource>(
      _ source: Source, into report: inout ImportReport,
      _ take: (inout RowBatch<Source.Record>, inout ImportReport) throws -> Void
    ) throws {
      var source = source
      var refused = RefusedRows(file: file, keepsThem: options.skipsBadRows)
      var batch = RowBatch<Source.Record>(keepsOriginals: options.skipsBadRows)
      func takeBatch() throws {
        try take(&batch, &report)
        for (original, problem) in batch.refusals { try refused.add(original, problem) }
        batch.removeAll()
      }
      try input.read(progress: progress) { path, progress in
        try source.read(path, progress: progress) { row in
          batch.append(row)
          if batch.count == Self.rowsAtOnce { try takeBatch() }
        }
      }
      try takeBatch()
      report.rejectedRows = refused.count
      report.rejects = try refused.finish()
      report.columns = source.columns
      report.totalRows = source.totalRows
      report.subtotalRows = source.subtotalRows
      report.notes = source.notes
    }
  }
}
