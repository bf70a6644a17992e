import Values

extension Call {
  /// A query parameter that is one of `words`; nil where it is absent.
  package func choice(_ name: String, of words: [String]) throws -> String? {
    guard let value = queryParameters[name] else { return nil }
    guard words.contains(value) else {
      throw APIError.invalid(field: name, value: value, rule: "must be one of \(words.joined(separator: ", "))")
    }
    return value
  }

  /// An integer query parameter; nil where it is absent.
  package func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
    guard let value = queryParameters[name] else { return nil }
    guard let number = Int(value), range.contains(number) else {
      throw APIError.invalid(
        field: name, value: value, rule: "must be \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A text query parameter with this many characters; nil where it is absent.
  package func text(_ name: String, length: ClosedRange<Int>) throws -> String? {
    guard let value = queryParameters[name] else { return nil }
    guard length.contains(value.count) else {
      throw APIError.invalid(
        field: name, value: value, rule: "must have \(length.lowerBound) to \(length.upperBound) characters")
    }
    return value
  }

  /// A query parameter that is `true` or `false`; false where it is absent.
  package func flag(_ name: String) throws -> Bool {
    try choice(name, of: ["true", "false"]) == "true"
  }
}
