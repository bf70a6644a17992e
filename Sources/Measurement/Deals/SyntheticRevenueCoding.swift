import Accounts
import DecisionEngine
import Formats
import Values
import Web

/// The bodies and answers of the synthetic revenue routes.
enum SyntheticRevenueCoding {
  struct Move {
    var from: String?
    var to: String
    var amount: Money?
  }

  struct ROASRequest {
    var adID: AdID
    var spend: Money
    var deals: [(stage: String, amount: Money?)]
  }

  static func readMove(_ body: [UInt8], caller: Principal) throws -> Move {
    try readBody(body, caller: caller, required: ["stage_to"], optional: ["stage_from", "deal_amount"]) {
      json, fields, given in
      var (from, to, amount) = (String?.none, String?.none, Money?.none)
      try json.readObject { key, json in
        switch try given.take(key, &json, &fields) {
        case "stage_from": from = try fields.string(key, &json, at: .root, maxBytes: 64)
        case "stage_to": to = try fields.string(key, &json, at: .root, maxBytes: 64)
        case "deal_amount": amount = try fields.amount(key, &json, at: .root)
        case .some: try given.refuse(key, &json, &fields)
        case .none: return
        }
      }
      return to.map { Move(from: from, to: $0, amount: amount) }
    }
  }

  static func readROAS(_ body: [UInt8], caller: Principal) throws -> ROASRequest {
    try readBody(body, caller: caller, required: ["ad_id", "spend", "deals"], optional: []) {
      json, fields, given in
      var (adID, spend, deals) = (AdID?.none, Money?.none, [(stage: String, amount: Money?)]?.none)
      try json.readObject { key, json in
        switch try given.take(key, &json, &fields) {
        case "ad_id": adID = try fields.adID(key, &json, at: .root)
        case "spend": spend = try fields.amount(key, &json, at: .root)
        case "deals": deals = try readDeals(&json, &fields)
        case .some: try given.refuse(key, &json, &fields)
        case .none: return
        }
      }
      guard let adID, let spend, let deals else { return nil }
      return ROASRequest(adID: adID, spend: spend, deals: deals)
    }
  }

  static func readAccountOnly(_ body: [UInt8], caller: Principal) throws {
    _ = try readBody(body, caller: caller, required: [], optional: []) { json, fields, given in
      try json.readObject { key, json in
        if try given.take(key, &json, &fields) != nil { try given.refuse(key, &json, &fields) }
      }
      return true
    }
  }

  /// The fields that a body has given so far.
  struct GivenFields {
    fileprivate let required: [String]
    fileprivate let optional: [String]
    fileprivate let caller: Principal
    fileprivate var keys = Set<String>()
    fileprivate var otherAccount: String?

    /// Returns the key whose value must be read; nil where it has been processed (`account_id`, or an optional null).
    mutating func take(
      _ key: String, _ json: inout JSONReader, _ fields: inout FieldReader
    ) throws -> String? {
      keys.insert(key)
      if optional.contains(key), try json.readNull() { return nil }
      guard key == "account_id" else { return key }
      if let name = try fields.string(key, &json, at: .root), name != caller.accountID.value { otherAccount = name }
      return nil
    }

    func refuse(_ key: String, _ json: inout JSONReader, _ fields: inout FieldReader) throws {
      try fields.unknown(key, &json, at: .root, known: (required + optional).joined(separator: ", "))
    }
  }

  private static func readBody<Body>(
    _ bytes: [UInt8], caller: Principal, required: [String], optional: [String],
    _ read: (inout JSONReader, inout FieldReader, inout GivenFields) throws -> Body?
  ) throws -> Body {
    var given = GivenFields(required: required, optional: optional + ["account_id"], caller: caller)
    let body = try FieldReader.read(bytes) { json, fields in
      let body = try read(&json, &fields, &given)
      for key in required where !given.keys.contains(key) { fields.missing(key, at: .root) }
      return body
    }
    if let other = given.otherAccount { _ = try caller.ownAccount(named: other, field: "account_id") }
    return body
  }

