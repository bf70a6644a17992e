import Web

extension JobOperatorError: APIErrorConvertible {
  package var apiError: APIError {
    switch self {
    case .unknown: APIError(.notFound, self)
    case .refused: APIError(.conflict, self)
    }
  }
}
