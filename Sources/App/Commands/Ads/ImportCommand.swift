import Accounts
import ArgumentParser
import Foundation
import Measurement
import Values

/// `import`: imports files into an account.
struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Import figures of ads, or deals, from files.",
    discussion: """
      Each file is imported completely or not at all, and importing it again changes no figure. Tables may be text or
      Excel workbooks (.xlsx). --guess FILE shows how a file would be read, needs no account and writes nothing.

      meta-insights   replies of Meta's Insights API as JSON (level=ad, time_increment=1)
      ads-csv         an Ads Manager export by day, or any CSV with --map. Fields: ad_id, ad_name, date,
                      impressions, clicks, spend, reach, frequency, leads, pipeline_value, cash_revenue,
                      delivery (whether the ad runs), won_deals (a count of sales; each becomes a won deal worth the account's aov)
      hubspot-deals   deals as HubSpot's CSV export, or as CRM v3 JSON (a name ending in json or jsonl).
                      Fields: deal_id, stage, pipeline, amount, company_amount, currency, ad_id, created_at,
                      closed_at, stage_entered_at, merged_deal_ids, is_deleted. Columns such as
                      Date entered "Closed Won (Sales Pipeline)" give the moves. Stages are found by --stage, by the
                      account's crm_stages, or by name; ads by its ad_id_properties
      """)

  @Argument(help: "The kind of file: meta-insights, ads-csv or hubspot-deals.")
  var kind: ImportService.Kind?
  @Argument(help: "The files.")
  var files: [String] = []
  @Option(help: "The account; required except with --guess.")
  var account: AccountID?
  @Option(help: ArgumentHelp("Show how a file would be read, and write nothing.", valueName: "file"))
  var guess: String?
  @Option(help: "Which column a field is read from: field=Column,field=Column.")
  var map: [String] = []
  @Option(help: "The file's currency, where the file does not state it; it must be the account's.")
  var currency: Currency?
  @Option(help: "Order of dates such as 3/4/2026: iso (refuse them), mdy or dmy.")
  var dateFormat = DateOrder.iso
  @Option(help: "The decimal sign, where the file does not show it: point (1,234.56) or comma (1.234,56).")
  var decimal: DecimalSign?
  @Option(help: "The sheet of an Excel workbook; by default the first visible one.")
  var sheet: String?
  @Option(
    help: "The account's stage for a stage of the file: 'Closed Won=closed_won', 'Sales/Won=closed_won'. Repeatable.")
  var stage: [String] = []
  @Option(help: "Import only the deals of this pipeline, by its name or id in the file.")
  var pipeline: String?
  @Flag(help: "Set rows that violate rules aside, in FILE.rejects.csv or .jsonl, and import the others.")
  var skipBadRows = false
  @Flag(help: "Sum rows for the same ad and day, which exports with breakdowns have.")
  var sumBreakdowns = false
  @OptionGroup var database: DatabaseOption

  func validate() throws {
    guard guess == nil else {
      guard kind == nil else { throw ValidationError("--guess takes one file and no other arguments.") }
      return
    }
    guard kind != nil, !files.isEmpty else { throw ValidationError("Give the kind of file, and the files.") }
    guard account != nil else { throw ValidationError("Missing expected argument '--account <account>'") }
  }

  func run() async throws {
    try await reportingFailures {
      let options = try options()
      if let guess { return try await look(at: guess, options) }
      guard let kind, let account else { return }
      try await database.withSystem { system in
        for file in files {
          let bar = ProgressDisplay()
          let report = try await system.imports.importFile(
            file, as: kind, into: account, options, by: .commandLine
          ) {
            bar.show($0)
          }
          bar.finish()
          Console.print(ImportRendering.text(report, kind))
        }
      }
    }
  }

  private func look(at file: String, _ options: ImportOptions) async throws {
    var configuration: AccountConfiguration?
    if let account {
      configuration = try await database.withSystem { try await $0.accounts.configuration(of: account) }
    }
    let guess = try FileGuess.look(at: file, options, configuration)
    Console.print(ImportRendering.text(guess, of: file, into: account))
  }

  private func options() throws -> ImportOptions {
    var options = ImportOptions()
    options.mapping = try ColumnMapping(map)
    options.currency = currency
    options.dateOrder = dateFormat
    options.decimalSign = decimal
    options.sheet = sheet
    options.pipeline = pipeline
    options.skipsBadRows = skipBadRows
    options.sumsBreakdowns = sumBreakdowns
    for pair in stage {
      let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
      guard sides.count == 2 else {
        throw SettingError(name: "--stage", value: pair, rule: "must be 'Name in the file=account_stage'")
      }
      options.stages[sides[0]] = sides[1]
    }
    return options
  }
}

/// An import's report in words.
enum ImportRendering {
  static func text(_ guess: FileGuess, of file: String, into account: AccountID?) -> String {
    var lines = [
      "\(file): \(guess.kind.map { "looks like \($0.rawValue)" } ?? "does not look like anything that can be imported")"
    ]
    let width = guess.facts.map(\.name.count).max() ?? 0
    lines += guess.facts.map { "  \($0.name.padding(toLength: width, withPad: " ", startingAt: 0))  \($0.value)" }
    lines += guess.problems.map { "  to fix: \($0)" }
    if let kind = guess.kind, guess.problems.isEmpty {
      let words =
        ["geminivideo import \(kind.rawValue) \(file) --account \(account?.value ?? "ACCOUNT")"] + guess.advice
      lines.append("  import it with: " + words.joined(separator: " "))
    }
    return lines.joined(separator: "\n")
  }

  static func text(_ report: ImportReport, _ kind: ImportService.Kind) -> String {
    var lines: [String] = []
    switch kind {
    case .metaInsights, .adsCSV:
      lines.append(
        "\(report.file): \(Grouped.text(report.rows)) rows of \(Grouped.text(report.ads)) ads; "
          + "\(Grouped.text(report.impressions)) impressions, \(Grouped.text(report.clicks)) clicks, "
          + "\(Grouped.text(report.spend)) spent"
          + (report.wonDeals > 0 ? ", \(Grouped.text(report.wonDeals)) sales" : ""))
    case .hubspotDeals:
      lines.append(
        "\(report.file): \(Grouped.text(report.rows)) deals; \(Grouped.text(report.ads)) ads have a new value"
          + (report.unattributedDeals > 0
            ? "; \(Grouped.text(report.unattributedDeals)) deals name no ad and are credited to none" : ""))
    }
    if !report.columns.isEmpty { lines.append("  read " + report.columns.joined(separator: ", ")) }
    if report.otherPipelineRows > 0 {
      lines.append("  left out \(Grouped.text(report.otherPipelineRows)) deals of other pipelines")
    }
    if report.totalRows > 0 { lines.append("  left out \(rows(report.totalRows)) of totals") }
    if report.subtotalRows > 0 {
      lines.append("  left out \(rows(report.subtotalRows)) of subtotals, whose parts were read")
    }
    lines += report.notes.map { "  note: \($0)" }
    if let rejects = report.rejects {
      lines.append("  set \(Grouped.text(report.rejectedRows)) bad rows aside in \(rejects)")
    }
    return lines.joined(separator: "\n")
  }

  private static func rows(_ count: Int) -> String { count == 1 ? "1 row" : "\(Grouped.text(count)) rows" }
}
