import Formats
import RemoteAPIs
import Values

/// A budget's schedules as stored JSON.
enum AdObjectCoding {
  static func text(_ schedules: [MetaBudgetSchedule]) -> String {
    var json = JSONWriter()
    json.array { json in
      for schedule in schedules.sorted(by: { $0.id < $1.id }) {
        json.object { json in
          json.member("id", schedule.id.value)
          switch schedule.value {
          case .absolute(let units): json.member("units", units)
          case .multiplier(let factor): json.member("factor", factor)
          }
          json.member("starts_at", schedule.startsAt.description)
          json.member("ends_at", schedule.endsAt.description)
          json.member("recurrence", schedule.recurrence)
        }
      }
    }
    return json.string
  }

  /// Nil where the text is something else.
  static func schedules(_ text: String) -> [MetaBudgetSchedule]? {
    guard let elements = (try? JSONReader.read(text) { try $0.readValue() })?.arrayValue else { return nil }
    let schedules = elements.compactMap(schedule)
    return schedules.count == elements.count ? schedules : nil
  }

  private static func schedule(_ json: JSONValue) -> MetaBudgetSchedule? {
    guard let id = json["id"]?.stringValue.flatMap(MetaID.init),
      let startsAt = json["starts_at"]?.stringValue.flatMap({ Instant($0) }),
      let endsAt = json["ends_at"]?.stringValue.flatMap({ Instant($0) })
    else { return nil }
    let value: MetaBudgetSchedule.Value
    if case .number(let units)? = json["units"], let units = Int64(units) {
      value = .absolute(units)
    } else if let factor = json["factor"]?.doubleValue {
      value = .multiplier(factor)
    } else {
      return nil
    }
    return MetaBudgetSchedule(
      id: id, value: value, startsAt: startsAt, endsAt: endsAt, recurrence: json["recurrence"]?.stringValue)
  }
}
