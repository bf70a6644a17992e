import Execution
import Storage
import Values

/// A stop of execution, and its reason.
package struct ExecutionStop: Hashable, Sendable {
  package let at: Instant
  package let by: String
  package let reason: String

  /// The stop in the text of a limit.
  var text: String { "\(reason) (\(by), \(at))" }
}

/// An account's execution settings as stored.
package struct StoredExecutionSettings: Sendable {
  package var settings = ExecutionSettings()
  /// Incremented by each change, from 1; 0 for an account with the defaults.
  package var version = 0
  /// The stop of the account; nil where it is not stopped.
  package var stop: ExecutionStop?
}

/// The SQL of execution settings and switches.
struct ExecutionSettingsRepository {
  private static let table = StoredTable("execution_settings", key: "account_id")
  private static let stops = StoredTable("execution_stop", key: "scope")

  /// The account's settings; the defaults where none are stored. `locking` makes a stop wait until the transaction
  /// ends, and this wait for a stop in progress.
  func get(
    of account: AccountID, in currency: Currency, locking: Bool = false, in transaction: any Transaction
  ) throws -> StoredExecutionSettings {
    let lock = Self.lock(locking, transaction)
    return try transaction.first("SELECT * FROM execution_settings WHERE account_id = \(account)\(lock)").map { row in
      try Self.table.read(row) { try stored(from: $0, ChangeAmounts(currency: currency)) }
    } ?? StoredExecutionSettings()
  }

  func save(
    _ settings: ExecutionSettings, version: Int, of account: AccountID, in currency: Currency, at now: Instant,
    in transaction: any Transaction
  ) throws {
    let (s, amounts) = (settings, ChangeAmounts(currency: currency))
    try transaction.execute(
      """
      INSERT INTO execution_settings (
        account_id, mode, max_daily_change, budget_edits_per_hour, max_changes_per_day, daily_budget, holder_floor,
        holder_cap, account_floor, account_cap, max_daily_spend, cooldown_minutes, learning_cooldown_minutes, quiet_from,
        quiet_until, change_hours, max_ads_paused, max_delivery_paused, same_day_stop, proposal_hours, version,
        updated_at)
      VALUES (
        \(account), \(s.mode.rawValue), \(s.maxDailyChange.value), \(s.budgetEditsPerHour), \(s.maxChangesPerDay),
        \(amounts.money(s.dailyBudget).sqlValue), \(amounts.money(s.holderFloor).sqlValue),
        \(amounts.money(s.holderCap).sqlValue),
        \(amounts.money(s.accountFloor).sqlValue), \(amounts.money(s.accountCap).sqlValue),
        \(amounts.money(s.maxDailySpend).sqlValue), \(s.cooldownMinutes), \(s.learningCooldownMinutes),
        \(s.quietFrom), \(s.quietUntil), \(s.changeHours.description), \(s.maxAdsPaused.value),
        \(s.maxDeliveryPaused.value), \(s.sameDayStop.value), \(s.proposalHours), \(version), \(now))
      ON CONFLICT (account_id) DO UPDATE SET
        mode = excluded.mode, max_daily_change = excluded.max_daily_change,
        budget_edits_per_hour = excluded.budget_edits_per_hour, max_changes_per_day = excluded.max_changes_per_day,
        daily_budget = excluded.daily_budget,
        holder_floor = excluded.holder_floor, holder_cap = excluded.holder_cap,
        account_floor = excluded.account_floor, account_cap = excluded.account_cap,
        max_daily_spend = excluded.max_daily_spend, cooldown_minutes = excluded.cooldown_minutes,
        learning_cooldown_minutes = excluded.learning_cooldown_minutes, quiet_from = excluded.quiet_from,
        quiet_until = excluded.quiet_until, change_hours = excluded.change_hours,
        max_ads_paused = excluded.max_ads_paused, max_delivery_paused = excluded.max_delivery_paused,
        same_day_stop = excluded.same_day_stop, proposal_hours = excluded.proposal_hours, version = excluded.version,
        updated_at = excluded.updated_at
      """)
  }

