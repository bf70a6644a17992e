extension AccountSettings {
  /// What an account can set.
  package static let standard = AccountSettings([
    Setting("aov", "Average order value, over 0.", \.aov, .amount),
    Setting("currency", "ISO 4217 letters.", \.currency, .letters),
    Setting("timezone", "IANA name of the ad account's time zone.", \.timezone, .text(maxBytes: 64)),
    Setting("mode", "Which revenue ads are judged by.", \.mode, .choice),
    Setting(
      "ignorance_zone_days", "Days an ad is left alone while it has spent little.", \.ignoranceZoneDays,
      .number(in: 0...365)),
    Setting("ignorance_zone_spend", "Spend under which a young ad is left alone.", \.ignoranceZoneSpend, .amount),
    Setting("min_spend_for_kill", "Spend under which no ad is judged.", \.minSpendForKill, .amount),
    Setting(
      "kill_roas_threshold", "Return under which an ad is killed; at most scale_roas_threshold.", \.killROASThreshold,
      .number(in: 0...1000)),
    Setting(
      "scale_roas_threshold", "Return over which an ad is scaled.", \.scaleROASThreshold, .number(in: 0...1000)),
    Setting(
      "blending_curve", "`standard`, `fast`, `slow`, or points such as `0:1,24:0.7,72:0.3`.", \.blendingCurve, .points),
    Setting(
      "max_daily_change", "Largest daily change of a budget as a share of it.", \.maxDailyChange, .number(in: 0.01...10)
    ),
    Setting(
      "winner_roas_threshold", "Pipeline ROAS over which an ad is a winner.", \.winnerROASThreshold,
      .number(in: 0...1000)),
    Setting("winner_ctr_threshold", "CTR over which an ad is a winner.", \.winnerCTRThreshold, .number(in: 0...1)),
    Setting("winner_min_spend", "Spend under which no ad is a winner.", \.winnerMinSpend, .amount),
    Setting(
      "winner_min_impressions", "Impressions under which no ad is a winner.", \.winnerMinImpressions,
      .integer(in: 0...1_000_000_000)),
    Setting(
      "exploration", "How much of what is not known lag_aware plays out; 0 bets on expectations alone.", \.exploration,
      .number(in: 0...1)),
    Setting(
      "stage_values",
      "Whose stage values lag_aware decides by: learned from the account's history, or configured.", \.stageValues,
      .choice),
    Setting(
      "figures_warning_days", "Figures older than this many days are mentioned; at most figures_limit_days.",
      \.figuresWarningDays, .integer(in: 0...36_500)),
    Setting(
      "figures_limit_days", "Figures older than this many days are not decided on.", \.figuresLimitDays,
      .integer(in: 0...36_500)),
    Setting("stages", "The sales pipeline in its order, and what its stages are worth.", \.stages, .stages),
    Setting(
      "ad_id_properties", "Properties of a deal or contact that may hold the ad's id, first one first.",
      \.crm.adIDProperties, .names),
    Setting(
      "ad_url_parameters", "Parameters of a landing page's address that may hold the ad's id.", \.crm.adURLParameters,
      .names),
    Setting(
      "attribution_window_days", "Days before a deal's making within which a click or visit may have brought it.",
      \.crm.attributionWindowDays, .integer(in: 1...3650)),
    Setting(
      "currency_rates", "What one unit of another currency is worth in the account's, by its letters.",
      \.crm.currencyRates, .rates),
    Setting(
      "crm_stages", "The account's stage for a stage of the CRM, by `pipeline/stage` or `stage`.", \.crm.stages,
      .stageNames),
    Setting(
      "clicks", "Which of the clicks that an ad platform reports count: all, or those on the ad's link.",
      \.adReports.clicks, .choice),
    Setting(
      "lead_actions",
      "Meta's types of actions that are leads; the first that a day has counts alone, because types overlap.",
      \.adReports.leadActions, .names),
  ])
}
