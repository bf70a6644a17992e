import DecisionEngine
import Storage
import Values

/// The SQL of accounts and their configurations.
struct AccountRepository {
  func create(
    _ account: AccountID, _ configuration: AccountConfiguration, at now: Instant, in transaction: any Transaction
  ) throws {
    let incarnation = Hex.text((0..<8).map { _ in UInt8.random(in: 0...255) })
    try transaction.execute(
      "INSERT INTO accounts (account_id, created_at, incarnation) VALUES (\(account), \(now), \(incarnation))")
    try save(configuration, of: account, at: now, in: transaction)
  }

  /// Which of the accounts that had this name it is; nil where there is none. `holding` keeps it from being deleted until
  /// the write ends.
  func incarnation(
    of account: AccountID, holding: Bool = false, in transaction: any Transaction
  ) throws -> String? {
    let lock: SQL = transaction.dialect == .postgresql && holding ? " FOR KEY SHARE" : ""
    return try transaction.first("SELECT incarnation FROM accounts WHERE account_id = \(account)\(lock)")?
      .get("incarnation")
  }

  /// Which configuration the account has now; nil where there is no such account.
  func edition(of account: AccountID, in transaction: any Transaction) throws -> ConfigurationEdition? {
    try transaction.first(
      """
      SELECT a.incarnation, c.version FROM accounts a JOIN account_configurations c ON c.account_id = a.account_id
      WHERE a.account_id = \(account)
      """
    ).map { ConfigurationEdition(incarnation: try $0.get("incarnation"), version: try $0.get("version")) }
  }

  func all(in transaction: any Transaction) throws -> [Account] {
    let quotas = try AccountQuotaRepository().all(in: transaction)
    return try transaction.query(
      """
      SELECT a.account_id, a.created_at, a.disabled_at, a.requests_per_minute, a.request_burst, c.currency, c.timezone
      FROM accounts a JOIN account_configurations c ON c.account_id = a.account_id
      ORDER BY a.account_id
      """
    ).map { row in
      let account: AccountID = try row.get("account_id")
      return Account(
        id: account, currency: try row.get("currency"), timezone: try row.get("timezone"),
        createdAt: try row.get("created_at"), disabledAt: try row.getOptional("disabled_at"),
        rate: RequestRate(perMinute: try row.get("requests_per_minute"), burst: try row.get("request_burst")),
        quotas: quotas[account] ?? AccountQuotas())
    }
  }

  /// Tells other processes, once this transaction has committed, that what they keep of the account is old. They hear it
  /// where the database can say it; elsewhere what they keep expires.
  func announceChange(of account: AccountID, in transaction: any Transaction) throws {
    switch transaction.dialect {
    case .sqlite: break
    case .postgresql: _ = try transaction.query("SELECT pg_notify(\(AccountService.channel), \(account))")
    }
  }

  /// Keeps other transactions from changing the account's configuration until this one ends.
  func lockConfiguration(of account: AccountID, in transaction: any Transaction) throws {
    try transaction.execute("UPDATE account_configurations SET version = version WHERE account_id = \(account)")
  }

  func configuration(of account: AccountID, in transaction: any Transaction) throws -> AccountConfiguration? {
    try transaction.first("SELECT * FROM account_configurations WHERE account_id = \(account)")
      .map(configuration(from:))
  }

