extension AccountSettings {
  package static let standard = AccountSettings([
    Setting("aov", "Average order value, over 0.", \.aov, .amount),
    Setting("currency", "ISO 4217 code.", \.currency, .letters),
    Setting("timezone", "IANA name of the ad account's time zone.", \.timezone, .text(maxBytes: 64)),
    Setting("mode", "Which revenue ads are judged by.", \.mode, .choice),
    Setting(
      "ignorance_zone_days", "Days an ad is left alone while it has spent little.", \.ignoranceZoneDays,
      .number(in: 0...365)),
    Setting("ignorance_zone_spend", "Spend below which a young ad is left alone.", \.ignoranceZoneSpend, .amount),
    Setting("min_spend_for_kill", "Spend below which no ad is judged.", \.minSpendForKill, .amount),
    Setting(
      "kill_roas_threshold", "Return below which an ad is killed; at most scale_roas_threshold.", \.killROASThreshold,
      .number(in: 0...1000)),
    Setting(
      "scale_roas_threshold", "Return above which an ad is scaled.", \.scaleROASThreshold, .number(in: 0...1000)),
    Setting(
      "blending_curve", "`standard`, `fast`, `slow`, or points such as `0:1,24:0.7,72:0.3`.", \.blendingCurve, .points),
    Setting(
      "max_daily_change", "Largest daily change of a budget as a share of it.", \.maxDailyChange, .number(in: 0.01...10)
    ),
    Setting(
      "winner_roas_threshold", "Pipeline ROAS above which an ad is a winner.", \.winnerROASThreshold,
      .number(in: 0...1000)),
    Setting("winner_ctr_threshold", "CTR above which an ad is a winner.", \.winnerCTRThreshold, .number(in: 0...1)),
    Setting(
      "exploration", "How much of the uncertainty lag_aware explores; 0 relies on expectations alone.", \.exploration,
      .number(in: 0...1)),
    Setting(
      "stage_values",
      "Which stage values lag_aware uses: learned from the account's history, or configured.", \.stageValues,
      .choice),
    Setting(
      "figures_warning_days", "Figures older than this many days cause a warning; at most figures_limit_days.",
      \.figuresWarningDays, .integer(in: 0...36_500)),
    Setting(
      "figures_limit_days", "Decisions are refused on figures older than this many days.", \.figuresLimitDays,
      .integer(in: 0...36_500)),
    Setting("stages", "The stages of the sales pipeline in order, and their worth.", \.stages, .stages),
    Setting(
      "ad_id_properties", "Properties of a deal or contact that may hold the ad's id, in order of preference.",
      \.crm.adIDProperties, .names),
    Setting(
      "ad_url_parameters", "Parameters of a landing page's URL that may hold the ad's id.", \.crm.adURLParameters,
      .names),
    Setting(
      "attribution_window_days", "Days before a deal's creation within which a click or visit may have brought it.",
      \.crm.attributionWindowDays, .integer(in: 1...3650)),
    Setting(
      "currency_rates", "What one unit of another currency is worth in the account's, by its letters.",
      \.crm.currencyRates, .rates),
    Setting(
      "crm_stages", "The account's stage for a stage of the CRM, by `pipeline/stage` or `stage`.", \.crm.stages,
      .stageNames),
    Setting(
      "clicks", "Which reported clicks count: all, or only those on the ad's link.",
      \.adReports.clicks, .choice),
    Setting(
      "lead_actions",
      "Meta's action types that are leads; only the first one present on a day counts, because types overlap.",
      \.adReports.leadActions, .names),
  ])
}
