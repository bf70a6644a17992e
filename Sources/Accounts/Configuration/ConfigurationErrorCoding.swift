import Web

extension ConfigurationError: APIErrorConvertible {
  package var apiError: APIError {
    switch self {
    case .invalid(let problem): APIError(.unprocessableContent, self, details: [problem])
    case .unknownVersion: APIError(.notFound, self)
    case .changed: APIError(.preconditionFailed, self)
    case .currencyInUse: APIError(.conflict, self)
    }
  }
}
