import Values

/// Everything that is known of an account's ads and deals, as counts: the input of a lag-aware decision.
///
/// Counts change only by whole numbers, so they do not depend on the order in which facts became known, and applying
/// the changes of many deals gives the same result as counting all deals again.
public struct FunnelTallies: Hashable, Sendable {
  /// The funnel whose steps are counted.
  public let funnel: SalesFunnel
  /// Each ad's counts.
  public var ads: [AdID: AdTally] = [:]
  /// The counts of deals whose ad is not known.
  public var unattributed: AdTally
  /// By step: how long deals stayed in the stage before they went on to the next.
  public var advances: [LogTally]
  /// By step: how long deals stayed in the stage before they were lost.
  public var losses: [LogTally]

  public init(funnel: SalesFunnel) {
    self.funnel = funnel
    unattributed = AdTally(stepCount: funnel.stepCount)
    advances = Array(repeating: LogTally(), count: funnel.stepCount)
    losses = Array(repeating: LogTally(), count: funnel.stepCount)
  }

  /// Applies a day's report, which replaces an earlier one for the same ad and day.
  public mutating func take(_ report: AdDay) {
    ads[report.adID, default: AdTally(stepCount: funnel.stepCount)].take(report)
  }

  /// Adds the whole path of a deal to the counts (`count` 1) or removes it (-1).
  public mutating func count(_ path: DealPath, _ count: Int) {
    let stepCount = funnel.stepCount
    path.forEachStep(stepCount: stepCount) { step in
      let day = step.enteredAt.dayNumber
      switch step.outcome {
      case .waiting: change(path.adID) { $0.steps[step.position].add(count, on: day, \.waiting) }
      case .advanced(let at):
        change(path.adID) { $0.steps[step.position].add(count, on: day, \.advanced) }
        guard let at else { break }
        advances[step.position].add(count, step.stay(until: at))
      case .lost(let at):
        change(path.adID) { $0.steps[step.position].add(count, on: day, \.lost) }
        losses[step.position].add(count, step.stay(until: at))
      }
    }
    if path.isWon(stepCount: stepCount), let amount = path.amount, amount > 0 {
      change(path.adID) { $0.amounts.add(count, amount) }
    }
  }

  private mutating func change(_ adID: AdID?, _ body: (inout AdTally) -> Void) {
    if let adID {
      body(&ads[adID, default: AdTally(stepCount: funnel.stepCount)])
    } else {
      body(&unattributed)
    }
  }
}

/// The counts of one ad.
public struct AdTally: Hashable, Sendable {
  /// What the platform reported, by day, oldest first; the last 180 days.
  public private(set) var days: [Day] = []
  /// What happened to its deals, step by step.
  public var steps: [StageTally]
  /// The amounts of its won deals.
  public var amounts = LogTally()

  /// A day's report.
  public struct Day: Hashable, Sendable {
    /// Days since 1970.
    public let day: Int
    /// Money spent, in major units.
    public let spend: Double
    /// Times shown.
    public let impressions: Int
    public let clicks: Int
    /// Leads as counted by the platform; nil where it reports none.
    public let leads: Int?

    public init(day: Int, spend: Double, impressions: Int, clicks: Int, leads: Int?) {
      self.day = day
      self.spend = spend
      self.impressions = impressions
      self.clicks = clicks
      self.leads = leads
    }
  }

  public init(stepCount: Int) {
    steps = Array(repeating: StageTally(), count: stepCount)
  }

  /// Counts as they were stored: `days` oldest first, each day once.
  public init(days: [Day], steps: [StageTally], amounts: LogTally) {
    self.days = days
    self.steps = steps
    self.amounts = amounts
  }

  /// How many days of reports are kept; older ones say nothing about the present.
  private static let keptDays = 180

  /// Applies a day's report, which replaces an earlier one for the same day.
  public mutating func take(_ report: AdDay) {
    let day = Day(
      day: report.day.daysSinceEpoch, spend: report.spend, impressions: report.impressions, clicks: report.clicks,
      leads: report.leads)
    var position = days.count
    while position > 0, days[position - 1].day > day.day { position -= 1 }
    if position > 0, days[position - 1].day == day.day {
      days[position - 1] = day
    } else {
      days.insert(day, at: position)
    }
    if days.count > Self.keptDays { days.removeFirst() }
  }
}

/// What happened to the deals that entered one stage, by day of entry.
public struct StageTally: Hashable, Sendable {
  /// The deals that entered on one day.
  public struct Cohort: Hashable, Sendable {
    /// Day of entry, in days since 1970 UTC.
    public let day: Int
    /// Deals that still wait in the stage.
    public var waiting = 0
    /// Deals that went on to the next stage.
    public var advanced = 0
    /// Deals that were lost in this stage.
    public var lost = 0

    public init(day: Int, waiting: Int = 0, advanced: Int = 0, lost: Int = 0) {
      self.day = day
      self.waiting = waiting
      self.advanced = advanced
      self.lost = lost
    }

    /// All deals that entered.
    public var entered: Int { waiting + advanced + lost }
  }

  /// The cohorts, oldest first.
  public private(set) var cohorts: [Cohort] = []

  public init() {}

  /// Cohorts as they were stored: oldest first, each day once.
  public init(cohorts: [Cohort]) {
    self.cohorts = cohorts
  }

  /// Adds `count` deals, or removes them where it is negative.
  public mutating func add(_ count: Int, on day: Int, _ outcome: WritableKeyPath<Cohort, Int>) {
    let position = cohorts.position(of: day, \.day) { Cohort(day: $0) }
    cohorts[position][keyPath: outcome] += count
    if cohorts[position].waiting == 0, cohorts[position].advanced == 0, cohorts[position].lost == 0 {
      cohorts.remove(at: position)
    }
  }
}

/// The number of a set of positive numbers, and the sums of their logarithms and of the squares of those.
///
/// Logarithms are stored as whole millionths, so that removing a deal restores the sums exactly.
public struct LogTally: Hashable, Sendable {
  public private(set) var count = 0
  /// Sum of their natural logarithms, in millionths.
  public private(set) var logs = 0
  /// Sum of the squared logarithms, in millionths.
  public private(set) var squares = 0

  public init() {}

  /// Sums as they were stored.
  public init(count: Int, logs: Int, squares: Int) {
    self.count = count
    self.logs = logs
    self.squares = squares
  }

  /// Adds `number` (above 0) `count` times, or removes it as often where `count` is negative.
  mutating func add(_ count: Int, _ number: Double) {
    let log = PortableMath.log(number)
    self.count += count
    logs += count * Int(clamping: (log * 1e6).rounded())
    squares += count * Int(clamping: (log * log * 1e6).rounded())
  }
}

extension Array {
  /// Finds the element for `day` in an array sorted by day, searching from the end; inserts it where it is missing.
  fileprivate mutating func position(
    of day: Int, _ dayOf: KeyPath<Element, Int>, make: (Int) -> Element
  ) -> Int {
    var position = count
    while position > 0, self[position - 1][keyPath: dayOf] > day { position -= 1 }
    if position > 0, self[position - 1][keyPath: dayOf] == day { return position - 1 }
    insert(make(day), at: position)
    return position
  }
}

extension Instant {
  /// The UTC day, in days since 1970.
  var dayNumber: Int { utcDay.daysSinceEpoch }

  /// Days from `earlier` to this moment.
  func days(since earlier: Instant) -> Double { hours(since: earlier) / 24 }
}
