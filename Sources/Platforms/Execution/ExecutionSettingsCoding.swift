import Execution
import Formats
import Values
import Web

/// An account's execution settings as JSON, with amounts in major units of its currency.
package enum ExecutionSettingsCoding {
  /// A change of one field.
  package typealias Change = @Sendable (inout ExecutionSettings) -> Void

  private typealias Bounds = ExecutionSettings.Bounds

  private static let amounts:
    [(name: String, path: any WritableKeyPath<ExecutionSettings, Int64?> & Sendable, text: String)] = [
      (
        "daily_budget", \.dailyBudget,
        "The total that decisions split per day; by default the sum of the live budgets, which falls with every pause."
      ),
      ("holder_floor", \.holderFloor, "The lowest daily budget to which an ad set or campaign may be cut."),
      ("holder_cap", \.holderCap, "The most that an ad set or campaign may spend per day after a raise."),
      ("account_floor", \.accountFloor, "The lowest sum to which cuts may bring all daily budgets."),
      ("account_cap", \.accountCap, "The highest sum to which raises may bring all daily budgets."),
      (
        "max_daily_spend", \.maxDailySpend,
        "The most that the account may spend on any day: the platform may exceed the budgets by 75 % on a day."
      ),
    ]

  private static let shares:
    [(
      name: String, path: any WritableKeyPath<ExecutionSettings, Share> & Sendable, range: ClosedRange<Double>,
      text: String
    )] = [
      (
        "max_daily_change", \.maxDailyChange, Bounds.maxDailyChange,
        "Largest change of a budget on a day, as a share of it."
      ),
      (
        "max_ads_paused", \.maxAdsPaused, Bounds.pausedShare,
        "Largest share of the delivering ads that may be paused on a day."
      ),
      (
        "max_delivery_paused", \.maxDeliveryPaused, Bounds.pausedShare,
        "Largest share of the delivery that may be paused on a day."
      ),
      (
        "same_day_stop", \.sameDayStop, Bounds.sameDayStop,
        "The share of account_cap that an ad set may spend on a day without results before its pause is proposed."
      ),
    ]

  private static let counts:
    [(
      name: String, path: any WritableKeyPath<ExecutionSettings, Int> & Sendable, range: ClosedRange<Int>, text: String
    )] = [
      (
        "budget_edits_per_hour", \.budgetEditsPerHour, Bounds.budgetEditsPerHour,
        "Most edits of one budget within an hour; the platform allows 4."
      ),
      ("max_changes_per_day", \.maxChangesPerDay, Bounds.maxChangesPerDay, "Most changes applied on a day."),
      (
        "cooldown_minutes", \.cooldownMinutes, Bounds.cooldownMinutes,
        "Minutes for which an object is not changed after an edit, whoever made it."
      ),
      (
        "learning_cooldown_minutes", \.learningCooldownMinutes, Bounds.cooldownMinutes,
        "The same during the platform's learning phase; at least cooldown_minutes."
      ),
      ("quiet_from", \.quietFrom, Bounds.hour, "The hour (local time of the account) at which the quiet hours begin."),
      (
        "quiet_until", \.quietUntil, Bounds.hour,
        "The hour at which they end; equal to quiet_from for no quiet hours."
      ),
      (
        "proposal_hours", \.proposalHours, Bounds.proposalHours,
        "Hours after which a change that was not applied expires."
      ),
    ]

  private static var names: [String] {
    ["mode", "change_hours"] + amounts.map(\.name) + shares.map(\.name) + counts.map(\.name)
  }

  /// Reads the fields of a JSON object as changes to the settings of an account in `currency`. Throws an ``APIError``
  /// that names each invalid field.
  package static func readChanges(_ body: [UInt8], _ currency: Currency) throws -> [Change] {
    try FieldReader.read(body) { json, fields in
      var changes: [Change] = []
      try json.readObject { key, json in
        if names.contains(key), try json.readNull() { return }
        if let change = try read(key, &json, &fields, currency) { changes.append(change) }
      }
      return changes
    }
  }

  private static func read(
    _ key: String, _ json: inout JSONReader, _ fields: inout FieldReader, _ currency: Currency
  ) throws -> Change? {
    if let field = amounts.first(where: { $0.name == key }) {
      guard let amount = try fields.amount(key, &json, at: .root) else { return nil }
      guard let units = amount.wholeMinorUnits(of: currency) else {
        fields.note(key, "\(amount)", "must have at most \(currency.decimals) decimals")
        return nil
      }
      return setting(field.path, units)
    }
    if let field = shares.first(where: { $0.name == key }) {
      guard let value = try fields.number(key, &json, at: .root, in: field.range) else { return nil }
      return setting(field.path, Share(rounding: value))
    }
    if let field = counts.first(where: { $0.name == key }) {
      let range = Double(field.range.lowerBound)...Double(field.range.upperBound)
      guard let value = try fields.integer(key, &json, at: .root, in: range) else { return nil }
      return setting(field.path, value)
    }
    switch key {
    case "mode":
      guard let mode = try fields.choice(key, &json, at: .root, as: ExecutionMode.self) else { return nil }
      return setting(\.mode, mode)
    case "change_hours":
      guard let text = try fields.string(key, &json, at: .root, maxBytes: 500) else { return nil }
      guard let hours = WeekHours(text) else {
        fields.note(key, text, WeekHours.rule)
        return nil
      }
      return setting(\.changeHours, hours)
    default:
      try fields.unknown(key, &json, at: .root, known: names.joined(separator: ", "))
      return nil
    }
  }

  private static func setting<Value: Sendable>(
    _ path: any WritableKeyPath<ExecutionSettings, Value> & Sendable, _ value: Value
  ) -> Change {
    { $0[keyPath: path] = value }
  }

  /// Writes the settings, and whether execution is stopped, as an object; with an account's name where it is given.
  package static func write(
    _ state: ExecutionSettingsService.State, of account: AccountID? = nil, to json: inout JSONWriter
  ) {
    json.object { json in
      if let account { json.member("account_id", account.value) }
      write(state.stored, state.currency, to: &json)
      json.key("stopped")
      write(state.stored.stop, to: &json)
      json.key("stopped_for_all")
      write(state.stopForAll, to: &json)
    }
  }

  /// Writes the settings' fields into an open object.
  static func write(_ stored: StoredExecutionSettings, _ currency: Currency, to json: inout JSONWriter) {
    let (settings, money) = (stored.settings, ChangeAmounts(currency: currency))
    json.member("version", stored.version)
    json.member("currency", currency.code)
    json.member("mode", settings.mode.rawValue)
    for field in amounts {
      json.key(field.name)
      if let amount = settings[keyPath: field.path] {
        json.number(text: "\(money.money(amount))")
      } else {
        json.null()
      }
    }
    for field in shares {
      json.key(field.name)
      json.value(settings[keyPath: field.path].value)
    }
    for field in counts {
      json.key(field.name)
      json.value(settings[keyPath: field.path])
    }
    json.member("change_hours", settings.changeHours.description)
  }

  /// Writes a stop, or null.
  static func write(_ stop: ExecutionStop?, to json: inout JSONWriter) {
    guard let stop else { return json.null() }
    json.object { json in
      json.member("at", stop.at.description)
      json.member("by", stop.by)
      json.member("reason", stop.reason)
    }
  }

  static let changeable: [(String, Schema)] =
    [("mode", Schema.choice("How far the system may act on its own.", ExecutionMode.allCases.map(\.rawValue)))]
    + amounts.map { ($0.name, .amount($0.text)) } + shares.map { ($0.name, .number($0.text, $0.range)) }
    + counts.map { ($0.name, .integer($0.text, $0.range)) }
    + [
      (
        "change_hours",
        .text("The hours of the week in which changes are applied: " + WeekHours.rule + ".", length: 1...500)
      )
    ]

  static let request = Schema.object(optional: changeable).named("ExecutionSettingsChange")

  static let stop = Schema.object(required: [
    ("at", .formatted("Since when.", "date-time")), ("by", .string("Who stopped it.")), ("reason", .string("Why.")),
  ])

  /// The schema of an answer.
  static let response = Schema.object(
    required: [
      ("account_id", .string("The account.")),
      ("version", .integer("Incremented by each change, from 1; 0 for the defaults.", 0...Int(Int32.max))),
      ("currency", .string("The currency of all amounts.")),
      ("mode", .choice("How far the system may act on its own.", ExecutionMode.allCases.map(\.rawValue))),
    ] + amounts.map { ($0.name, Schema.answeredAmount($0.text).orNull()) }
      + shares.map { ($0.name, .number($0.text, $0.range)) } + counts.map { ($0.name, .integer($0.text, $0.range)) }
      + [
        ("change_hours", .string("The hours of the week in which changes are applied.")),
        ("stopped", stop.orNull()), ("stopped_for_all", stop.orNull()),
      ]
  ).named("ExecutionSettings")
}
