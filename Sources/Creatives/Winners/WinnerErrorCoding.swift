import Web

extension WinnerError: APIErrorConvertible {
  package var apiError: APIError {
    switch self {
    case .notRemembered, .unknownAd: APIError(.notFound, self)
    case .withoutDNA, .silentDNA: APIError(.conflict, self)
    case .noEmbedder, .embedderUnavailable, .dimension: APIError(.serviceUnavailable, self)
    case .embedderBusy: APIError(.serviceUnavailable, self, retryAfter: 5)
    case .textRefused: APIError(.unprocessableContent, self)
    case .invalid(let problem): APIError(.unprocessableContent, self, details: [problem])
    }
  }
}
