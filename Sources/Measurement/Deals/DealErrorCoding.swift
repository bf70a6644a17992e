import Web

extension DealError: APIErrorConvertible {
  package var apiError: APIError {
    let status: APIError.Status =
      switch self {
      case .sumTooLarge, .noWonStage: .unprocessableContent
      case .stageInUse: .conflict
      }
    return APIError(status, self, details: [problem])
  }
}
