import Web

extension APIKeyError: APIErrorConvertible {
  package var apiError: APIError {
    switch self {
    case .invalid(let problem): APIError(.unprocessableContent, self, details: [problem])
    case .unknown: APIError(.notFound, self)
    case .tooMany, .ended: APIError(.conflict, self)
    }
  }
}

extension AuthenticationError: APIErrorConvertible {
  package var apiError: APIError {
    switch self {
    case .noKey: APIError(.unauthorized, self).counted(as: .noKey)
    case .unknownKey: APIError(.unauthorized, self).counted(as: .unknownKey)
    case .expiredKey: APIError(.unauthorized, self).counted(as: .expiredKey)
    case .disabledAccount: APIError(.forbidden, self).counted(as: .disabledAccount)
    case .rateLimited(_, let seconds):
      APIError(.tooManyRequests, self, retryAfter: seconds).counted(as: .rateLimited)
    }
  }
}
