import Web

extension LaunchError: APIErrorConvertible {
  package var apiError: APIError {
    switch self {
    case .unknown: APIError(.notFound, self)
    case .invalid(let problems): APIError(.unprocessableContent, self, details: problems)
    case .file(let problem): APIError(.unprocessableContent, self, details: [problem])
    case .tooMany, .done, .observing, .adAccount, .untraceable: APIError(.conflict, self)
    }
  }
}
