import Values

/// How far the system may go by itself.
package enum ExecutionMode: String, Hashable, Sendable, CaseIterable {
  /// It proposes. Nothing is written at the platform, not even what a person approves.
  case observe
  /// It applies what a person has approved.
  case approve
  /// It applies what the limits allow.
  case automatic
}

/// The limits that an account's changes are held to. Amounts are minor units of the account's currency.
///
/// No limit is open by default: shares, counts and times have a value from the start, and the five amounts, which only
/// the account's owner can know, have to be set before anything may be written.
package struct ExecutionSettings: Hashable, Sendable {
  /// How far the system may go by itself.
  package var mode = ExecutionMode.observe
  /// The most that a budget may change on a day, as a share of what it was when the day began.
  package var maxDailyChange = Share(rounding: 0.2)
  /// The most edits of one object's budget within an hour. The platform takes 4.
  package var budgetEditsPerHour = 2
  /// The most changes that are applied to the account on a day.
  package var maxChangesPerDay = 200
  /// What decisions split a day; nil for the sum of the budgets that are live.
  package var dailyBudget: Int64?
  /// The least daily budget that the budget of an ad set or campaign is lowered to.
  package var holderFloor: Int64?
  /// The most that a raise lets an ad set or campaign spend a day.
  package var holderCap: Int64?
  /// The least that the account's daily budgets are lowered to in sum.
  package var accountFloor: Int64?
  /// The most that the account's daily budgets are raised to in sum.
  package var accountCap: Int64?
  /// The most that the account may spend on its dearest day, by what the platform can make of its budgets.
  package var maxDailySpend: Int64?
  /// Minutes for which an object is left alone after an edit, whoever made it.
  package var cooldownMinutes = 360
  /// Minutes for which an object that learns is left alone after an edit.
  package var learningCooldownMinutes = 2_880
  /// The hour (0 to 23) of the account's clock at which nothing is applied any more.
  package var quietFrom = 0
  /// The hour (0 to 23) of the account's clock from which changes are applied again; equal to ``quietFrom`` for no
  /// quiet hours.
  package var quietUntil = 6
  /// The hours of the week in which changes are applied.
  package var changeHours = WeekHours.always
  /// The most ads that are paused on a day, as a share of those that deliver.
  package var maxAdsPaused = Share(rounding: 0.2)
  /// The most of the account's delivery that is paused on a day.
  package var maxDeliveryPaused = Share(rounding: 0.2)
  /// The share of ``accountCap`` that an ad set may spend on a day with nothing to show before its pause is proposed.
  package var sameDayStop = Share(rounding: 0.5)
  /// Hours after which a proposal that nobody approved, or that found no moment to be applied, expires.
  package var proposalHours = 24

  /// The defaults of a new account: it observes, and its amounts are not set.
  package init() {}

  /// What a setting may be, by name.
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

  /// A rule that settings break: the field's name, what it is, and what it must be.
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

  /// The first rule that these settings break among themselves, with amounts in major units of `currency`; nil where they
  /// break none.
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
