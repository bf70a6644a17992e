import Measurement
import Testing

/// A row that breaks a rule, and what an import must say of it.
struct BadRow: CustomTestStringConvertible, Sendable {
  let text: String
  let column: String
  let value: String
  let rule: String

  init(_ text: String, column: String, value: String, rule: String) {
    self.text = text
    self.column = column
    self.value = value
    self.rule = rule
  }

  var testDescription: String { "\(column) '\(value)'" }

  /// Expects `error` to be about this row alone, on `line` of `file`.
  func expect(_ error: ImportError, in file: String, line: Int, sourceLocation: SourceLocation = #_sourceLocation) {
    let place = column.isEmpty ? "" : "column \(column) is '\(value)': "
    let first = "\(file):\(line): \(place)\(rule)\nNothing was imported from this file. "
    #expect(error.description.hasPrefix(first), sourceLocation: sourceLocation)
    guard case .badRows(let problems, let count) = error, let problem = problems.first else {
      Issue.record("\(error) is not about a row", sourceLocation: sourceLocation)
      return
    }
    #expect(count == 1, sourceLocation: sourceLocation)
    #expect(
      [problem.file, problem.column, problem.value, problem.rule] == [file, column, value, rule],
      sourceLocation: sourceLocation)
    #expect(problem.line == line, sourceLocation: sourceLocation)
  }
}
