import Formats
import Values

/// The members of one JSON element, with its position in the file.
struct JSONFields {
  private let file: String
  private let line: Int
  private let object: JSONValue

  /// `file` and `line` say where the value was read. Throws a ``RowProblem`` where it is not an object.
  init(_ value: JSONValue, file: String, line: Int) throws(RowProblem) {
    guard value.kind == .object else {
      throw RowProblem(file: file, line: line, column: "", value: value.kind.rawValue, rule: "must be an object")
    }
    self.file = file
    self.line = line
    object = value
  }

  /// Throws a ``RowProblem`` where the element is not an object.
  init(_ element: JSONElementStream.Element, file: String) throws(RowProblem) {
    self.file = file
    line = element.line
    do {
      object = try JSONReader.read(element.bytes) { try $0.readValue() }
    } catch {
      throw RowProblem(file: file, line: element.line, column: "\(element.column)", value: "", rule: "\(error)")
    }
    guard object.kind == .object else {
      throw RowProblem(
        file: file, line: element.line, column: "\(element.column)", value: object.kind.rawValue,
        rule: "must be an object")
    }
  }

  func value(_ key: String) -> JSONValue? {
    object[key].flatMap { $0.kind == .null ? nil : $0 }
  }

  /// A string or a number, as text; nil where it is missing, null or empty.
  func text(_ key: String) -> String? {
    value(key)?.scalarText.flatMap { $0.isEmpty ? nil : $0 }
  }

  func requiredText(_ key: String) throws(RowProblem) -> String {
    guard let text = text(key) else { throw problem(key, "missing", "is required") }
    return text
  }

  func count(_ key: String) throws(RowProblem) -> Int? {
    guard let text = text(key) else { return nil }
    guard let number = Int(text) else { throw problem(key, text, "must be a whole number") }
    return number
  }

  func number(_ key: String) throws(RowProblem) -> Double? {
    guard let text = text(key) else { return nil }
    guard let number = Double(text), number.isFinite, number >= 0 else {
      throw problem(key, text, "must be a number, 0 or more")
    }
    return number
  }

  func amount(_ key: String) throws(RowProblem) -> Money? {
    guard let text = text(key) else { return nil }
    guard let amount = Money(decimal: text) else {
      throw problem(key, text, "must be a number such as 1234.56, at most \(Money.largestInput)")
    }
    return amount
  }

  func problem(_ key: String, _ value: String, _ rule: String) -> RowProblem {
    RowProblem(file: file, line: line, column: key, value: value, rule: rule)
  }
}

extension JSONValue {
  /// The text of a string or a number; nil for every other kind.
  package var scalarText: String? {
    switch self {
    case .string(let text), .number(let text): text
    case .null, .bool, .array, .object: nil
    }
  }
}
