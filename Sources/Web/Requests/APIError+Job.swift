import Jobs

/// A job that meets a refusal has failed, whatever the refusal says: it never counts as done.
extension APIError: JobError {
  /// A state that may change by itself is tried again; what only a person can change ends the job at once.
  package var verdict: JobVerdict {
    switch status {
    case .requestTimeout, .conflict, .preconditionFailed, .internalServerError, .serviceUnavailable:
      .retry(class: code, after: retryAfter.map { .seconds($0) })
    case .tooManyRequests where retryAfter != nil:
      .retry(class: code, after: retryAfter.map { .seconds($0) })
    case .badRequest, .unauthorized, .forbidden, .notFound, .methodNotAllowed, .contentTooLarge,
      .unsupportedMediaType, .unprocessableContent, .tooManyRequests:
      .discard(class: code, reason: message)
    }
  }
}
