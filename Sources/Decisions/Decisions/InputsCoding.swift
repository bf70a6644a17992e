import DecisionEngine
import Formats
import Measurement
import Storage
import Values
import Web

/// A decision's inputs, as JSON.
enum InputsCoding {
  /// All that went in.
  static func text(_ inputs: SelectionInputs) -> String {
    var json = JSONWriter(reservingCapacity: 256 * (inputs.ads.count + 1))
    json.object { json in
      writeCall(inputs, namesLeftOut: true, to: &json)
      if let history = inputs.history {
        json.key("history")
        FunnelTalliesCoding.write(history, to: &json)
      }
      json.key("ad_states")
      json.array { json in
        for ad in inputs.ads { write(ad, to: &json) }
      }
    }
    return json.string
  }

  /// The inputs that came with the call, and that a ``Snapshot`` does not contain.
  static func callText(_ inputs: SelectionInputs) -> String {
    var json = JSONWriter()
    json.object { writeCall(inputs, namesLeftOut: false, to: &$0) }
    return json.string
  }

  private static func writeCall(_ inputs: SelectionInputs, namesLeftOut: Bool, to json: inout JSONWriter) {
    json.member("policy", inputs.policy.rawValue)
    json.member("total_budget_minor_units", inputs.totalBudget)
    json.member("seed", inputs.seed)
    json.member("limits_change", inputs.limitsChange)
    json.member("now", inputs.now.description)
    if let basis = inputs.basis {
      json.key("basis")
      json.object { DecisionBasisCoding.write(basis, namesLeftOut: namesLeftOut, to: &$0) }
    }
    json.key("creative_dna_scores")
    json.object { json in
      for (adID, score) in inputs.dnaScores.sorted(by: { $0.key < $1.key }) {
        json.key(adID.value)
        json.value(score)
      }
    }
  }

  private static func write(_ ad: AdState, to json: inout JSONWriter) {
    json.object { json in
      json.member("ad_id", ad.adID.value)
      json.member("impressions", ad.impressions)
      json.member("clicks", ad.clicks)
      json.member("spend", ad.spend)
      json.member("pipeline_value", ad.pipelineValue)
      json.member("cash_revenue", ad.cashRevenue)
      json.member("age_hours", ad.ageHours)
      json.member("current_budget", ad.statedDailyBudget)
    }
  }

  /// Reads what ``text(_:)`` or ``callText(_:)`` wrote. Throws where it is something else.
  static func read(_ text: String, account: AccountID) throws -> SelectionInputs {
    try FieldReader.readStored(text) { json, fields in
      var inputs = SelectionInputs(policy: .battleHardened, ads: [], now: Instant(seconds: 0), totalBudget: 0, seed: 0)
      try json.readObject { key, json in
        switch key {
        case "policy": inputs.policy = try fields.choice(key, &json, at: .root) ?? inputs.policy
        case "total_budget_minor_units": inputs.totalBudget = try json.readInteger()
        case "seed":
          guard let seed = UInt64(exactly: try json.readInteger()) else {
            throw DatabaseError.unreadableColumn("inputs")
          }
          inputs.seed = seed
        case "limits_change": inputs.limitsChange = try json.readBool()
        case "now":
          guard let now = Instant(try json.readString()) else { throw DatabaseError.unreadableColumn("inputs") }
          inputs.now = now
        case "basis": inputs.basis = try DecisionBasisCoding.read(json.readValue())
        case "history": inputs.history = try FunnelTalliesCoding.read(json.readValue())
        case "creative_dna_scores": inputs.dnaScores = try SelectRequest.readScores(&json, &fields) { AdID(stored: $0) }
        case "ad_states":
          try json.readArray { _, json in inputs.ads.append(try read(json.readValue(), account: account)) }
        default: try fields.unknown(key, &json, at: .root, known: "those of a stored decision")
        }
      }
      return inputs
    }
  }

  /// Reads an ad's totals, which may exceed the limits of requests: they are sums over imports.
  private static func read(_ ad: JSONValue, account: AccountID) throws -> AdState {
    let number = { (key: String) throws -> Double in
      guard let number = ad[key]?.doubleValue else { throw DatabaseError.unreadableColumn("inputs") }
      return number
    }
    guard let adID = ad["ad_id"]?.stringValue.flatMap({ AdID(stored: $0) }),
      let impressions = ad["impressions"]?.scalarText.flatMap({ Int($0) }),
      let clicks = ad["clicks"]?.scalarText.flatMap({ Int($0) })
    else { throw DatabaseError.unreadableColumn("inputs") }
    return try AdState(
      accountID: account, adID: adID, impressions: impressions, clicks: clicks, spend: number("spend"),
      pipelineValue: number("pipeline_value"), cashRevenue: number("cash_revenue"), ageHours: number("age_hours"),
      statedDailyBudget: ad["current_budget"]?.doubleValue)
  }
}