  private static func readDeals(
    _ json: inout JSONReader, _ fields: inout FieldReader
  ) throws -> [(stage: String, amount: Money?)]? {
    guard try json.peekKind() == .array else {
      fields.note("deals", try json.peekKind().rawValue, "must be a list of deals")
      try json.skipValue()
      return nil
    }
    var deals: [(stage: String, amount: Money?)] = []
    try json.readArray { index, json in
      let path = FieldPath.element(of: "deals", index)
      guard try json.peekKind() == .object else {
        fields.note(path.appending(""), try json.peekKind().rawValue, "must be an object")
        return try json.skipValue()
      }
      var (stage, amount, given) = (String?.none, Money?.none, false)
      try json.readObject { key, json in
        switch key {
        case "stage":
          given = true
          stage = try fields.string(key, &json, at: path, maxBytes: 64)
        case "amount":
          if try !json.readNull() { amount = try fields.amount(key, &json, at: path) }
        default: try fields.unknown(key, &json, at: path, known: "stage, amount")
        }
      }
      if !given { fields.missing("stage", at: path) }
      if let stage { deals.append((stage, amount)) }
    }
    return deals
  }

  static func reply(_ revenue: SyntheticRevenue, currency: Currency) -> Reply {
    Reply.object { json in
      json.member("stage_from", revenue.from?.name)
      json.member("stage_to", revenue.to.name)
      json.money("value_before", revenue.valueBefore)
      json.money("value_after", revenue.valueAfter)
      json.money("synthetic_revenue", revenue.value)
      json.member("confidence", revenue.confidence)
      json.member("currency", currency.code)
    }
  }

  static func reply(
    _ adID: AdID, spend: Money, deals: Int, _ totals: PipelineTotals, currency: Currency
  ) -> Reply {
    Reply.object { json in
      json.member("ad_id", adID.value)
      json.member("spend", spend.majorUnits)
      json.member("num_deals", deals)
      json.money("pipeline_value", totals.pipelineValue)
      json.money("cash_revenue", totals.cashRevenue)
      json.member("pipeline_roas", totals.pipelineValue.majorUnits / max(spend.majorUnits, 0.01))
      json.member("cash_roas", totals.cashRevenue.majorUnits / max(spend.majorUnits, 0.01))
      json.member("currency", currency.code)
    }
  }
}

extension SyntheticRevenueCoding {
  private static let account: (String, Schema) = (
    "account_id", .text("The key's own account.", length: 1...64)
  )
  private static let stageName = Schema.text("One of the account's stages.", length: 1...64)

  static let moveRequest = Schema.object(
    required: [("stage_to", stageName)],
    optional: [
      ("stage_from", .text("The stage the deal left; none for a new deal.", length: 1...64)),
      ("deal_amount", .amount("The deal's own amount, where known: it counts once the deal is won.")), account,
    ]
  ).named("SyntheticRevenueRequest")

  static let moveResponse = Schema.object(
    required: [
      ("stage_to", .string("The stage the deal entered.")),
      ("value_before", .answeredAmount("Value of the deal before the move.")),
      ("value_after", .answeredAmount("Value of the deal after the move.")),
      ("synthetic_revenue", .answeredAmount("The worth of the move: value_after - value_before.")),
      ("confidence", .number("How reliable the value is.", 0...1)),
      ("currency", .string("The currency of every amount.")),
    ], optional: [("stage_from", .string("The stage the deal left."))]
  ).named("SyntheticRevenue")

  static let roasRequest = Schema.object(
    required: [
      ("ad_id", .text("The ad's id.", length: 1...128)), ("spend", .amount("Money spent.")),
      (
        "deals",
        .array(
          of: .object(
            required: [("stage", stageName)], optional: [("amount", .amount("The deal's own amount, where known."))]))
      ),
    ], optional: [account]
  ).named("AdROASRequest")

  static let roasResponse = Schema.object(required: [
    ("ad_id", .string("The ad's id.")), ("spend", .answeredAmount("Money spent.")),
    ("num_deals", .integer("How many deals counted.")),
    ("pipeline_value", .answeredAmount("Value of the deals at their stages.")),
    ("cash_revenue", .answeredAmount("Revenue of the won ones.")),
    ("pipeline_roas", .number("pipeline_value / max(spend.majorUnits, 0.01).")),
    ("cash_roas", .number("cash_revenue / max(spend.majorUnits, 0.01).")),
    ("currency", .string("The currency of every amount.")),
  ]).named("AdROAS")

  static let stagesRequest = Schema.object(optional: [account]).named("StagesRequest")

  static let stagesResponse = Schema.object(required: [
    ("account_id", .string("The account.")), ("currency", .string("The currency of every amount.")),
    ("aov", .answeredAmount("Average order value.")), ("stages", .array(of: StageCoding.schema)),
  ]).named("Stages")
}
