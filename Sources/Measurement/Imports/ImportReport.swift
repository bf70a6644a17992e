import Values
import Web

/// What is wrong with one row of a file.
package struct RowProblem: Error, Hashable, Sendable, CustomStringConvertible {
  package internal(set) var file: String
  /// The line the row starts on, counted from 1.
  package let line: Int
  /// The column's name in the file; empty where the problem is about the row as a whole.
  package let column: String
  /// The value in the file.
  package let value: String
  /// What it must be.
  package let rule: String

  /// `FILE:LINE: column COLUMN is 'VALUE': RULE`; `FILE:LINE: RULE` where it is about the row as a whole.
  package var description: String {
    column.isEmpty ? "\(file):\(line): \(rule)" : "\(file):\(line): column \(column) is '\(value)': \(rule)"
  }
}

/// An import that failed; the database is unchanged.
package enum ImportError: FeatureError {
  /// Rows that violate rules: the first ones, and how many there are.
  case badRows([RowProblem], count: Int)
  /// The file as a whole cannot be imported.
  case badFile(file: String, rule: String)
}

extension ImportError {
  package var code: String { "import_refused" }

  package var description: String {
    switch self {
    case .badFile(let file, let rule): "\(file): \(rule)"
    case .badRows(let problems, let count):
      problems.map(\.description).joined(separator: "\n")
        + (count > problems.count ? "\n… and \(count - problems.count) more" : "")
        + "\nNothing was imported from this file. Correct the rows, or import the others with --skip-bad-rows."
    }
  }
}

/// The result of an import.
package struct ImportReport: Hashable, Sendable {
  package var file: String
  /// Rows that were imported.
  package var rows = 0
  /// Rows that were refused and written to ``rejects``.
  package var rejectedRows = 0
  /// Rows with totals, as at the end of exports, which were left out.
  package var totalRows = 0
  /// Rows that sum up the parts of a breakdown, which were left out.
  package var subtotalRows = 0
  /// Ads in the rows.
  package var ads = 0
  /// Rows of other pipelines than the requested one, which were left out.
  package var otherPipelineRows = 0
  /// Deals that name no ad.
  package var unattributedDeals = 0
  /// Sum of impressions.
  package var impressions = 0
  /// Sum of clicks.
  package var clicks = 0
  /// Sum of spend.
  package var spend = Money.zero
  /// Sum of sales.
  package var wonDeals = 0
  /// The file with the refused rows.
  package var rejects: String?
  /// Which column each field was read from.
  package var columns: [String] = []
  /// What the user should know about how the file was read, one sentence each.
  package var notes: [String] = []

  /// An empty report on a file.
  package init(file: String) {
    self.file = file
  }

  /// Adds a day to the totals. Throws where the file's spend exceeds what can be counted.
  mutating func count(_ day: DailyMetrics) throws {
    rows += 1
    impressions += day.impressions
    clicks += day.clicks
    wonDeals += day.wonDeals ?? 0
    guard let sum = spend.adding(day.spend) else {
      throw ImportError.badFile(file: file, rule: "its spend sums to more than can be counted")
    }
    spend = sum
  }
}

package struct ImportProgress: Hashable, Sendable {
  package let file: String
  /// Bytes read so far.
  package let bytesRead: Int64
  /// Bytes of the file; nil for a pipe.
  package let totalBytes: Int64?
}

/// How to read a file.
package struct ImportOptions: Sendable {
  /// Which column each field is read from, where the file's own names are not known.
  package var mapping = ColumnMapping()
  /// The file's currency, where the file does not state it.
  package var currency: Currency?
  /// Which part of a date such as 3/4/2026 comes first.
  package var dateOrder = DateOrder.iso
  /// The decimal sign, where the file does not show it.
  package var decimalSign: DecimalSign?
  /// The workbook's sheet to read; nil for the first visible one.
  package var sheet: String?
  /// Whether rows that violate rules are set aside and the others imported.
  package var skipsBadRows = false
  /// Whether several rows for one ad and day are breakdowns to be summed.
  package var sumsBreakdowns = false
  /// The account's stage for a stage of the file, by `pipeline/stage` or `stage`; it takes precedence over
  /// `crm_stages`.
  package var stages: [String: String] = [:]
  /// The only pipeline whose deals are imported, by name or id; the pipeline of all deals where the file names none.
  package var pipeline: String?

  package init() {}
}

/// Which part of a date comes first.
package enum DateOrder: String, Hashable, Sendable, CaseIterable {
  /// 2026-03-04 only.
  case iso
  /// 3/4/2026 is the 4th of March.
  case monthFirst = "mdy"
  /// 3/4/2026 is the 3rd of April.
  case dayFirst = "dmy"
}
