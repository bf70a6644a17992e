/// Rows of a file that are imported together.
struct RowBatch<Record> {
  /// A row that is refused.
  private struct Refusal {
    let number: Int
    let original: SourceRow<Record>.Original?
    let problem: RowProblem
  }

  /// The records to be imported.
  private(set) var records: [Record] = []
  /// How many rows there are, including the refused ones.
  private(set) var count = 0
  /// For each record: its row's number in the batch, the line on which it starts, and the row itself where originals
  /// are kept.
  private var rows: [(number: Int, line: Int, original: SourceRow<Record>.Original?)] = []
  private var refused: [Refusal] = []
  private let keepsOriginals: Bool

  /// `keepsOriginals` says whether refused rows are needed in their original form.
  init(keepsOriginals: Bool) {
    self.keepsOriginals = keepsOriginals
  }

  mutating func append(_ row: SourceRow<Record>) {
    let original = keepsOriginals ? row.original : nil
    switch row.record {
    case .success(let record):
      records.append(record)
      rows.append((count, row.line, original))
    case .failure(let problem): refused.append(Refusal(number: count, original: original, problem: problem))
    }
    count += 1
  }

  /// Refuses the records for which `rule` returns a problem, given the line on which each starts.
  mutating func refuse(_ rule: (_ place: Int, _ record: Record, _ line: Int) -> RowProblem?) {
    var kept: [Int] = []
    kept.reserveCapacity(records.count)
    for place in records.indices {
      if let problem = rule(place, records[place], rows[place].line) {
        refused.append(Refusal(number: rows[place].number, original: rows[place].original, problem: problem))
      } else {
        kept.append(place)
      }
    }
    guard kept.count < records.count else { return }
    records = kept.map { records[$0] }
    rows = kept.map { rows[$0] }
  }

  /// The refused rows in their original order, with what is wrong with each.
  var refusals: [(original: SourceRow<Record>.Original?, problem: RowProblem)] {
    refused.sorted { $0.number < $1.number }.map { ($0.original, $0.problem) }
  }

  mutating func removeAll() {
    records.removeAll(keepingCapacity: true)
    rows.removeAll(keepingCapacity: true)
    refused.removeAll(keepingCapacity: true)
    count = 0
  }
}
