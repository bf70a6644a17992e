import Values

/// One day of an ad's delivery, as the fatigue rules need it.
public struct DeliveryDay: Hashable, Sendable {
  /// The date; nil where only the order of the days is known.
  public let day: CalendarDay?
  public let impressions: Int
  public let clicks: Int
  /// Spend that day, in major units.
  public let spend: Double
  /// How often each person was shown the ad on average, where reported.
  public let frequency: Double?

  /// The values of a day, which are checked where they enter the system.
  public init(
    impressions: Int, clicks: Int, spend: Double, frequency: Double?, day: CalendarDay? = nil
  ) {
    self.day = day
    self.impressions = impressions
    self.clicks = clicks
    self.spend = spend
    self.frequency = frequency
  }

  /// Clicks for each impression.
  public var ctr: Double { Double(clicks) / Double(max(impressions, 1)) }

  /// Cost of a thousand impressions; 0 on a day without any.
  public var cpm: Double { impressions > 0 ? spend / Double(impressions) * 1000 : 0 }
}

/// Why an ad works less well than it did.
public enum FatigueStatus: String, Hashable, Sendable, CaseIterable {
  /// It does not wear.
  case healthy = "HEALTHY"
  /// People click less, or delivery no longer grows.
  case fatiguing = "FATIGUING"
  /// The same people see it too often.
  case saturated = "SATURATED"
  /// Reaching people costs far more than it did.
  case audienceExhausted = "AUDIENCE_EXHAUSTED"
}

/// How soon somebody should act.
public enum FatigueLevel: String, Hashable, Sendable, CaseIterable {
  /// There is no need to.
  case none
  /// Prepare a remedy.
  case warning
  /// Act now.
  case critical
}

/// The state of an ad's wear and the values it was judged by.
public struct FatigueReport: Hashable, Sendable {
  /// The rule that decided, in the order in which the rules are tried.
  public enum Rule: String, Hashable, Sendable, CaseIterable {
    /// There are fewer days than the rules need.
    case tooFewDays = "too_few_days"
    /// CTR fell by more than 20 % against three days ago.
    case ctrDecline = "ctr_decline"
    /// Frequency is over 3.5.
    case highFrequency = "high_frequency"
    /// CPM rose by more than 50 % against three days ago.
    case cpmSpike = "cpm_spike"
    /// Impressions grew by less than 10 % in seven days.
    case stalledGrowth = "stalled_growth"
    /// No rule found anything.
    case noSign = "no_sign"
  }

  /// The rule that decided.
  public let rule: Rule
  /// How many days were given.
  public let days: Int
  /// Change of CTR since three days ago, as a share of it; nil where it was zero or there are too few days.
  public let ctrChange: Double?
  /// Change of CPM since three days ago, as a share of it; nil where it was zero or there are too few days.
  public let cpmChange: Double?
  /// The last day's frequency, where reported.
  public let frequency: Double?
  /// Change of impressions over seven days, as a share of the first; nil where it was zero or there are too few days.
  public let impressionGrowth: Double?

  /// Why the ad works less well.
  public var status: FatigueStatus {
    switch rule {
    case .tooFewDays, .noSign: .healthy
    case .ctrDecline, .stalledGrowth: .fatiguing
    case .highFrequency: .saturated
    case .cpmSpike: .audienceExhausted
    }
  }

  /// How soon somebody should act.
  public var level: FatigueLevel {
    switch status {
    case .healthy: .none
    case .fatiguing, .saturated: .warning
    case .audienceExhausted: .critical
    }
  }
}

/// Judges an ad's wear by its last days, with the reference rules.
public enum FatigueDetector {
  /// The fewest days that can be judged.
  public static let minimumDays = 3
  /// The ad is fatiguing if its CTR fell by more than this share.
  public static let ctrDecline = 0.20
  /// The audience is saturated if the frequency is higher than this.
  public static let saturationFrequency = 3.5
  /// The audience is exhausted if CPM rose by more than this share.
  public static let cpmSpike = 0.50
  /// Delivery has stalled if impressions grew by less than this share in seven days.
  public static let stalledGrowth = 0.10

  /// How far a change of a quotient must exceed its threshold: a change of exactly the threshold does not exceed it,
  /// and binary rounding of the quotients must not make it do so.
  private static let roundingNoise = 1e-12

  /// Judges `days`, oldest first. The first rule that applies decides.
  ///
  /// "Three days ago" is the third row from the end and "seven days" the seventh: rows are days with delivery.
  public static func report(on days: [DeliveryDay]) -> FatigueReport {
    guard days.count >= minimumDays, let last = days.last else {
      return FatigueReport(
        rule: .tooFewDays, days: days.count, ctrChange: nil, cpmChange: nil,
        frequency: days.last?.frequency,
        impressionGrowth: nil)
    }
    let before = days[days.count - minimumDays]
    let ctrChange = change(from: before.ctr, to: last.ctr)
    let cpmChange = change(from: before.cpm, to: last.cpm)
    let growth =
      days.count >= 7
      ? change(from: Double(days[days.count - 7].impressions), to: Double(last.impressions)) : nil
    let rule: FatigueReport.Rule =
      if let ctrChange, ctrChange < -ctrDecline - roundingNoise {
        .ctrDecline
      } else if let frequency = last.frequency, frequency > saturationFrequency {
        .highFrequency
      } else if let cpmChange, cpmChange > cpmSpike + roundingNoise {
        .cpmSpike
      } else if let growth, growth < stalledGrowth {
        .stalledGrowth
      } else {
        .noSign
      }
    return FatigueReport(
      rule: rule, days: days.count, ctrChange: ctrChange, cpmChange: cpmChange,
      frequency: last.frequency,
      impressionGrowth: growth)
  }

  private static func change(from before: Double, to now: Double) -> Double? {
    before > 0 ? (now - before) / before : nil
  }
}
