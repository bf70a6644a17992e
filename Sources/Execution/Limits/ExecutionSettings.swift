import Values

/// How far the system may act on its own.
package enum ExecutionMode: String, Hashable, Sendable, CaseIterable {
  /// It only proposes. Nothing is written at the platform, not even what a person approves.
  case observe
  /// It applies what a person has approved.
  case approve
  /// It applies what the limits allow.
  case automatic
}

/// The limits for an account's changes. Amounts are minor units of the account's currency.
///
/// Every limit is in force from the start: shares, counts and times have defaults, and the five amounts, which only the
/// account's owner can know, must be set before anything is written.
package struct ExecutionSettings: Hashable, Sendable {
  /// How far the system may act on its own.
  package var mode = ExecutionMode.observe
  /// The largest change of a budget on one day, as a share of the budget at the start of the day.
  package var maxDailyChange = Share(rounding: 0.2)
  /// The most edits of one object's budget within an hour. The platform allows 4.
  package var budgetEditsPerHour = 2
  /// The most changes applied to the account on one day.
  package var maxChangesPerDay = 200
  /// The total that decisions split per day; nil for the sum of the live budgets.
  package var dailyBudget: Int64?
  /// The lowest daily budget to which an ad set or campaign may be cut.
  package var holderFloor: Int64?
  /// The most that an ad set or campaign may spend a day after a raise.
  package var holderCap: Int64?
  /// The lowest sum to which cuts may bring the account's daily budgets.
  package var accountFloor: Int64?
  /// The highest sum to which raises may bring the account's daily budgets.
  package var accountCap: Int64?
  /// The most that the account may spend on its most expensive day, given how far the platform may exceed budgets.
  package var maxDailySpend: Int64?
  /// Minutes for which an object is not changed after an edit, whoever made it.
  package var cooldownMinutes = 360
  /// Minutes for which an object in its learning phase is not changed after an edit.
  package var learningCooldownMinutes = 2_880
  /// The hour (0 to 23, local time of the account) at which the quiet hours begin: no changes are applied then.
  package var quietFrom = 0
  /// The hour (0 to 23, local time of the account) at which the quiet hours end; equal to ``quietFrom`` for no quiet
  /// hours.
  package var quietUntil = 6
  /// The hours of the week in which changes are applied.
  package var changeHours = WeekHours.always
  /// The largest share of the delivering ads that may be paused on one day.
  package var maxAdsPaused = Share(rounding: 0.2)
  /// The largest share of the account's delivery that may be paused on one day.
  package var maxDeliveryPaused = Share(rounding: 0.2)
  /// The share of ``accountCap`` that an ad set may spend on a day without results before its pause is proposed.
  package var sameDayStop = Share(rounding: 0.5)
  /// Hours after which a proposal expires that was not approved, or could not be applied.
  package var proposalHours = 24

  /// The defaults of a new account: its mode is observe, and its amounts are not set.
  package init() {}

  /// The allowed range of each setting.
  package enum Bounds {
    package static let maxDailyChange = 0.01...1.0
    package static let budgetEditsPerHour = 1...4
    package static let maxChangesPerDay = 1...10_000
    package static let cooldownMinutes = 15...43_200
    package static let hour = 0...23
    package static let pausedShare = 0.01...1.0
    package static let sameDayStop = 0.05...1.0
    package static let proposalHours = 1...168
    /// The largest amount: one thousand million major units.
    package static let majorUnits: Int64 = 1_000_000_000
  }

  /// How much of a daily budget the platform may spend on one day.
  package static let overdelivery = Share(millionths: 1_750_000)

  /// A rule that the settings violate: the field's name, its value, and what it must be.
  package struct Problem: Hashable, Sendable {
    package let field: String
    package let value: String
    package let rule: String
  }

  /// The names of the amounts that are not set.
  package var missingAmounts: [String] {
    [
      ("holder_floor", holderFloor), ("holder_cap", holderCap), ("account_floor", accountFloor),
      ("account_cap", accountCap), ("max_daily_spend", maxDailySpend),
    ].filter { $0.1 == nil }.map(\.0)
  }

  /// The first rule that these settings violate among themselves, with amounts in major units of `currency`; nil where
  /// they violate none.
  package func problem(in currency: Currency) -> Problem? {
    let text = { (amount: Int64) in Amounts.text(amount, currency) }
    if mode != .observe, let missing = missingAmounts.first {
      return Problem(
        field: missing, value: "not set",
        rule: "must be set before the mode is \(mode.rawValue): "
          + "\(missingAmounts.joined(separator: ", ")) have no default")
    }
    if let holderFloor, let holderCap, holderFloor > holderCap {
      return Problem(field: "holder_floor", value: text(holderFloor), rule: "must not exceed holder_cap")
    }
    if let accountFloor, let accountCap, accountFloor > accountCap {
      return Problem(field: "account_floor", value: text(accountFloor), rule: "must not exceed account_cap")
    }
    if let dailyBudget, dailyBudget <= 0 {
      return Problem(field: "daily_budget", value: text(dailyBudget), rule: "must be over 0")
    }
    if let dailyBudget, let accountCap, dailyBudget > accountCap {
      return Problem(field: "daily_budget", value: text(dailyBudget), rule: "must not exceed account_cap")
    }
    if let accountCap, let maxDailySpend, accountCap > maxDailySpend {
      return Problem(
        field: "max_daily_spend", value: text(maxDailySpend),
        rule: "must be at least account_cap; the platform may spend up to 75 % more than the budgets on a day")
    }
    if learningCooldownMinutes < cooldownMinutes {
      return Problem(
        field: "learning_cooldown_minutes", value: "\(learningCooldownMinutes)",
        rule: "must be at least cooldown_minutes (\(cooldownMinutes))")
    }
    return nil
  }

  /// Whether changes may be applied in an hour (0 to 23) of a day (0 for Monday to 6).
  package func isChangeHour(weekday: Int, hour: Int) -> Bool {
    let isQuiet =
      quietFrom <= quietUntil
      ? (quietFrom..<quietUntil).contains(hour) : hour >= quietFrom || hour < quietUntil
    return !isQuiet && changeHours.contains(day: weekday, hour: hour)
  }
}
