import Formats
import Values

extension MetaAdAccount {
  init(_ field: JSONField) throws(JSONField.Problem) {
    let id = try field.member("account_id")
    guard let account = MetaAdAccountID(try id.scalarText()) else { throw id.problem(MetaAdAccountID.rule) }
    self.id = account
    name = try field.member("name").optionalText()
    currency = try field.member("currency").text()
    timezoneName = try field.member("timezone_name").text()
    status = Int(try field.member("account_status").integer())
    disableReason = try field.member("disable_reason").optionalInteger().map { Int($0) }
    minDailyBudget = try field.member("min_daily_budget").optionalInteger()
    spendCap = try field.member("spend_cap").optionalInteger().flatMap { $0 == 0 ? nil : $0 }
    amountSpent = try field.member("amount_spent").optionalInteger()
    let tasks = try field.member("user_tasks")
    userTasks = tasks.isAbsent ? nil : try tasks.texts()
    createdAt = try field.member("created_time").optionalInstant()
  }
}

extension MetaMinimumBudgets {
  init(_ field: JSONField) throws(JSONField.Problem) {
    currency = try field.member("currency").text()
    impressions = try field.member("min_daily_budget_imp").integer()
    frequentActions = try field.member("min_daily_budget_high_freq").integer()
    rareActions = try field.member("min_daily_budget_low_freq").integer()
    videoViews = try field.member("min_daily_budget_video_views").integer()
  }
}

extension MetaBudget {
  /// Reads the budget's fields of a campaign or an ad set.
  fileprivate init(_ field: JSONField) throws(JSONField.Problem) {
    daily = try field.budget("daily_budget")
    lifetime = try field.budget("lifetime_budget")
    remaining = try field.member("budget_remaining").optionalInteger()
    hasSchedules = try field.member("is_budget_schedule_enabled").optionalBool() ?? false
  }
}

extension MetaCampaign: MetaRecord {
  package static let edge = "campaigns"
  package static let fields = [
    "id", "name", "objective", "daily_budget", "lifetime_budget", "budget_remaining", "spend_cap", "bid_strategy",
    "is_adset_budget_sharing_enabled", "is_budget_schedule_enabled", "status", "effective_status", "updated_time",
  ]

  package init(_ field: JSONField) throws(JSONField.Problem) {
    id = try field.id("id")
    name = try field.member("name").text()
    status = MetaStatus(try field.member("status").text())
    effectiveStatus = try field.effectiveStatus()
    budget = try MetaBudget(field)
    spendCap = try field.budget("spend_cap")
    sharesAdSetBudgets = try field.member("is_adset_budget_sharing_enabled").optionalBool() ?? false
    bidStrategy = try field.member("bid_strategy").optionalText()
    objective = try field.member("objective").optionalText()
    updatedAt = try field.member("updated_time").optionalInstant()
  }
}

extension MetaAdSet: MetaRecord {
  package static let edge = "adsets"
  package static let fields = [
    "id", "name", "campaign_id", "daily_budget", "lifetime_budget", "budget_remaining", "bid_strategy",
    "optimization_goal", "status", "effective_status", "is_budget_schedule_enabled", "learning_stage_info",
    "start_time", "end_time", "updated_time",
  ]

  package init(_ field: JSONField) throws(JSONField.Problem) {
    id = try field.id("id")
    campaignID = try field.id("campaign_id")
    name = try field.member("name").text()
    status = MetaStatus(try field.member("status").text())
    effectiveStatus = try field.effectiveStatus()
    budget = try MetaBudget(field)
    let learning = try field.member("learning_stage_info")
    self.learning = learning.isAbsent ? nil : try MetaLearning(learning)
    optimizationGoal = try field.member("optimization_goal").optionalText()
    bidStrategy = try field.member("bid_strategy").optionalText()
    startsAt = try field.member("start_time").optionalInstant()
    endsAt = try field.member("end_time").optionalInstant()
    updatedAt = try field.member("updated_time").optionalInstant()
  }
}

extension MetaLearning {
  fileprivate init(_ field: JSONField) throws(JSONField.Problem) {
    stage = try field.member("status").optionalText().flatMap(Stage.init(rawValue:))
    conversions = try field.member("conversions").optionalInteger()
    lastSignificantEditAt = try field.member("last_sig_edit_ts").optionalUnixTime()
  }
}

extension MetaAd: MetaRecord {
  package static let edge = "ads"
  package static let fields = [
    "id", "name", "adset_id", "campaign_id", "status", "effective_status", "issues_info", "updated_time",
  ]

  package init(_ field: JSONField) throws(JSONField.Problem) {
    id = try field.id("id")
    adSetID = try field.id("adset_id")
    campaignID = try field.id("campaign_id")
    name = try field.member("name").text()
    status = MetaStatus(try field.member("status").text())
    effectiveStatus = try field.effectiveStatus()
    issues = try field.member("issues_info").elements().map { issue throws(JSONField.Problem) in
      let texts = [try issue.member("error_summary").optionalText(), try issue.member("error_message").optionalText()]
      return String((texts.compactMap { $0 }.first ?? "without a reason").prefix(200))
    }
    updatedAt = try field.member("updated_time").optionalInstant()
  }
}

extension MetaBudgetSchedule {
  static let fields = ["id", "budget_value", "budget_value_type", "time_start", "time_end", "recurrence_type"]

  init(_ field: JSONField) throws(JSONField.Problem) {
    id = try field.id("id")
    let type = try field.member("budget_value_type")
    let value = try field.member("budget_value")
    switch try type.text() {
    case "ABSOLUTE": self.value = .absolute(try value.integer())
    case "MULTIPLIER": self.value = .multiplier(try value.double())
    default: throw type.problem("must be ABSOLUTE or MULTIPLIER")
    }
    startsAt = try field.member("time_start").moment()
    endsAt = try field.member("time_end").moment()
    recurrence = try field.member("recurrence_type").optionalText()
  }
}

extension JSONField {
  /// The id in the member `name`.
  func id(_ name: String) throws(Problem) -> MetaID {
    let field = try member(name)
    guard let id = MetaID(try field.scalarText()) else { throw field.problem(MetaID.rule) }
    return id
  }

  func texts() throws(Problem) -> [String] {
    try elements().map { element throws(Problem) in try element.text() }
  }

  func double() throws(Problem) -> Double {
    guard let number = Double(try scalarText()), number.isFinite else { throw problem("must be a number") }
    return number
  }

  /// A moment, or nil where it is missing or 0.
  func optionalUnixTime() throws(Problem) -> Instant? {
    guard let seconds = try optionalInteger(), seconds != 0 else { return nil }
    guard (0...253_402_300_799).contains(seconds) else {
      throw problem("must be seconds since 1970, up to the year 9999")
    }
    return Instant(seconds: seconds)
  }

  /// A moment written as seconds since 1970 or as RFC 3339.
  fileprivate func moment() throws(Problem) -> Instant {
    if case .string(let text) = value, let instant = Instant(text) { return instant }
    guard let instant = try optionalUnixTime() else { throw problem("must be a time") }
    return instant
  }

  /// The amount in the member `name` in Meta's units; nil where it is missing or 0, which both mean that there is none.
  fileprivate func budget(_ name: String) throws(Problem) -> Int64? {
    try member(name).optionalInteger().flatMap { $0 == 0 ? nil : $0 }
  }

  fileprivate func effectiveStatus() throws(Problem) -> MetaEffectiveStatus? {
    MetaEffectiveStatus(rawValue: try member("effective_status").text())
  }
}
