import DecisionEngine
import Formats
import Measurement
import Values
import Web

/// The body and the answer of `feedback`.
enum FeedbackCoding {
  private static let required = ["ad_id", "date", "impressions", "clicks", "spend"]
  private static let optional = [
    "account_id", "ad_name", "reach", "frequency", "leads", "pipeline_value", "cash_revenue",
  ]

  /// Reads an ad's day for `caller`. Throws an ``InvalidInput`` that names each invalid field.
  static func read(_ body: [UInt8], caller: Principal) throws -> DailyMetrics {
    var otherAccount: String?
    let day = try FieldReader.read(body) { json, fields in
      var (adID, date, spend) = (AdID?.none, CalendarDay?.none, Money?.none)
      var (impressions, clicks) = (Int?.none, Int?.none)
      var day: DailyMetrics?
      var optional: [(inout DailyMetrics) -> Void] = []
      var given = Set<String>()
      try json.readObject { key, json in
        given.insert(key)
        if Self.optional.contains(key), try json.readNull() { return }
        switch key {
        case "ad_id": adID = try fields.adID(key, &json, at: .root)
        case "date": date = try fields.day(key, &json, at: .root)
        case "impressions": impressions = try fields.count(key, &json, at: .root)
        case "clicks": clicks = try fields.count(key, &json, at: .root)
        case "spend": spend = try fields.amount(key, &json, at: .root)
        case "account_id":
          if let name = try fields.string(key, &json, at: .root), name != caller.accountID.value {
            otherAccount = name
          }
        case "ad_name":
          let name = try fields.string(key, &json, at: .root)
          optional.append { $0.adName = name }
        case "reach":
          let reach = try fields.count(key, &json, at: .root)
          optional.append { $0.reach = reach }
        case "leads":
          let leads = try fields.count(key, &json, at: .root)
          optional.append { $0.leads = leads }
        case "frequency":
          let frequency = try fields.number(key, &json, at: .root, in: 0...1e6)
          optional.append { $0.frequency = frequency }
        case "pipeline_value":
          let value = try fields.amount(key, &json, at: .root)
          optional.append { $0.pipelineValue = value }
        case "cash_revenue":
          let value = try fields.amount(key, &json, at: .root)
          optional.append { $0.cashRevenue = value }
        default: try fields.unknown(key, &json, at: .root, known: (required + Self.optional).joined(separator: ", "))
        }
      }
      for key in required where !given.contains(key) { fields.missing(key, at: .root) }
      if let adID, let date, let impressions, let clicks, let spend {
        var read = DailyMetrics(adID: adID, day: date, impressions: impressions, clicks: clicks, spend: spend)
        for set in optional { set(&read) }
        day = read
      }
      return day
    }
    if let otherAccount { _ = try caller.ownAccount(named: otherAccount, field: "account_id") }
    return day
  }

  static func reply(_ result: FeedbackResult) -> Reply {
    Reply.object { json in
      let ad = result.state
      json.member("ad_id", ad.adID.value)
      json.member("impressions", ad.impressions)
      json.member("clicks", ad.clicks)
      json.member("spend", ad.spend)
      json.member("pipeline_value", ad.pipelineValue)
      json.member("cash_revenue", ad.cashRevenue)
      json.member("ctr", ad.ctr)
      json.member("pipeline_roas", ad.pipelineROAS)
      json.member("is_winner", result.isWinner)
      json.member("wins_by_roas", result.winsByROAS)
      json.member("wins_by_ctr", result.winsByCTR)
    }
  }
}
