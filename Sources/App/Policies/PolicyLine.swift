import DecisionEngine
import Formats
import Values

/// What is wrong with an input line, and where.
package struct PolicyLineError: Error, CustomStringConvertible {
  /// The line's number, from 1; 0 for the file of stages.
  var line: Int
  /// The field, such as `deals[3].stage`.
  let field: String
  /// The value as it was given.
  let value: String
  /// What it must be.
  let rule: String

  package var description: String { (line > 0 ? "line \(line): " : "") + "\(field) is \(value): \(rule)" }

  var json: String {
    var json = JSONWriter()
    json.object { json in
      json.key("error")
      json.object { json in
        json.member("line", line)
        json.member("field", field)
        json.member("value", value)
        json.member("rule", rule)
      }
    }
    return json.string
  }
}

/// Parses lines of a day's observations for one funnel. Additional fields are the caller's own and are ignored.
struct PolicyLineReader {
  private static let adLimit = 20_000
  private static let rowLimit = 1_000_000
  /// The stage of a deal that ended without a sale.
  private static let lostStage = "lost"

  private let funnel: SalesFunnel
  private let currency: Currency

  init(funnel: SalesFunnel, currency: Currency) {
    self.funnel = funnel
    self.currency = currency
  }

  /// Parses one line. Throws the first ``PolicyLineError``; the caller must set its line number.
  func read(_ text: [UInt8]) throws(PolicyLineError) -> PolicyDay {
    let line = try PolicyFields(json: Self.parse(text, as: "line"), path: "")
    let now = try line.required("now").instant()
    let total = try line.required("total_budget")
    guard let amount = try total.amount().wholeMinorUnits(of: currency), amount > 0 else {
      throw total.problem("must be above 0, with at most \(currency.decimals) decimals in \(currency)")
    }
    return PolicyDay(
      now: now, totalBudget: amount, ads: try ads(line, now), metrics: try metrics(line), deals: try deals(line))
  }

  static func parse(_ text: [UInt8], as field: String) throws(PolicyLineError) -> JSONValue {
    do {
      return try JSONReader.read(text) { try $0.readValue() }
    } catch {
      throw PolicyLineError(line: 0, field: field, value: "not JSON", rule: "must be one JSON value: \(error)")
    }
  }

  private func ads(_ line: PolicyFields, _ now: Instant) throws(PolicyLineError) -> [AdListing] {
    var seen = Set<AdID>()
    var ads: [AdListing] = []
    for item in try line.required("ads").elements(atMost: Self.adLimit) {
      let field = try item.required("ad_id")
      let adID = try field.adID()
      guard seen.insert(adID).inserted else { throw field.problem("may occur only once") }
      ads.append(
        AdListing(
          adID: adID, launchedAt: try item.optional("launched_at")?.instant() ?? now,
          isActive: try item.optional("active")?.bool() ?? true))
    }
    return ads
  }

  private func metrics(_ line: PolicyFields) throws(PolicyLineError) -> [AdDay] {
    var days: [AdDay] = []
    for item in try line.optional("metrics")?.elements(atMost: Self.rowLimit) ?? [] {
      let impressions = try item.required("impressions").count()
      let clicks = try item.required("clicks")
      guard try clicks.count() <= impressions else {
        throw clicks.problem("must not exceed impressions (\(impressions))")
      }
      days.append(
        AdDay(
          adID: try item.required("ad_id").adID(), day: try item.required("date").day(),
          spend: try item.required("spend").amount().majorUnits, impressions: impressions, clicks: try clicks.count(),
          leads: try item.optional("leads")?.count()))
    }
    return days
  }

  private func deals(_ line: PolicyFields) throws(PolicyLineError) -> [DealEvent] {
    var events: [DealEvent] = []
    for item in try line.optional("deals")?.elements(atMost: Self.rowLimit) ?? [] {
      events.append(
        DealEvent(
          dealID: try item.required("deal_id").text(1...256), adID: try item.optional("ad_id")?.adID(),
          move: try move(item.required("stage")), occurredAt: try item.required("occurred_at").instant(),
          amount: try item.optional("amount")?.amount().majorUnits))
    }
    return events
  }

  private func move(_ field: PolicyFields) throws(PolicyLineError) -> DealEvent.Move {
    let name = try field.text(1...64)
    if let position = funnel.position(of: name) { return .entered(position) }
    guard name == Self.lostStage else {
      let names = funnel.stages.map(\.name).joined(separator: ", ")
      throw field.problem("must be one of \(names), or \(Self.lostStage)")
    }
    return .lost
  }

  /// Reads the file of stages: a list of `{"name", "value"}` in their order.
  static func funnel(_ text: [UInt8]) throws(PolicyLineError) -> SalesFunnel {
    let list = PolicyFields(json: try parse(text, as: "stages"), path: "stages")
    var stages: [SalesFunnel.Stage] = []
    for item in try list.elements(atMost: SalesFunnel.stageCount.upperBound) {
      let field = try item.required("name")
      let name = try field.text(1...64)
      guard name != lostStage else { throw field.problem("must have another name: this one ends a deal") }
      stages.append(SalesFunnel.Stage(name: name, value: try item.required("value").amount().majorUnits))
    }
    guard let funnel = SalesFunnel(stages) else {
      throw list.problem(
        "must be \(SalesFunnel.stageCount.lowerBound) to \(SalesFunnel.stageCount.upperBound) distinct stages"
      )
    }
    return funnel
  }
}
