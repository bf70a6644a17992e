import Formats
import Measurement
import Storage
import Values
import Web

/// What a decision about stored ads is based on, as JSON: in answers and in stored decisions.
enum DecisionBasisCoding {
  /// Writes the basis's fields into an open object; the ads that were left out only with `namesLeftOut`.
  static func write(_ basis: DecisionBasis, namesLeftOut: Bool = true, to json: inout JSONWriter) {
    json.member("figures_as_of", basis.figuresAsOf.description)
    json.member("figures_age_days", basis.figuresAgeDays)
    json.member("deals_as_of", basis.dealsAsOf?.description)
    json.member("figures_warning", basis.warning)
    guard namesLeftOut else { return }
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
      leftOut: try (json["left_out"]?.arrayValue ?? []).map { ad in
        let adID = try required(ad["ad_id"]?.stringValue.flatMap { AdID(stored: $0) })
        return LeftOutAd(adID: adID, delivery: try AdDeliveryCoding.read(ad, of: adID))
      })
  }

  private static func required<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw DatabaseError.unreadableColumn("inputs") }
    return value
  }

  /// The schemas of the fields, which only answers about stored ads have.
  static let schemas: [(String, Schema)] = [
    ("figures_as_of", .formatted("The last day with figures of the account's stored ads.", "date")),
    ("figures_age_days", .integer("How many days before the decision that was.", 0...Int(Int32.max))),
    ("deals_as_of", .formatted("The moment of the latest move of a deal.", "date-time")),
    ("figures_warning", .string("A warning about old figures, and what to do.")),
    ("num_left_out", .integer("How many stored ads were left out because they do not run.", 0...Int(Int32.max))),
    ("left_out", .array(of: AdDeliveryCoding.schema)),
  ]
}
