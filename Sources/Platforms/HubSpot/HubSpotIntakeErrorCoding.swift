import RemoteAPIs
import Web

extension HubSpotIntakeError: APIErrorConvertible {
  package var apiError: APIError {
    switch self {
    case .notConfigured: APIError(.serviceUnavailable, self).counted(as: .webhookNotConfigured)
    case .tooBusy: APIError(.serviceUnavailable, self)
    case .notSigned(let error): APIError(.unauthorized, self).counted(as: error.refusal)
    case .unreadable(.tooLarge): APIError(.contentTooLarge, self)
    case .unreadable(.notJSON): APIError(.badRequest, self)
    case .unreadable:
      APIError(.unprocessableContent, self, details: problem.map { [$0] } ?? [])
    }
  }
}
