import DecisionEngine
import Values
import Web

/// The settings on which an account's decisions depend. Each property except ``version`` has a ``Setting``.
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
  /// Spend below which a young ad is left alone.
  package var ignoranceZoneSpend = Money(micros: 100_000_000)
  /// Spend below which no ad is judged.
  package var minSpendForKill = Money(micros: 200_000_000)
  /// Return below which an ad is killed.
  package var killROASThreshold = DecisionThresholds().killROASThreshold
  /// Return above which an ad is scaled.
  package var scaleROASThreshold = DecisionThresholds().scaleROASThreshold
  /// How the weight moves from CTR to pipeline ROAS.
  package var blendingCurve = BlendingCurve.standard
  /// The largest daily change of a budget as a share of it.
  package var maxDailyChange = 0.5
  /// Pipeline ROAS above which an ad is a winner.
  package var winnerROASThreshold = 3.0
  /// CTR above which an ad is a winner.
  package var winnerCTRThreshold = 0.03
  /// The sales pipeline and the worth of its stages.
  package var stages = StageValues.reference
  /// How much of the uncertainty `lag_aware` explores, in 0...1: 0 relies on expectations alone.
  package var exploration = LagAwareConfiguration.standardExploration
  /// Which stage values `lag_aware` uses.
  package var stageValues = StageValueSource.learned
  /// Figures older than this many days cause a warning with a decision, 0 to 36,500; at most ``figuresLimitDays``.
  package var figuresWarningDays = 3
  /// Decisions are refused on figures older than this many days, 0 to 36,500.
  package var figuresLimitDays = 14
  /// How the account reads its CRM.
  package var crm = CRMSettings()
  /// How the account interprets the reports of ad platforms.
  package var adReports = AdReportSettings()
  /// Incremented by each change, from 1.
  package var version = 1

  /// Where the probabilities and values of stages come from.
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

  /// The settings of the decision engine; with `limitsChange` false there is no limit on daily changes.
  package func sampler(limitsChange: Bool = true) -> SamplerConfiguration {
    SamplerConfiguration(
      curve: blendingCurve,
      thresholds: DecisionThresholds(
        mode: mode, ignoranceZoneDays: ignoranceZoneDays, ignoranceZoneSpend: ignoranceZoneSpend.majorUnits,
        minSpendForKill: minSpendForKill.majorUnits, killROASThreshold: killROASThreshold,
        scaleROASThreshold: scaleROASThreshold),
      maxDailyChange: limitsChange ? maxDailyChange : nil, currency: currency)
  }

  /// The settings of the `lag_aware` policy; with `limitsChange` false there is no limit on daily changes.
  package func lagAware(limitsChange: Bool = true) -> LagAwareConfiguration {
    LagAwareConfiguration(
      exploration: exploration, thresholds: sampler().thresholds,
      maxDailyChange: limitsChange ? maxDailyChange : nil, currency: currency,
      trustsStageValues: stageValues == .configured)
  }

  /// The revenue of a sale whose own amount is unknown, in major units.
  package var saleValue: Double {
    let won = stages.stages.first { $0.kind == .won && $0.value > .zero }
    return max((won?.value ?? aov).majorUnits, 0.01)
  }

  /// The first rule that this configuration violates, by field, value and rule; nil where it violates none.
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
