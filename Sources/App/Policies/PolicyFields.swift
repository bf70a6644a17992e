import Formats
import Values

/// A JSON value with its path in the line; errors name the path.
struct PolicyFields {
  let json: JSONValue
  let path: String

  /// A member that must be present and not null.
  func required(_ key: String) throws(PolicyLineError) -> PolicyFields {
    guard let member = try optional(key) else {
      throw PolicyLineError(line: 0, field: place(key), value: "missing", rule: "is required")
    }
    return member
  }

  /// A member that may be missing or null.
  func optional(_ key: String) throws(PolicyLineError) -> PolicyFields? {
    guard json.kind == .object else { throw problem("must be an object") }
    guard let value = json[key], value.kind != .null else { return nil }
    return PolicyFields(json: value, path: place(key))
  }

  func elements(atMost limit: Int) throws(PolicyLineError) -> [PolicyFields] {
    guard let elements = json.arrayValue else { throw problem("must be a list") }
    guard elements.count <= limit else {
      throw PolicyLineError(line: 0, field: path, value: "\(elements.count) elements", rule: "must be at most \(limit)")
    }
    return elements.enumerated().map { PolicyFields(json: $1, path: "\(path)[\($0)]") }
  }

  func text(_ length: ClosedRange<Int>) throws(PolicyLineError) -> String {
    guard let text = json.stringValue, length.contains(text.utf8.count) else {
      throw problem("must be text of \(length.lowerBound) to \(length.upperBound) bytes")
    }
    return text
  }

  func adID() throws(PolicyLineError) -> AdID {
    guard let adID = json.stringValue.flatMap({ AdID($0) }) else { throw problem("must be \(AdID.rule)") }
    return adID
  }

  func instant() throws(PolicyLineError) -> Instant {
    guard let instant = json.stringValue.flatMap({ Instant($0) }) else {
      throw problem("must be an RFC 3339 instant such as 2026-01-05T00:00:00Z")
    }
    return instant
  }

  func day() throws(PolicyLineError) -> CalendarDay {
    guard let day = json.stringValue.flatMap({ CalendarDay($0) }) else { throw problem("must be a date as YYYY-MM-DD") }
    return day
  }

  func bool() throws(PolicyLineError) -> Bool {
    guard case .bool(let truth) = json else { throw problem("must be true or false") }
    return truth
  }

  /// An amount of 0 to 10^9 major units: a number, which is rounded to the nearest millionth, or a decimal as text.
  func amount() throws(PolicyLineError) -> Money {
    guard
      let amount = json.doubleValue.flatMap({ $0 >= 0 ? Money(rounding: $0) : nil })
        ?? json.stringValue.flatMap({ Money(decimal: $0) }), amount >= .zero
    else { throw problem("must be a number from 0 to \(Money.largestInput)") }
    return amount
  }

  func count() throws(PolicyLineError) -> Int {
    guard let count = json.doubleValue.flatMap({ Int(exactly: $0) }), (0...1_000_000_000_000).contains(count) else {
      throw problem("must be a whole number from 0 to 10^12")
    }
    return count
  }

  func problem(_ rule: String) -> PolicyLineError {
    PolicyLineError(line: 0, field: path.isEmpty ? "line" : path, value: shown, rule: rule)
  }

  private func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  private var shown: String {
    var writer = JSONWriter()
    json.write(to: &writer)
    let text = json.stringValue ?? writer.string
    return text.count > 80 ? text.prefix(80) + "…" : text
  }
}
