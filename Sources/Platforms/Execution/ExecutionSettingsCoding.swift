import Execution
import Formats
import Values
import Web

/// An account's settings of execution as JSON, amounts in major units of its currency.
package enum ExecutionSettingsCoding {
  /// A change of one field.
  package typealias Change = @Sendable (inout ExecutionSettings) -> Void

  private typealias Bounds = ExecutionSettings.Bounds

  private static let amounts:
    [(name: String, path: any WritableKeyPath<ExecutionSettings, Int64?> & Sendable, text: String)] = [
      (
        "daily_budget", \.dailyBudget,
        "What decisions split a day; not set for the sum of the budgets that are live, which falls with every pause."
      ),
      ("holder_floor", \.holderFloor, "The least that a daily budget of an ad set or campaign is lowered to."),
      ("holder_cap", \.holderCap, "The most that a raise lets an ad set or campaign spend a day."),
      ("account_floor", \.accountFloor, "The least that all daily budgets are lowered to in sum."),
      ("account_cap", \.accountCap, "The most that all daily budgets are raised to in sum."),
      (
        "max_daily_spend", \.maxDailySpend,
        "The most that the account may spend on its dearest day: the platform may spend 75 % more than the budgets on one."
      ),
    ]

  private static let shares:
    [(
      name: String, path: any WritableKeyPath<ExecutionSettings, Share> & Sendable, range: ClosedRange<Double>,
      text: String
    )] = [
      (
        "max_daily_change", \.maxDailyChange, Bounds.maxDailyChange,
        "Largest change of a budget on a day, of what it was."
      ),
      ("max_ads_paused", \.maxAdsPaused, Bounds.pausedShare, "Most ads paused on a day, of those that deliver."),
      ("max_delivery_paused", \.maxDeliveryPaused, Bounds.pausedShare, "Most of the delivery paused on a day."),
      (
        "same_day_stop", \.sameDayStop, Bounds.sameDayStop,
        "What an ad set may spend on a day with nothing to show before its pause is proposed, of account_cap."
      ),
    ]

  private static let counts:
    [(
      name: String, path: any WritableKeyPath<ExecutionSettings, Int> & Sendable, range: ClosedRange<Int>, text: String
    )] = [
      (
        "budget_edits_per_hour", \.budgetEditsPerHour, Bounds.budgetEditsPerHour,
        "Most edits of one budget within an hour; the platform takes 4."
      ),
      ("max_changes_per_day", \.maxChangesPerDay, Bounds.maxChangesPerDay, "Most changes applied on a day."),
      (
        "cooldown_minutes", \.cooldownMinutes, Bounds.cooldownMinutes,
        "Minutes for which an object is left alone after an edit, whoever made it."
      ),
      (
        "learning_cooldown_minutes", \.learningCooldownMinutes, Bounds.cooldownMinutes,
        "The same while the platform learns; at least cooldown_minutes."
      ),
      ("quiet_from", \.quietFrom, Bounds.hour, "The hour of the account's clock at which nothing is applied any more."),
      (
        "quiet_until", \.quietUntil, Bounds.hour,
        "The hour from which changes are applied again; as quiet_from for none."
      ),
      (
        "proposal_hours", \.proposalHours, Bounds.proposalHours,
        "Hours after which a change that was not applied expires."
      ),
    ]

  private static var names: [String] {
    ["mode", "change_hours"] + amounts.map(\.name) + shares.map(\.name) + counts.map(\.name)
  }

  /// Reads the fields of a JSON object as changes of an account in `currency`. Throws an ``APIError`` that names each bad
  /// field.
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
    [("mode", Schema.choice("How far the system goes by itself.", ExecutionMode.allCases.map(\.rawValue)))]
    + amounts.map { ($0.name, .amount($0.text)) } + shares.map { ($0.name, .number($0.text, $0.range)) }
    + counts.map { ($0.name, .integer($0.text, $0.range)) }
    + [
      (
        "change_hours",
        .text("The hours of the week in which changes are applied: " + WeekHours.rule + ".", length: 1...500)
      )
    ]

  /// The schema of a change.
  static let request = Schema.object(optional: changeable).named("ExecutionSettingsChange")

  static let stop = Schema.object(required: [
    ("at", .formatted("Since when.", "date-time")), ("by", .string("Who stopped it.")), ("reason", .string("Why.")),
  ])

  /// The schema of an answer.
  static let response = Schema.object(
    required: [
      ("account_id", .string("The account.")),
      ("version", .integer("Counts the changes, from 1; 0 for the defaults.", 0...Int(Int32.max))),
      ("currency", .string("What amounts are in.")),
      ("mode", .choice("How far the system goes by itself.", ExecutionMode.allCases.map(\.rawValue))),
    ] + amounts.map { ($0.name, Schema.answeredAmount($0.text).orNull()) }
      + shares.map { ($0.name, .number($0.text, $0.range)) } + counts.map { ($0.name, .integer($0.text, $0.range)) }
      + [
        ("change_hours", .string("The hours of the week in which changes are applied.")),
        ("stopped", stop.orNull()), ("stopped_for_all", stop.orNull()),
      ]
  ).named("ExecutionSettings")
}
