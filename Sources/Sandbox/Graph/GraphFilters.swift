import Formats

/// The `filtering` of a request: all of its conditions must hold.
struct GraphFilters: Sendable {
  struct Condition: Sendable {
    /// The field, such as `ad.effective_status`.
    let field: String
    let comparison: Comparison
    let values: [String]
  }

  enum Comparison: String, Sendable {
    case isIn = "IN"
    case isNotIn = "NOT_IN"
    case isEqual = "EQUAL"
    case isNotEqual = "NOT_EQUAL"
    case contains = "CONTAIN"
    case doesNotContain = "NOT_CONTAIN"
    case isGreater = "GREATER_THAN"
    case isGreaterOrEqual = "GREATER_THAN_OR_EQUAL"
    case isLess = "LESS_THAN"
    case isLessOrEqual = "LESS_THAN_OR_EQUAL"
    case isAnyOf = "ANY"
  }

  /// What stands between the parts of a value that is a list.
  static let separator: Character = "\n"

  private(set) var conditions: [Condition] = []

  init(of call: GraphCall) throws(GraphError) {
    guard let text = call.parameters["filtering"] else { return }
    guard let items = JSONValue.parsed(text)?.arrayValue else {
      throw .invalid("Param filtering must be an array", field: "filtering")
    }
    for item in items {
      guard let field = item["field"]?.stringValue,
        let comparison = item["operator"]?.stringValue.flatMap(Comparison.init),
        let value = item["value"]
      else { throw .invalid("filtering must have field, operator and value", field: "filtering") }
      let values = (value.arrayValue ?? [value]).map {
        $0.stringValue ?? String(decoding: $0.bytes, as: UTF8.self)
      }
      conditions.append(Condition(field: field, comparison: comparison, values: values))
    }
  }

  /// Whether a condition is about one of the fields.
  func mentions(_ fields: String...) -> Bool {
    conditions.contains { fields.contains($0.field) }
  }

  /// Adds a condition of the same kind.
  mutating func add(_ field: String, isIn values: [String]) {
    conditions.append(Condition(field: field, comparison: .isIn, values: values))
  }

  /// Whether all conditions hold for what `value` says of a field. A field that it does not know is an error.
  func hold(_ value: (String) -> String?) throws(GraphError) -> Bool {
    for condition in conditions {
      guard let found = value(condition.field) else {
        throw .invalid("Filtering field (\(condition.field)) is invalid", field: "filtering")
      }
      guard condition.holds(for: found) else { return false }
    }
    return true
  }
}

extension GraphFilters.Condition {
  func holds(for found: String) -> Bool {
    let value = values.first ?? ""
    switch comparison {
    case .isIn: return values.contains(found)
    case .isAnyOf:
      return !Set(values).isDisjoint(
        with: found.split(separator: GraphFilters.separator).map(String.init))
    case .isNotIn: return !values.contains(found)
    case .isEqual: return found == value
    case .isNotEqual: return found != value
    case .contains: return found.lowercased().contains(value.lowercased())
    case .doesNotContain: return !found.lowercased().contains(value.lowercased())
    case .isGreater: return Self.number(found) > Self.number(value)
    case .isGreaterOrEqual: return Self.number(found) >= Self.number(value)
    case .isLess: return Self.number(found) < Self.number(value)
    case .isLessOrEqual: return Self.number(found) <= Self.number(value)
    }
  }

  private static func number(_ text: String) -> Double { Double(text) ?? .nan }
}