  /// Stops the account, or resumes it where `stop` is nil. Returns whether that changed anything.
  func setStop(_ stop: ExecutionStop?, of account: AccountID, in transaction: any Transaction) throws -> Bool {
    try transaction.execute(
      "UPDATE execution_settings SET \(Self.change(stop)) AND account_id = \(account)") > 0
  }

  /// The stop of all accounts; nil where they are not stopped.
  func stopForAll(locking: Bool = false, in transaction: any Transaction) throws -> ExecutionStop? {
    let lock = Self.lock(locking, transaction)
    return try transaction.first("SELECT * FROM execution_stop WHERE scope = 'all'\(lock)").flatMap {
      try Self.stops.read($0, stop(from:))
    }
  }

  /// Stops execution for all accounts, or resumes it where `stop` is nil. Returns whether that changed anything.
  func setStopForAll(_ stop: ExecutionStop?, in transaction: any Transaction) throws -> Bool {
    try transaction.execute("UPDATE execution_stop SET \(Self.change(stop)) AND scope = 'all'") > 0
  }

  private static func change(_ stop: ExecutionStop?) -> SQL {
    guard let stop else {
      return "stopped_at = NULL, stopped_by = NULL, stop_reason = NULL WHERE stopped_at IS NOT NULL"
    }
    return """
      stopped_at = \(stop.at), stopped_by = \(stop.by), stop_reason = \(stop.reason) WHERE stopped_at IS NULL
      """
  }

  private static func lock(_ locking: Bool, _ transaction: any Transaction) -> SQL {
    locking && transaction.dialect == .postgresql ? " FOR SHARE" : ""
  }

  private func stop(from row: Row) throws -> ExecutionStop? {
    guard let at = try row.getOptional("stopped_at", as: Instant.self) else { return nil }
    return ExecutionStop(at: at, by: try row.get("stopped_by"), reason: try row.get("stop_reason"))
  }

  private func stored(from row: Row, _ amounts: ChangeAmounts) throws -> StoredExecutionSettings {
    guard let hours = WeekHours(try row.get("change_hours", as: String.self)) else {
      throw DatabaseError.unreadableColumn("change_hours")
    }
    let share = { (column: String) in Share(rounding: try row.get(column)) }
    var settings = ExecutionSettings()
    settings.mode = try row.word("mode")
    settings.maxDailyChange = try share("max_daily_change")
    settings.budgetEditsPerHour = try row.get("budget_edits_per_hour")
    settings.maxChangesPerDay = try row.get("max_changes_per_day")
    settings.dailyBudget = try amounts.minorUnitsIfAny("daily_budget", row)
    settings.holderFloor = try amounts.minorUnitsIfAny("holder_floor", row)
    settings.holderCap = try amounts.minorUnitsIfAny("holder_cap", row)
    settings.accountFloor = try amounts.minorUnitsIfAny("account_floor", row)
    settings.accountCap = try amounts.minorUnitsIfAny("account_cap", row)
    settings.maxDailySpend = try amounts.minorUnitsIfAny("max_daily_spend", row)
    settings.cooldownMinutes = try row.get("cooldown_minutes")
    settings.learningCooldownMinutes = try row.get("learning_cooldown_minutes")
    settings.quietFrom = try row.get("quiet_from")
    settings.quietUntil = try row.get("quiet_until")
    settings.changeHours = hours
    settings.maxAdsPaused = try share("max_ads_paused")
    settings.maxDeliveryPaused = try share("max_delivery_paused")
    settings.sameDayStop = try share("same_day_stop")
    settings.proposalHours = try row.get("proposal_hours")
    return StoredExecutionSettings(settings: settings, version: try row.get("version"), stop: try stop(from: row))
  }
}
