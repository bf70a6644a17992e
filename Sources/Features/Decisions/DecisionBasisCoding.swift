import Database
import Formats
import Values

/// What a decision on stored ads stands on, as JSON: in answers, and in what is stored of a decision.
enum DecisionBasisCoding {
  /// Writes the basis's fields into an open object.
  static func write(_ basis: DecisionBasis, to json: inout JSONWriter) {
    json.member("figures_as_of", basis.figuresAsOf.description)
    json.member("figures_age_days", basis.figuresAgeDays)
    json.member("deals_as_of", basis.dealsAsOf?.description)
    json.member("figures_warning", basis.warning)
    json.member("num_left_out", basis.leftOut.count)
    json.key("left_out")
    json.array { json in
      for ad in basis.leftOut { json.object { write(ad, to: &$0) } }
    }
  }

  private static func write(_ ad: LeftOutAd, to json: inout JSONWriter) {
    json.member("ad_id", ad.adID.value)
    AdDeliveryCoding.write(ad.delivery, to: &json)
  }

  /// Reads what ``write(_:to:)`` wrote. Throws where it is something else.
  static func read(_ json: JSONValue) throws -> DecisionBasis {
    DecisionBasis(
      figuresAsOf: try required(json["figures_as_of"]?.stringValue.flatMap { CalendarDay($0) }),
      figuresAgeDays: try required(json["figures_age_days"]?.scalarText.flatMap { Int($0) }),
      dealsAsOf: try json["deals_as_of"]?.stringValue.map { try required(Instant($0)) },
      warning: json["figures_warning"]?.stringValue,
      leftOut: try required(json["left_out"]?.arrayValue).map { ad in
        let adID = try required(ad["ad_id"]?.stringValue.flatMap { AdID(stored: $0) })
        return LeftOutAd(adID: adID, delivery: try AdDeliveryCoding.read(ad, of: adID))
      })
  }

  private static func required<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw DatabaseError.unreadableColumn("inputs") }
    return value
  }

  /// The schemas of the fields, all of them in answers on stored ads alone.
  static let schemas: [(String, Schema)] = [
    ("figures_as_of", .formatted("The last day with figures of the account's stored ads.", "date")),
    ("figures_age_days", .integer("How many days before the decision that was.", 0...Int(Int32.max))),
    ("deals_as_of", .formatted("The moment of the deals' latest move.", "date-time")),
    ("figures_warning", .string("What is old, and what to do.")),
    ("num_left_out", .integer("How many stored ads were left out because they do not run.", 0...Int(Int32.max))),
    ("left_out", .array(of: AdDeliveryCoding.schema)),
  ]
}

/// An ad's delivery as JSON.
public enum AdDeliveryCoding {
  /// Writes the delivery's fields into an open object.
  public static func write(_ delivery: AdDelivery, to json: inout JSONWriter) {
    json.member("state", delivery.state.rawValue)
    json.member("source", delivery.sourceName)
    json.member("reason", delivery.reason)
    json.member("last_delivery", delivery.lastDelivery?.description)
    guard let statement = delivery.statement else { return }
    json.member("stated_at", statement.statedAt.description)
    switch statement.source {
    case .person(let name): json.member("stated_by", name)
    case .file(let name, let asOf):
      json.member("stated_by", name)
      json.member("stated_as_of", asOf.description)
    }
  }

  /// Reads what ``write(_:to:)`` wrote of `adID`. Throws where it is something else.
  static func read(_ json: JSONValue, of adID: AdID) throws -> AdDelivery {
    guard let state = json["state"]?.stringValue.flatMap(DeliveryState.init(rawValue:)) else { throw unreadable }
    let lastDelivery = try day(json["last_delivery"])
    guard let name = json["stated_by"]?.stringValue else {
      return AdDelivery(state: state, statement: nil, lastDelivery: lastDelivery)
    }
    guard let at = json["stated_at"]?.stringValue.flatMap({ Instant($0) }) else { throw unreadable }
    let source: DeliveryStatement.Source =
      try day(json["stated_as_of"]).map { .file(name, asOf: $0) } ?? .person(name)
    return AdDelivery(
      state: state, statement: DeliveryStatement(adID: adID, state: state, source: source, statedAt: at),
      lastDelivery: lastDelivery)
  }

  private static func day(_ json: JSONValue?) throws -> CalendarDay? {
    guard let text = json?.stringValue else { return nil }
    guard let day = CalendarDay(text) else { throw unreadable }
    return day
  }

  private static var unreadable: DatabaseError { .unreadableColumn("inputs") }

  /// The schema of an ad that was left out.
  static let schema = Schema.object(
    required: [
      ("ad_id", .string("The ad's id.", length: 1...128)),
      ("state", .choice("Whether the ad runs.", DeliveryState.allCases.map(\.rawValue))),
      ("source", .choice("Whose word for it counts.", ["person", "file", "inferred"])),
      ("reason", .string("Why, in words.")),
    ],
    optional: [
      ("last_delivery", .formatted("The last day on which it was shown or cost something.", "date")),
      ("stated_by", .string("Who, or which file, said so.")),
      ("stated_at", .formatted("When this system was told.", "date-time")),
      ("stated_as_of", .formatted("The last day of the file's figures.", "date")),
    ]
  ).named("LeftOutAd")
}
