import Accounts
import Formats
import Values
import Web

/// The bodies and answers of attribution.
enum AttributionCoding {
  /// Reads a click for `caller`; the default moment is `now`.
  static func readClick(_ body: [UInt8], caller: Principal, now: Instant) throws -> Click {
    var otherAccount: String?
    let click = try FieldReader.read(body) { json, fields in
      var (clickID, adID, clickedAt) = (String?.none, AdID?.none, Instant?.none)
      var given = Set<String>()
      try json.readObject { key, json in
        given.insert(key)
        if ["account_id", "clicked_at"].contains(key), try json.readNull() { return }
        switch key {
        case "click_id": clickID = try readName(key, &json, &fields)
        case "ad_id": adID = try fields.adID(key, &json, at: .root)
        case "clicked_at": clickedAt = try readMoment(key, &json, &fields, latest: now)
        case "account_id": otherAccount = try readOtherAccount(&json, &fields, caller)
        default:
          try fields.unknown(key, &json, at: .root, known: "account_id, ad_id, click_id, clicked_at")
        }
      }
      for key in ["click_id", "ad_id"] where !given.contains(key) { fields.missing(key, at: .root) }
      guard let clickID, let adID else { return nil as Click? }
      return Click(id: clickID, adID: adID, clickedAt: clickedAt ?? now)
    }
    if let otherAccount { _ = try caller.ownAccount(named: otherAccount, field: "account_id") }
    return click
  }

  /// Reads a conversion for `caller`.
  static func readConversion(_ body: [UInt8], caller: Principal, now: Instant) throws -> Conversion {
    var otherAccount: String?
    let conversion = try FieldReader.read(body) { json, fields in
      var conversion = Conversion(dealID: "")
      var dealID: String?
      try json.readObject { key, json in
        if key != "deal_id", ["account_id", "ad_id", "click_id", "converted_at", "landing_url"].contains(key),
          try json.readNull()
        {
          return
        }
        switch key {
        case "deal_id": dealID = try readName(key, &json, &fields, maxBytes: 256)
        case "ad_id": conversion.statedAd = try fields.adID(key, &json, at: .root)
        case "click_id": conversion.clickID = try readName(key, &json, &fields)
        case "converted_at": conversion.convertedAt = try readMoment(key, &json, &fields, latest: now)
        case "landing_url":
          conversion.landingPage = try fields.string(key, &json, at: .root, maxBytes: LandingPage.limit)
        case "account_id": otherAccount = try readOtherAccount(&json, &fields, caller)
        default:
          try fields.unknown(
            key, &json, at: .root, known: "account_id, ad_id, click_id, converted_at, deal_id, landing_url")
        }
      }
      guard let dealID else {
        if fields.problems.isEmpty { fields.missing("deal_id", at: .root) }
        return nil as Conversion?
      }
      conversion.dealID = dealID
      return conversion
    }
    if let otherAccount { _ = try caller.ownAccount(named: otherAccount, field: "account_id") }
    return conversion
  }

  private static func readName(
    _ key: String, _ json: inout JSONReader, _ fields: inout FieldReader, maxBytes: Int = 512
  ) throws -> String? {
    guard let text = try fields.canonicalString(key, &json, at: .root, maxBytes: maxBytes) else { return nil }
    guard !text.isEmpty else {
      fields.note(key, text, "must not be empty")
      return nil
    }
    return text
  }

  private static func readMoment(
    _ key: String, _ json: inout JSONReader, _ fields: inout FieldReader, latest: Instant
  ) throws -> Instant? {
    guard let text = try fields.string(key, &json, at: .root) else { return nil }
    guard let moment = Instant(text), moment <= latest.adding(seconds: 300) else {
      fields.note(key, text, "must be a moment such as 2026-11-01T10:00:00Z that is not in the future")
      return nil
    }
    return moment
  }

  private static func readOtherAccount(
    _ json: inout JSONReader, _ fields: inout FieldReader, _ caller: Principal
  ) throws -> String? {
    let name = try fields.string("account_id", &json, at: .root)
    return name == caller.accountID.value ? nil : name
  }

  static func reply(_ tracked: AttributionService.TrackedClick) -> Reply {
    Reply.object { json in
      json.member("click_id", tracked.click.id)
      json.member("ad_id", tracked.click.adID.value)
      json.member("clicked_at", tracked.click.clickedAt.description)
      json.member("is_new", tracked.isNew)
      json.key("credited_deals")
      json.array { json in for credit in tracked.credits { json.value(credit.dealID) } }
    }
  }

  static func write(_ credit: AttributionService.Credit, to json: inout JSONWriter) {
    json.member("deal_id", credit.dealID)
    json.member("ad_id", credit.attribution.adID?.value)
    json.member("method", credit.attribution.method?.rawValue)
    json.member("confidence", credit.attribution.confidence)
    json.member("reason", credit.attribution.reason)
    json.member("attributed_at", credit.at.description)
  }
}

extension AttributionEvidence.Clues {
  /// Adds the clues in a landing page's URL: an ad's id in one of the account's parameters, and Meta's id of the click.
  package mutating func add(landingPage address: String, visitedAt: Instant?, _ settings: CRMSettings) {
    let page = LandingPage(address)
    for name in settings.adURLParameters {
      guard let value = page.value(of: name) else { continue }
      add(
        AttributionEvidence.Candidate(
          method: .landingPage, name: name, value: String(value.prefix(256)), at: visitedAt))
    }
    if let id = page.value(of: "fbclid") { add(clickID: id) }
  }
}
