import Web

extension QuotaError: APIErrorConvertible {
  package var apiError: APIError { APIError(.tooManyRequests, self, retryAfter: retryAfter) }
}
