import Accounts
import Formats
import Storage
import Values
import Web

/// Takes in the files that users have: figures of ads, and deals. Each file goes in whole, or not at all.
package struct ImportService: Sendable {
  private let clock: @Sendable () -> Instant
  private let accounts: AccountService
  private let ads: AdService
  private let deals: DealService
  private let quotas = QuotaService()

  /// Takes the services that keep what files hold; `clock` tells the present moment.
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
    /// Answers of Meta's Insights API.
    case metaInsights = "meta-insights"
    /// An Ads Manager export, or any CSV by a mapping.
    case adsCSV = "ads-csv"
    /// Deals as HubSpot's CSV export or CRM v3 JSON.
    case hubspotDeals = "hubspot-deals"
  }

  /// Imports `file` into `account`. Throws an ``ImportError`` or ``APIError``; then nothing was changed.
  ///
  /// A second import of the same file changes no figure: days replace themselves, deals keep their ids.
  package func importFile(
    _ file: String, as kind: Kind, into account: AccountID, _ options: ImportOptions, by author: AuditActor = .system,
    progress: @escaping @Sendable (ImportProgress) -> Void
  ) async throws -> ImportReport {
    let input = try await ImportInput(file, progress: progress)
    do {
      var report = try await accounts.write(inTurnOf: account) { [self] configuration, transaction in
        try importFile(input, as: kind, into: account, configuration, options, author, progress, transaction)
      }
      // Only now is there an import whose rows these are.
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

  /// One file's import, within its transaction.
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
      try read(source, into: &report) { batch, report in
        let problems = batch.map { $0.record.problem(today: today) }
        let come = zip(batch, problems).filter { $1 == nil }.map(\.0.record)
        var isWritten = try days.write(come).makeIterator()
        return try zip(batch, problems).map { row, problem in
          let day = row.record
          if let problem {
            return RowProblem(
              file: file, line: row.line, column: problem.field, value: problem.value, rule: problem.rule)
          }
          guard isWritten.next() ?? false else {
            return RowProblem(
              file: file, line: row.line, column: "ad_id", value: day.adID.value,
              rule: "has another row for \(day.day) in this file; add breakdown rows up with --sum-breakdowns")
          }
          try report.count(day)
          return nil
        }
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
      try read(source, into: &report) { batch, report in
        for row in batch { try deals.take(row.record, &report) }
        return batch.map { _ in nil }
      }
      report.ads = try deals.finish()
      return report
    }

    /// Rows that are taken in together: a server across a network is waited for once for all of them.
    private static let rowsAtOnce = 256

    /// A record that can be read.
    private struct GoodRow<Record> {
      let line: Int
      let record: Record
    }

    /// Hands the good records to `take`, many at once, which returns what is wrong with each, and settles what becomes
    /// of the bad rows.
    private func read<Source: RecordSource>(
      _ source: Source, into report: inout ImportReport,
      _ take: ([GoodRow<Source.Record>], inout ImportReport) throws -> [RowProblem?]
    ) throws {
      var source = source
      var batch: [SourceRow<Source.Record>] = []
      var refused = RefusedRows(file: file, keepsThem: options.skipsBadRows)
      func takeBatch() throws {
        let good = batch.compactMap { row in (try? row.record.get()).map { GoodRow(line: row.line, record: $0) } }
        var found = try take(good, &report).makeIterator()
        for row in batch {
          switch row.record {
          case .success: if let problem = found.next() ?? nil { try refused.add(row.original, problem) }
          case .failure(let problem): try refused.add(row.original, problem)
          }
        }
        batch.removeAll(keepingCapacity: true)
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
