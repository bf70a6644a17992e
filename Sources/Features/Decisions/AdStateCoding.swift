import DecisionEngine
import Formats
import Values

/// Ads' totals as JSON, as requests give them.
enum AdStateCoding {
  /// How many ads a request may name.
  static let adCount = 1...20_000

  /// Reads a list of ad states and notes what is wrong with each.
  static func readList(
    _ json: inout JSONReader, _ fields: inout FieldReader, account: AccountID
  ) throws -> [AdState]? {
    guard try json.peekKind() == .array else {
      fields.note("ad_states", try json.peekKind().rawValue, "must be a list of ads")
      try json.skipValue()
      return nil
    }
    var ads: [AdState] = []
    try json.readArray { index, json in
      let path = FieldPath.element(of: "ad_states", index)
      if let ad = try read(&json, &fields, at: path, account: account) { ads.append(ad) }
    }
    return ads
  }

  private static func read(
    _ json: inout JSONReader, _ fields: inout FieldReader, at path: FieldPath, account: AccountID
  ) throws -> AdState? {
    guard try json.peekKind() == .object else {
      fields.note(path.appending(""), try json.peekKind().rawValue, "must be an object")
      try json.skipValue()
      return nil
    }
    var ad = GivenState()
    try json.readObject { key, json in
      switch key {
      case "ad_id": ad.adID = .given(try fields.adID(key, &json, at: path))
      case "impressions": ad.impressions = .given(try fields.count(key, &json, at: path))
      case "clicks": ad.clicks = .given(try fields.count(key, &json, at: path))
      case "spend": ad.spend = .given(try fields.amount(key, &json, at: path))
      case "pipeline_value": ad.pipelineValue = .given(try fields.amount(key, &json, at: path))
      case "cash_revenue": ad.cashRevenue = .given(try fields.amount(key, &json, at: path))
      case "age_hours": ad.ageHours = .given(try fields.number(key, &json, at: path, in: 0...1e6))
      case "current_budget":
        if try !json.readNull() { ad.currentBudget = try fields.amount(key, &json, at: path) }
      default: try fields.unknown(key, &json, at: path, known: fieldNames)
      }
    }
    return ad.state(&fields, at: path, account: account)
  }

  static let fieldNames =
    "ad_id, impressions, clicks, spend, pipeline_value, cash_revenue, age_hours, current_budget"
}

/// A field that must be given: whether it was, and its value where that was valid.
private enum Required<Value> {
  case missing
  case given(Value?)

  func value(_ key: String, _ fields: inout FieldReader, at path: FieldPath) -> Value? {
    switch self {
    case .missing:
      fields.missing(key, at: path)
      return nil
    case .given(let value): return value
    }
  }
}

/// An ad's fields while they are being read.
private struct GivenState {
  var adID = Required<AdID>.missing
  var impressions = Required<Int>.missing
  var clicks = Required<Int>.missing
  var spend = Required<Double>.missing
  var pipelineValue = Required<Double>.missing
  var cashRevenue = Required<Double>.missing
  var ageHours = Required<Double>.missing
  var currentBudget: Double?

  func state(_ fields: inout FieldReader, at path: FieldPath, account: AccountID) -> AdState? {
    let adID = adID.value("ad_id", &fields, at: path)
    let impressions = impressions.value("impressions", &fields, at: path)
    let clicks = clicks.value("clicks", &fields, at: path)
    let spend = spend.value("spend", &fields, at: path)
    let pipelineValue = pipelineValue.value("pipeline_value", &fields, at: path)
    let cashRevenue = cashRevenue.value("cash_revenue", &fields, at: path)
    let ageHours = ageHours.value("age_hours", &fields, at: path)
    guard let adID, let impressions, let clicks, let spend, let pipelineValue, let cashRevenue, let ageHours
    else { return nil }
    do {
      return try AdState(
        accountID: account, adID: adID, impressions: impressions, clicks: clicks, spend: spend,
        pipelineValue: pipelineValue, cashRevenue: cashRevenue, ageHours: ageHours,
        statedDailyBudget: currentBudget)
    } catch {
      fields.note(path.appending(error.field), error.value, error.rule)
      return nil
    }
  }
}
