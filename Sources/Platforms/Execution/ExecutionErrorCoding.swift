import Web

extension ExecutionError: APIErrorConvertible {
  package var apiError: APIError {
    switch self {
    case .unknownChange, .unknownBatch: APIError(.notFound, self)
    case .invalid(let problem): APIError(.unprocessableContent, self, details: [problem])
    case .changeState, .changeExpired, .observing, .stopped, .notTakenBack: APIError(.conflict, self)
    case .adAccount: APIError(.serviceUnavailable, self, retryAfter: 300)
    }
  }
}
