import DecisionEngine
import Values

/// A snapshot's content: the differences from the previous snapshot, and a part of the ads in full.
///
/// Each content renews the next one of ``Renewal/partCount`` parts, so that this many consecutive contents hold every
/// ad in full: a snapshot is read from the latest of them only, and none of them holds everything at once.
enum SnapshotCoding {
  /// The ads that a content holds in full.
  enum Renewal: Equatable {
    case everything
    case part(Int)

    /// How many parts the ads are divided into.
    static let partCount = 64

    /// What the next content renews.
    var next: Renewal {
      switch self {
      case .everything: .part(0)
      case .part(let part): .part((part + 1) % Self.partCount)
      }
    }

    func covers(_ key: [UInt8]) -> Bool {
      switch self {
      case .everything: true
      case .part(let part): Self.part(of: key) == part
      }
    }

    /// The part of an ad, independent of other ads: FNV-1a over its id.
    static func part(of key: [UInt8]) -> Int {
      let hash = key.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
      return Int(truncatingIfNeeded: hash % UInt64(partCount))
    }

    var code: Int {
      switch self {
      case .everything: Self.partCount
      case .part(let part): part
      }
    }

    init(code: Int) throws(SnapshotProblem) {
      guard (0...Self.partCount).contains(code) else { throw .damaged("there is no part \(code)") }
      self = code == Self.partCount ? .everything : .part(code)
    }
  }

  /// What a content says about an ad.
  struct Change: OptionSet {
    let rawValue: Int

    /// The ad is no longer there; nothing else follows.
    static let removed = Change(rawValue: 1)
    /// What was known of it is discarded first.
    static let anew = Change(rawValue: 2)
    static let totals = Change(rawValue: 4)
    static let noTotals = Change(rawValue: 8)
    static let delivery = Change(rawValue: 16)
    static let noDelivery = Change(rawValue: 32)
    static let history = Change(rawValue: 64)
    static let amounts = Change(rawValue: 128)
    static let all = Change(rawValue: 255)
  }

  /// The version of the format.
  static let version = 1
  /// The longest id of an ad, in bytes.
  static let keyLimit = 128

  /// The complete content of `snapshot`: the same bytes for the same snapshot, on every machine.
  static func whole(_ snapshot: Snapshot) -> [UInt8] {
    content(of: snapshot, after: Snapshot(), renewing: .everything)
  }

  /// The content from which `snapshot` is made after `base`, which must have a funnel with as many stages, or none as
  /// well.
  static func content(of snapshot: Snapshot, after base: Snapshot, renewing renewal: Renewal) -> [UInt8] {
    var writer = SnapshotWriter()
    writer.put(version, .head)
    writer.put(renewal.code, .head)
    write(snapshot.funnel, to: &writer)
    var (count, previous) = (0, [UInt8]())
    var names = Array(snapshot.ads.keys)
    names += base.ads.keys.filter { snapshot.ads[$0] == nil }
    for (name, key) in names.map({ ($0, Array($0.utf8)) }).sorted(by: { $0.1.lexicographicallyPrecedes($1.1) }) {
      let (old, new) = (renewal.covers(key) ? nil : base.ads[name], snapshot.ads[name])
      guard old != new else { continue }
      writer.putKey(key, after: previous)
      previous = key
      count += 1
      if let new { write(new, after: old, to: &writer) } else { writer.put(Change.removed.rawValue, .flags) }
    }
    writer.put(count, .head)
    return writer.bytes
  }

  private static func write(_ funnel: Snapshot.Funnel?, to writer: inout SnapshotWriter) {
    writer.put(funnel?.stages.stages.count ?? 0, .head)
    guard let funnel else { return }
    for stage in funnel.stages.stages {
      writer.put(stage.name)
      writer.put(stage.value, .head)
    }
    for tally in funnel.advances + funnel.losses { write(tally, to: &writer) }
  }

  private static func write(_ tally: LogTally, to writer: inout SnapshotWriter) {
    writer.put(tally.count, .logCounts)
    writer.put(tally.logs, .logs)
    writer.put(tally.squares, .squares)
  }

  private static func write(_ new: Snapshot.Ad, after known: Snapshot.Ad?, to writer: inout SnapshotWriter) {
    var (old, change) = (known ?? Snapshot.Ad(), Change())
    if old.history != nil, new.history == nil { (old, change) = (Snapshot.Ad(), .anew) }
    if let totals = new.totals, totals != old.totals {
      change.insert(.totals)
      write(totals, to: &writer)
    } else if new.totals == nil, old.totals != nil {
      change.insert(.noTotals)
    }
    if let delivery = new.delivery, delivery != old.delivery {
      change.insert(.delivery)
      writer.put(delivery)
    } else if new.delivery == nil, old.delivery != nil {
      change.insert(.noDelivery)
    }
    if let history = new.history {
      let before = old.history ?? Snapshot.History(stepCount: history.steps.count)
      if old.history == nil || history.days != before.days || history.steps != before.steps {
        change.insert(.history)
        write(history, after: before, to: &writer)
      }
      if history.amounts != before.amounts {
        change.insert(.amounts)
        write(history.amounts, to: &writer)
      }
    }
    writer.put(change.rawValue, .flags)
  }

  private static func write(_ totals: Snapshot.Totals, to writer: inout SnapshotWriter) {
    writer.put(totals.impressions, .totalImpressions)
    writer.put(totals.clicks, .totalClicks)
    writer.put(totals.spend, .totalSpend)
    writer.put(totals.pipelineValue, .pipelineValue)
    writer.put(totals.cashRevenue, .cashRevenue)
    switch totals.age {
    case .since(let start):
      writer.put(0, .age)
      // Most ads begin with a day, at a whole second.
      let (seconds, rest) = start.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
      writer.put(Int(seconds), .age)
      writer.put(Int(rest), .age)
    case .hours(let hours):
      writer.put(1, .age)
      writer.put(hours, .age)
    }
    writer.put(totals.statedDailyBudget == nil ? 0 : 1, .statedBudget)
    if let budget = totals.statedDailyBudget { writer.put(budget, .statedBudget) }
  }

  private static func write(
    _ history: Snapshot.History, after before: Snapshot.History, to writer: inout SnapshotWriter
  ) {
    writer.putChanges(from: before.days, to: history.days)
    for (old, new) in zip(before.steps, history.steps) { writer.putChanges(from: old, to: new) }
  }
}
