import DecisionEngine
import Formats
import Values
import Web

/// Ads' totals as JSON, in requests.
enum AdStateCoding {
  /// How many ads a request may contain.
  static let adCount = 1...20_000

  /// Reads a list of ad states and records the problems of each.
  static func readList(
    _ json: inout JSONReader, _ fields: inout FieldReader, account: AccountID
  ) throws -> [AdState]? {
    guard try json.peekKind() == .array else {
      fields.note("ad_states", try json.peekKind().rawValue, "must be a list of ads")
      try json.skipValue()
      return nil
    }
    var ads: [AdState] = []
    var count = 0
    try json.readArray { index, json in
      count += 1
      guard count <= adCount.upperBound else { return try json.skipValue() }
      let path = FieldPath.element(of: "ad_states", index)
      if let ad = try read(&json, &fields, at: path, account: account) { ads.append(ad) }
    }
    if count > adCount.upperBound {
      fields.note("ad_states", "\(count) ads", "must be at most \(adCount.upperBound)")
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
    var (adID, impressions, clicks) = (AdID?.none, Int?.none, Int?.none)
    var (spend, pipelineValue, cashRevenue) = (Money?.none, Money?.none, Money?.none)
    var (ageHours, currentBudget) = (Double?.none, Money?.none)
    let given = try json.readObject(keys) { key, json in
      switch key {
      case .known(0): adID = try fields.adID("ad_id", &json, at: path)
      case .known(1): impressions = try fields.count("impressions", &json, at: path)
      case .known(2): clicks = try fields.count("clicks", &json, at: path)
      case .known(3): spend = try fields.amount("spend", &json, at: path)
      case .known(4): pipelineValue = try fields.amount("pipeline_value", &json, at: path)
      case .known(5): cashRevenue = try fields.amount("cash_revenue", &json, at: path)
      case .known(6): ageHours = try fields.number("age_hours", &json, at: path, in: 0...1e6)
      case .known:
        if try !json.readNull() { currentBudget = try fields.amount("current_budget", &json, at: path) }
      case .unknown(let key): try fields.unknown(key, &json, at: path, known: fieldNames.joined(separator: ", "))
      }
    }
    guard let adID, let impressions, let clicks, let spend, let pipelineValue, let cashRevenue, let ageHours else {
      for (index, name) in fieldNames.dropLast().enumerated() where given & (1 << UInt64(index)) == 0 {
        fields.missing(name, at: path)
      }
      return nil
    }
    do {
      return try AdState(
        accountID: account, adID: adID, impressions: impressions, clicks: clicks, spend: spend.majorUnits,
        pipelineValue: pipelineValue.majorUnits, cashRevenue: cashRevenue.majorUnits, ageHours: ageHours,
        statedDailyBudget: currentBudget?.majorUnits)
    } catch {
      fields.note(path.appending(error.field), error.value, error.rule)
      return nil
    }
  }

  /// The fields in order; the last, `current_budget`, is optional.
  private static let keys = JSONKeys(
    "ad_id", "impressions", "clicks", "spend", "pipeline_value", "cash_revenue", "age_hours", "current_budget")

  private static let fieldNames = [
    "ad_id", "impressions", "clicks", "spend", "pipeline_value", "cash_revenue", "age_hours", "current_budget",
  ]
}
