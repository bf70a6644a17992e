import DecisionEngine
import Values
import Web

/// What an account's decisions are made by. Each property but ``version`` has a ``Setting``.
package struct AccountConfiguration: Hashable, Sendable {
  /// Average order value: the worth of a sale whose own amount is unknown.
  package var aov = Money(micros: 15_000_000_000)
  /// The currency of every amount of the account.
  package var currency: Currency
  /// The ad account's time zone, by its IANA name: its days are the days that Meta reports.
  package var timezone: String
  /// Which revenue ads are judged by.
  package var mode = DecisionThresholds().mode
  /// Days an ad is left alone while it has spent little.
  package var ignoranceZoneDays = DecisionThresholds().ignoranceZoneDays
  /// Spend under which a young ad is left alone.
  package var ignoranceZoneSpend = Money(micros: 100_000_000)
  /// Spend under which no ad is judged.
  package var minSpendForKill = Money(micros: 200_000_000)
  /// Return under which an ad is killed.
  package var killROASThreshold = DecisionThresholds().killROASThreshold
  /// Return over which an ad is scaled.
  package var scaleROASThreshold = DecisionThresholds().scaleROASThreshold
  /// How trust moves from CTR to pipeline ROAS.
  package var blendingCurve = BlendingCurve.standard
  /// The largest daily change of a budget as a share of it.
  package var maxDailyChange = 0.5
  /// Pipeline ROAS over which an ad is a winner.
  package var winnerROASThreshold = WinnerRule().roasThreshold
  /// CTR over which an ad is a winner.
  package var winnerCTRThreshold = WinnerRule().ctrThreshold
  /// Spend under which no ad is a winner.
  package var winnerMinSpend = Money(micros: 50_000_000)
  /// Impressions under which no ad is a winner, 0 to 1,000,000,000.
  package var winnerMinImpressions = WinnerRule().minimumImpressions
  /// The sales pipeline and what its stages are worth.
  package var stages = StageValues.reference
  /// How much of what is not known `lag_aware` plays out, in 0...1: 0 bets on expectations alone.
  package var exploration = LagAwareConfiguration.standardExploration
  /// Whose stage values `lag_aware` decides by.
  package var stageValues = StageValueSource.learned
  /// Figures older than this many days are mentioned beside a decision, 0 to 36,500; at most ``figuresLimitDays``.
  package var figuresWarningDays = 3
  /// Figures older than this many days are not decided on, 0 to 36,500.
  package var figuresLimitDays = 14
  /// How the account reads its CRM.
  package var crm = CRMSettings()
  /// How the account reads what ad platforms report.
  package var adReports = AdReportSettings()
  /// Counts the changes, from 1.
  package var version = 1

  /// Where the chances and values of stages come from.
  package enum StageValueSource: String, Hashable, Sendable, CaseIterable {
    /// From the account's own history.
    case learned
    /// From the account's configuration.
    case configured
  }

  /// The defaults of a new account.
  package init(currency: Currency = .usd, timezone: String = "UTC") {
    self.currency = currency
    self.timezone = timezone
  }

  /// The settings of the decision engine; `limitsChange` false takes the daily change limit away.
  package func sampler(limitsChange: Bool = true) -> SamplerConfiguration {
    SamplerConfiguration(
      curve: blendingCurve,
      thresholds: DecisionThresholds(
        mode: mode, ignoranceZoneDays: ignoranceZoneDays, ignoranceZoneSpend: ignoranceZoneSpend.majorUnits,
        minSpendForKill: minSpendForKill.majorUnits, killROASThreshold: killROASThreshold,
        scaleROASThreshold: scaleROASThreshold),
      maxDailyChange: limitsChange ? maxDailyChange : nil, currency: currency)
  }

  /// The settings of the `lag_aware` policy; `limitsChange` false takes the daily change limit away.
  package func lagAware(limitsChange: Bool = true) -> LagAwareConfiguration {
    LagAwareConfiguration(
      exploration: exploration, thresholds: sampler().thresholds,
      maxDailyChange: limitsChange ? maxDailyChange : nil, currency: currency,
      trustsStageValues: stageValues == .configured)
  }

  /// When an ad of the account is a winner.
  package var winnerRule: WinnerRule {
    var rule = WinnerRule()
    rule.roasThreshold = winnerROASThreshold
    rule.ctrThreshold = winnerCTRThreshold
    rule.minimumSpend = winnerMinSpend.majorUnits
    rule.minimumImpressions = winnerMinImpressions
    return rule
  }

  /// What a sale brings where its own amount is unknown, in major units.
  package var saleValue: Double {
    let won = stages.stages.first { $0.kind == .won && $0.value > .zero }
    return max((won?.value ?? aov).majorUnits, 0.01)
  }

  /// The first rule that this configuration breaks, by field, value and rule; nil where it breaks none.
  package var problem: FieldProblem? {
    if aov <= .zero { return FieldProblem(field: "aov", value: "\(aov)", rule: "must be over 0") }
    if killROASThreshold > scaleROASThreshold {
      return FieldProblem(
        field: "kill_roas_threshold", value: "\(killROASThreshold)",
        rule: "must not exceed scale_roas_threshold (\(scaleROASThreshold))")
    }
    if figuresWarningDays > figuresLimitDays {
      return FieldProblem(
        field: "figures_warning_days", value: "\(figuresWarningDays)",
        rule: "must not exceed figures_limit_days (\(figuresLimitDays))")
    }
    if AccountCalendar(timezone: timezone) == nil {
      return FieldProblem(
        field: "timezone", value: timezone, rule: "must be an IANA time zone such as America/New_York")
    }
    return nil
  }
}
