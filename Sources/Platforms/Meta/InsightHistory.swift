import Values

/// A part of the past whose figures are read with one report.
package struct InsightChunk: Hashable, Sendable {
  /// The progress of the part.
  package enum State: String, Hashable, Sendable, CaseIterable {
    /// No report has been requested.
    case waiting
    /// A report has been requested.
    case ordered
    /// Its figures are stored.
    case done
    /// Meta failed to make the report several times.
    case failed
  }

  /// Its first and last day, in the account's time zone.
  package let first: CalendarDay
  package let last: CalendarDay
  package var state: State
  /// The requested report; nil for none.
  package var reportID: String?
  /// How many of its reports failed.
  package var attempts = 0
  /// How many rows it had.
  package var rows = 0
  /// The settings for actions and clicks with which it was read.
  package var readAs: String
  /// Why the last report failed; nil where none did.
  package var problem: String?

  /// When it was last stored.
  package var updatedAt = Instant(seconds: 0)

  /// Whether there is something left to do.
  var isLeft: Bool { state == .waiting || state == .ordered }

  /// How many days it has.
  package var days: Int { last.daysSinceEpoch - first.daysSinceEpoch + 1 }

  init(first: CalendarDay, last: CalendarDay, readAs: String) {
    self.first = first
    self.last = last
    self.readAs = readAs
    state = .waiting
  }

  /// Divides the days from `first` to `last` into parts of at most ``longest`` days; none where there are no days.
  static func plan(from first: CalendarDay, to last: CalendarDay, readAs: String) -> [InsightChunk] {
    guard first <= last else { return [] }
    return stride(from: last.daysSinceEpoch, through: first.daysSinceEpoch, by: -longest).map { end in
      let start = max(first.daysSinceEpoch, end - longest + 1)
      return InsightChunk(
        first: CalendarDay(daysSinceEpoch: start), last: CalendarDay(daysSinceEpoch: end), readAs: readAs)
    }
  }

  /// The most days of a part.
  static let longest = 28

  /// The two halves of a part that is too large for one report; nil for a single day.
  var halves: [InsightChunk]? {
    guard days > 1 else { return nil }
    let middle = first.adding(days: days / 2 - 1)
    var halves = [
      InsightChunk(first: first, last: middle, readAs: readAs),
      InsightChunk(first: middle.adding(days: 1), last: last, readAs: readAs),
    ]
    for index in halves.indices { halves[index].problem = problem }
    return halves
  }
}

/// How much of an account's past has been read.
package struct InsightHistory: Hashable, Sendable {
  /// Days that have been read.
  package let daysDone: Int
  /// Days to be read in all.
  package let days: Int
  /// Rows that were stored.
  package let rows: Int
  /// Parts whose reports fail at Meta.
  package let failed: [InsightChunk]

  init(_ chunks: [InsightChunk]) {
    days = chunks.reduce(0) { $0 + $1.days }
    daysDone = chunks.filter { $0.state == .done }.reduce(0) { $0 + $1.days }
    rows = chunks.reduce(0) { $0 + $1.rows }
    failed = chunks.filter { $0.state == .failed }
  }

  /// Whether nothing is left to read.
  package var isComplete: Bool { daysDone + failed.reduce(0) { $0 + $1.days } == days }
}
