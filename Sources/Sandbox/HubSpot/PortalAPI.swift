import Formats
import RemoteAPIs
import Values

/// HubSpot's API as far as deals, their contacts and their pipelines need it, over one account's records.
package struct PortalAPI: Sendable {
  /// What the account holds.
  package var portal: Portal
  /// The limits of calls.
  package var limits = PortalLimits()
  /// Scopes that the token lacks: every call is refused while there are any.
  package var withheldScopes: [String] = []
  /// How many contacts a page of associations holds at most.
  package var associationPage = 500
  private let token: Secret
  private var counters = PortalCounters()
  private var answers = 0

  /// Makes the API of an account; callers must show `token`.
  package init(_ portal: Portal, token: Secret) {
    self.portal = portal
    self.token = token
  }

  /// Answers one request.
  package mutating func reply(
    to request: SandboxRequest, _ faults: inout PortalFaults, at now: Instant
  ) -> SandboxReply {
    answers += 1
    let fault = faults.draw()
    var reply = fault.flatMap { faults.reply(for: $0) } ?? checkedReply(to: request, at: now)
    reply.mishap = fault.flatMap { faults.mishap(of: $0) }
    if !request.path.hasSuffix("/search") { reply.headers += counters.headers(limits) }
    if reply.status >= 400, case .object(var object) = reply.body {
      object.members.append(.init(key: "correlationId", value: .string("sandbox-\(answers)")))
      reply.body = .object(object)
    }
    return reply
  }

  /// Checks the caller and the limits before anything is looked up.
  private mutating func checkedReply(to request: SandboxRequest, at now: Instant) -> SandboxReply {
    let shown = request.authorization ?? ""
    guard shown.hasPrefix("Bearer "), token.isSame(as: String(shown.dropFirst(7))) else {
      return .portalError(
        401, "INVALID_AUTHENTICATION", "The access token is missing, wrong or expired")
    }
    if let policy = counters.count(isSearch: request.path.hasSuffix("/search"), limits, at: now) {
      return .rateLimited(policy, retryAfter: nil)
    }
    guard withheldScopes.isEmpty else {
      let scopes = JSONValue.array(withheldScopes.map(JSONValue.string))
      return .portalError(
        403, "MISSING_SCOPES", "The app lacks scopes for this call",
        [
          (
            "errors",
            [["message": "scopes are missing", "context": ["requiredGranularScopes": scopes]]]
          )
        ])
    }
    return route(request)
  }
}
