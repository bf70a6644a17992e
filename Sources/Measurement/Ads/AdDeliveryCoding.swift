import Formats
import Storage
import Values
import Web

/// An ad's delivery as JSON.
package enum AdDeliveryCoding {
  /// Writes the delivery's fields into an open object.
  package static func write(_ delivery: AdDelivery, to json: inout JSONWriter) {
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

  /// Reads what ``write(_:to:)`` wrote for `adID`. Throws where it is something else.
  package static func read(_ json: JSONValue, of adID: AdID) throws -> AdDelivery {
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
  package static let schema = Schema.object(
    required: [
      ("ad_id", .string("The ad's id.", length: 1...128)),
      ("state", .choice("Whether the ad runs.", DeliveryState.allCases.map(\.rawValue))),
      ("source", .choice("What decides the state.", ["person", "file", "inferred"])),
      ("reason", .string("Why, in words.")),
    ],
    optional: [
      ("last_delivery", .formatted("The last day on which it was shown or cost something.", "date")),
      ("stated_by", .string("The person or file that stated it.")),
      ("stated_at", .formatted("When this system learned of it.", "date-time")),
      ("stated_as_of", .formatted("The last day of the file's figures.", "date")),
    ]
  ).named("LeftOutAd")
}
