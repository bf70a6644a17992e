import Values

extension Call {
  /// A parameter of the query that is one of `words`; nil where it is left out.
  package func choice(_ name: String, of words: [String]) throws -> String? {
    guard let value = queryParameters[name] else { return nil }
    guard words.contains(value) else {
      throw APIError.invalid(field: name, value: value, rule: "must be one of \(words.joined(separator: ", "))")
    }
    return value
  }

  /// A parameter of the query that is a whole number; nil where it is left out.
  package func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
    guard let value = queryParameters[name] else { return nil }
    guard let number = Int(value), range.contains(number) else {
      throw APIError.invalid(
        field: name, value: value, rule: "must be \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A parameter of the query that is a text of so many characters; nil where it is left out.
  package func text(_ name: String, length: ClosedRange<Int>) throws -> String? {
    guard let value = queryParameters[name] else { return nil }
    guard length.contains(value.count) else {
      throw APIError.invalid(
        field: name, value: value, rule: "must have \(length.lowerBound) to \(length.upperBound) characters")
    }
    return value
  }

  /// A parameter of the query that is `true` or `false`; false where it is left out.
  package func flag(_ name: String) throws -> Bool {
    try choice(name, of: ["true", "false"]) == "true"
  }
}
