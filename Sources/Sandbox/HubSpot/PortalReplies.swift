import Formats
import Values

extension SandboxReply {
  /// An error in HubSpot's envelope; the correlation id is added when it is sent.
  package static func portalError(
    _ status: Int, _ category: String, _ message: String,
    _ more: [(key: String, value: JSONValue?)] = []
  ) -> SandboxReply {
    SandboxReply(
      status,
      .present(
        [
          ("status", "error"), ("message", .string(message)), ("category", .string(category)),
        ] + more))
  }

  /// A record that is not there.
  package static func recordMissing(_ what: String) -> SandboxReply {
    portalError(404, "OBJECT_NOT_FOUND", "No \(what) has this id, or it is deleted")
  }

  /// A request that breaks a rule.
  package static func ruleBroken(_ message: String) -> SandboxReply {
    portalError(400, "VALIDATION_ERROR", message)
  }

  /// A limit that is reached.
  static func rateLimited(_ policy: String, retryAfter: Int?) -> SandboxReply {
    var reply = SandboxReply(
      429,
      [
        "status": "error",
        "message": .string("You have reached your \(policy.lowercased()) limit."),
        "errorType": "RATE_LIMIT", "policyName": .string(policy),
        "requestId": "00000000-0000-4000-8000-000000000000",
      ])
    if let retryAfter { reply.headers.append(("Retry-After", "\(retryAfter)")) }
    return reply
  }
}

/// How HubSpot writes moments: RFC 3339 with three decimals, always.
func written(_ instant: Instant) -> JSONValue { .string(writtenText(instant)) }

/// A moment as the text of a property.
func writtenText(_ instant: Instant) -> String {
  let whole = Instant(seconds: instant.seconds)
  let milliseconds = (instant.microseconds - whole.microseconds) / 1_000
  let digits = String(milliseconds + 1_000).dropFirst()
  return "\(whole)".dropLast() + ".\(digits)Z"
}