  func save(
    _ configuration: AccountConfiguration, of account: AccountID, at now: Instant, in transaction: any Transaction
  ) throws {
    let c = configuration
    try transaction.execute(
      """
      INSERT INTO account_configurations (
        account_id, aov, currency, timezone, mode, ignorance_zone_days, ignorance_zone_spend, min_spend_for_kill,
        kill_roas_threshold, scale_roas_threshold, blending_curve, max_daily_change, winner_roas_threshold,
        winner_ctr_threshold, stages, exploration, stage_values, figures_warning_days, figures_limit_days, crm,
        version, updated_at)
      VALUES (
        \(account), \(c.aov), \(c.currency.code), \(c.timezone), \(c.mode.rawValue), \(c.ignoranceZoneDays),
        \(c.ignoranceZoneSpend), \(c.minSpendForKill), \(c.killROASThreshold), \(c.scaleROASThreshold),
        \(c.blendingCurve.description), \(c.maxDailyChange), \(c.winnerROASThreshold), \(c.winnerCTRThreshold),
        \(StageCoding.text(c.stages)), \(c.exploration), \(c.stageValues.rawValue),
        \(c.figuresWarningDays), \(c.figuresLimitDays), \(CRMSettingsCoding.text(c.crm)), \(c.version), \(now))
      ON CONFLICT (account_id) DO UPDATE SET
        aov = excluded.aov, currency = excluded.currency, timezone = excluded.timezone, mode = excluded.mode,
        ignorance_zone_days = excluded.ignorance_zone_days, ignorance_zone_spend = excluded.ignorance_zone_spend,
        min_spend_for_kill = excluded.min_spend_for_kill, kill_roas_threshold = excluded.kill_roas_threshold,
        scale_roas_threshold = excluded.scale_roas_threshold, blending_curve = excluded.blending_curve,
        max_daily_change = excluded.max_daily_change, winner_roas_threshold = excluded.winner_roas_threshold,
        winner_ctr_threshold = excluded.winner_ctr_threshold, stages = excluded.stages,
        exploration = excluded.exploration, stage_values = excluded.stage_values,
        figures_warning_days = excluded.figures_warning_days, figures_limit_days = excluded.figures_limit_days,
        crm = excluded.crm, version = excluded.version, updated_at = excluded.updated_at
      """)
  }

  private func configuration(from row: Row) throws -> AccountConfiguration {
    guard let currency = Currency(try row.get("currency", as: String.self)),
      let mode = DecisionMode(rawValue: try row.get("mode"))
    else { throw DatabaseError.unreadableColumn("account_configurations") }
    var configuration = AccountConfiguration(currency: currency, timezone: try row.get("timezone"))
    configuration.aov = try row.get("aov")
    configuration.mode = mode
    configuration.ignoranceZoneDays = try row.get("ignorance_zone_days")
    configuration.ignoranceZoneSpend = try row.get("ignorance_zone_spend")
    configuration.minSpendForKill = try row.get("min_spend_for_kill")
    configuration.killROASThreshold = try row.get("kill_roas_threshold")
    configuration.scaleROASThreshold = try row.get("scale_roas_threshold")
    configuration.blendingCurve = try BlendingCurve(row.get("blending_curve", as: String.self))
    configuration.maxDailyChange = try row.get("max_daily_change")
    configuration.winnerROASThreshold = try row.get("winner_roas_threshold")
    configuration.winnerCTRThreshold = try row.get("winner_ctr_threshold")
    configuration.stages = try StageCoding.read(row.get("stages", as: String.self))
    configuration.exploration = try row.get("exploration")
    guard let stageValues = AccountConfiguration.StageValueSource(rawValue: try row.get("stage_values")) else {
      throw DatabaseError.unreadableColumn("stage_values")
    }
    configuration.stageValues = stageValues
    configuration.figuresWarningDays = try row.get("figures_warning_days")
    configuration.figuresLimitDays = try row.get("figures_limit_days")
    for change in try ConfigurationCoding.readChanges(Array(row.get("crm", as: String.self).utf8), stored: true) {
      change(&configuration)
    }
    configuration.version = try row.get("version")
    return configuration
  }
}

/// An account as lists show it.
package struct Account: Hashable, Sendable {
  /// The account's name.
  package let id: AccountID
  /// The letters of its currency.
  package let currency: String
  /// Its time zone.
  package let timezone: String
  /// When it was created.
  package let createdAt: Instant
  /// Since when it is disabled; nil where it is not.
  package let disabledAt: Instant?
  /// How many requests it may send.
  package let rate: RequestRate
  /// How much it may keep.
  package let quotas: AccountQuotas
}
