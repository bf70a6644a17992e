import DecisionEngine

/// Figures of a day: a list contains each day once, in order.
protocol SnapshotEntry: Equatable {
  static var dayColumn: SnapshotColumn { get }

  var day: Int { get }

  /// Reads the figures from the other columns.
  init(day: Int, from reader: inout SnapshotReader) throws(SnapshotProblem)

  func write(to writer: inout SnapshotWriter)
}

extension AdTally.Day: SnapshotEntry {
  static let dayColumn = SnapshotColumn.day

  init(day: Int, from reader: inout SnapshotReader) throws(SnapshotProblem) {
    let (spend, impressions) = (try reader.takeDouble(.spend), try reader.take(.impressions))
    let (clicks, leads) = (try reader.take(.clicks), try reader.take(.leads))
    self.init(day: day, spend: spend, impressions: impressions, clicks: clicks, leads: leads == 0 ? nil : leads &- 1)
  }

  func write(to writer: inout SnapshotWriter) {
    writer.put(spend, .spend)
    writer.put(impressions, .impressions)
    writer.put(clicks, .clicks)
    writer.put(leads.map { $0 &+ 1 } ?? 0, .leads)
  }
}

extension StageTally.Cohort: SnapshotEntry {
  static let dayColumn = SnapshotColumn.enteredOn

  init(day: Int, from reader: inout SnapshotReader) throws(SnapshotProblem) {
    let (waiting, advanced) = (try reader.take(.waiting), try reader.take(.advanced))
    self.init(day: day, waiting: waiting, advanced: advanced, lost: try reader.take(.lost))
  }

  func write(to writer: inout SnapshotWriter) {
    writer.put(waiting, .waiting)
    writer.put(advanced, .advanced)
    writer.put(lost, .lost)
  }
}

extension SnapshotWriter {
  /// Writes the differences between `old` and `new`: removed days, and added or changed ones.
  mutating func putChanges<Entry: SnapshotEntry>(from old: [Entry], to new: [Entry]) {
    var (oldIndex, newIndex) = (0, 0)
    var (gone, lastGone, set, lastSet) = (0, 0, 0, 0)
    while oldIndex < old.count || newIndex < new.count {
      if newIndex == new.count || (oldIndex < old.count && old[oldIndex].day < new[newIndex].day) {
        put(old[oldIndex].day &- lastGone, .removedDays)
        (gone, lastGone) = (gone + 1, old[oldIndex].day)
        oldIndex += 1
        continue
      }
      let entry = new[newIndex]
      newIndex += 1
      if oldIndex < old.count, old[oldIndex].day == entry.day {
        oldIndex += 1
        if old[oldIndex - 1] == entry { continue }
      }
      put(entry.day &- lastSet, Entry.dayColumn)
      entry.write(to: &self)
      (set, lastSet) = (set + 1, entry.day)
    }
    put(gone, .counts)
    put(set, .counts)
  }
}

extension SnapshotReader {
  /// Reads what ``SnapshotWriter/putChanges(from:to:)`` wrote.
  mutating func takeChanges<Entry: SnapshotEntry>() throws(SnapshotProblem) -> SnapshotChanges<Entry> {
    let (goneCount, setCount) = (try takeCount(.counts), try takeCount(.counts))
    var changes = SnapshotChanges<Entry>()
    var day = 0
    for index in 0..<goneCount {
      day = try nextDay(after: day, isFirst: index == 0, .removedDays)
      changes.gone.append(day)
    }
    day = 0
    for index in 0..<setCount {
      day = try nextDay(after: day, isFirst: index == 0, Entry.dayColumn)
      changes.set.append(try Entry(day: day, from: &self))
    }
    return changes
  }

  private mutating func nextDay(
    after last: Int, isFirst: Bool, _ column: SnapshotColumn
  ) throws(SnapshotProblem) -> Int {
    let step = try take(column)
    let (day, overflow) = last.addingReportingOverflow(step)
    guard !overflow, isFirst || step > 0 else { throw .damaged("days are out of order") }
    return day
  }
}

/// The differences of a list of days; both parts are in order.
struct SnapshotChanges<Entry: SnapshotEntry> {
  var gone: [Int] = []
  var set: [Entry] = []

  /// Applies the differences to `entries`.
  func apply(to entries: inout [Entry]) {
    let gonePrefix = gone.elementsEqual(entries.prefix(gone.count).map(\.day))
    if gonePrefix { entries.removeFirst(gone.count) } else { merge(into: &entries, removing: true) }
    guard gonePrefix, let first = set.first else { return }
    if entries.last.map({ $0.day < first.day }) ?? true {
      entries += set
    } else {
      merge(into: &entries, removing: false)
    }
  }

  private func merge(into entries: inout [Entry], removing: Bool) {
    var merged: [Entry] = []
    merged.reserveCapacity(entries.count + set.count)
    var (gone, set) = (removing ? self.gone[...] : [], self.set[...])
    for entry in entries {
      while let next = set.first, next.day < entry.day {
        merged.append(next)
        set.removeFirst()
      }
      while let day = gone.first, day < entry.day { gone.removeFirst() }
      if let next = set.first, next.day == entry.day {
        merged.append(next)
        set.removeFirst()
      } else if gone.first != entry.day {
        merged.append(entry)
      }
    }
    merged += set
    entries = merged
  }
}
