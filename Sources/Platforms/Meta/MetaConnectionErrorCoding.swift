import Web

extension MetaConnectionError: APIErrorConvertible {
  package var apiError: APIError {
    switch self {
    case .notConnected: APIError(.notFound, self)
    case .taken: APIError(.conflict, self)
    case .token(let problem): APIError(.unprocessableContent, self, details: [problem])
    }
  }
}
