import Values

/// Everything that is known of an account's ads and deals, as counts: what a lag-aware decision is made from.
///
/// Counts only ever change by whole numbers, so they are the same whatever order things became known in, and adding
/// up the changes of many deals gives what counting all deals anew would give.
public struct FunnelTallies: Hashable, Sendable {
  /// The funnel whose steps are counted.
  public let funnel: SalesFunnel
  /// Each ad's counts.
  public var ads: [AdID: AdTally] = [:]
  /// The counts of deals that no ad is known for.
  public var unattributed: AdTally
  /// By step: how long deals stayed in the stage before they went on.
  public var advances: [LogTally]
  /// By step: how long deals stayed in the stage before they were lost.
  public var losses: [LogTally]

  /// Starts with nothing known.
  public init(funnel: SalesFunnel) {
    self.funnel = funnel
    unattributed = AdTally(stepCount: funnel.stepCount)
    advances = Array(repeating: LogTally(), count: funnel.stepCount)
    losses = Array(repeating: LogTally(), count: funnel.stepCount)
  }

  /// Takes in a day's report, in place of an earlier one of the same ad and day.
  public mutating func take(_ report: AdDay) {
    ads[report.adID, default: AdTally(stepCount: funnel.stepCount)].take(report)
  }

  /// Counts a deal's whole way in (`count` 1) or out (-1).
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
  /// What became of its deals, step by step.
  public var steps: [StageTally]
  /// What its won deals brought.
  public var amounts = LogTally()

  /// A day's report.
  public struct Day: Hashable, Sendable {
    /// Days since 1970.
    public let day: Int
    /// Money spent, in major units.
    public let spend: Double
    /// Times shown.
    public let impressions: Int
    /// Clicks.
    public let clicks: Int
    /// Leads by the platform's count; nil where it reports none.
    public let leads: Int?

    /// Makes a report from its parts.
    public init(day: Int, spend: Double, impressions: Int, clicks: Int, leads: Int?) {
      self.day = day
      self.spend = spend
      self.impressions = impressions
      self.clicks = clicks
      self.leads = leads
    }
  }

  /// Starts with nothing known.
  public init(stepCount: Int) {
    steps = Array(repeating: StageTally(), count: stepCount)
  }

  /// Takes counts as they were stored: `days` oldest first, each day once.
  public init(days: [Day], steps: [StageTally], amounts: LogTally) {
    self.days = days
    self.steps = steps
    self.amounts = amounts
  }

  /// Days of reports that are kept; what is older says nothing of the present.
  private static let keptDays = 180

  /// Takes in a day's report, in place of an earlier one of the same day.
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

/// What became of the deals that entered one stage, by day of their entry.
public struct StageTally: Hashable, Sendable {
  /// The deals that entered on one day.
  public struct Cohort: Hashable, Sendable {
    /// Day of entry, in days since 1970 UTC.
    public let day: Int
    /// Those that nothing has become of so far.
    public var waiting = 0
    /// Those that went on.
    public var advanced = 0
    /// Those that were lost here.
    public var lost = 0

    /// Starts a day without deals, or with as many as are given.
    public init(day: Int, waiting: Int = 0, advanced: Int = 0, lost: Int = 0) {
      self.day = day
      self.waiting = waiting
      self.advanced = advanced
      self.lost = lost
    }

    /// All that entered.
    public var entered: Int { waiting + advanced + lost }
  }

  /// The cohorts, oldest first.
  public private(set) var cohorts: [Cohort] = []

  /// Starts with no deals.
  public init() {}

  /// Takes cohorts as they were stored: oldest first, each day once.
  public init(cohorts: [Cohort]) {
    self.cohorts = cohorts
  }

  /// Adds `count` deals, or takes as many out where it is negative.
  public mutating func add(_ count: Int, on day: Int, _ outcome: WritableKeyPath<Cohort, Int>) {
    let position = cohorts.position(of: day, \.day) { Cohort(day: $0) }
    cohorts[position][keyPath: outcome] += count
    if cohorts[position].waiting == 0, cohorts[position].advanced == 0, cohorts[position].lost == 0 {
      cohorts.remove(at: position)
    }
  }
}

/// How many positive numbers there are, and the sums of their logarithms and of those squared.
///
/// Logarithms are kept as whole millionths, so that a deal that changes is taken out as exactly as it was put in.
public struct LogTally: Hashable, Sendable {
  /// How many numbers.
  public private(set) var count = 0
  /// Sum of their natural logarithms, in millionths.
  public private(set) var logs = 0
  /// Sum of those squared, in millionths.
  public private(set) var squares = 0

  /// Starts with no numbers.
  public init() {}

  /// Takes sums as they were stored.
  public init(count: Int, logs: Int, squares: Int) {
    self.count = count
    self.logs = logs
    self.squares = squares
  }

  /// Adds `number` (over 0) `count` times, or takes it out as often where `count` is negative.
  mutating func add(_ count: Int, _ number: Double) {
    let log = PortableMath.log(number)
    self.count += count
    logs += count * Int(clamping: (log * 1e6).rounded())
    squares += count * Int(clamping: (log * log * 1e6).rounded())
  }
}

extension Array {
  /// Finds the element of `day` in an array sorted by days, from its end; makes it where it is missing.
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
