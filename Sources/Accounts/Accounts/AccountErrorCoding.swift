import Web

extension AccountError: APIErrorConvertible {
  package var apiError: APIError {
    switch self {
    case .unknown, .gone: APIError(.notFound, self)
    case .exists, .busy, .rowsLeft: APIError(.conflict, self)
    case .roleMayNotDelete: APIError(.forbidden, self)
    }
  }
}
