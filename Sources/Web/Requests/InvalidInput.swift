import Formats

/// Invalid input: a request's body, or what was typed instead.
package enum InvalidInput: FeatureError, Equatable {
  case notJSON(String)
  /// At least one field violates a rule.
  case fields([FieldProblem])

  /// Classifies a JSON error: some invalid JSON is well formed, but nothing here can hold it.
  init(_ error: JSONError) {
    switch error.rule {
    case .typeMismatch, .numberOutOfRange, .duplicateKey, .tooDeep:
      self = .fields([
        FieldProblem(field: "body", value: "at byte \(error.offset)", rule: error.rule.description)
      ])
    default: self = .notJSON(error.description)
    }
  }

  package var code: String {
    switch self {
    case .notJSON: "invalid_json"
    case .fields: "invalid_field"
    }
  }

  package var description: String {
    switch self {
    case .notJSON(let problem): "the body is not JSON: \(problem)"
    case .fields(let problems): problems.first?.description ?? "a field is not valid"
    }
  }
}

extension InvalidInput: APIErrorConvertible {
  package var apiError: APIError {
    switch self {
    case .notJSON: APIError(.badRequest, self)
    case .fields(let problems): APIError(.unprocessableContent, self, details: problems)
    }
  }
}
