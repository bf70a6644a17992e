import Web

extension DecisionError: APIErrorConvertible {
  package var apiError: APIError {
    let status: APIError.Status =
      switch self {
      case .invalid, .selection, .tooManyFigures: .unprocessableContent
      case .unknown, .removed: .notFound
      case .unknownPolicyVersion: .conflict
      }
    return APIError(status, self, details: problem.map { [$0] } ?? [])
  }
}
