import Web

extension AdError: APIErrorConvertible {
  package var apiError: APIError {
    switch self {
    case .invalid(let problem): APIError(.unprocessableContent, self, details: [problem])
    case .noAds: APIError(.unprocessableContent, self, details: [Self.noAdsProblem])
    // A caller sees the ads of only one account, so the answer need not name it.
    case .unknown(let adID, _): .notFound("ad \(adID)")
    case .figuresTooOld, .noRunningAds: APIError(.conflict, self)
    }
  }
}
