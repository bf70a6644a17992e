import DecisionEngine
import Formats

/// A way in which HubSpot can fail.
package enum PortalFault: String, CaseIterable, Sendable {
  /// 429 because of the limit of ten seconds, without Retry-After.
  case tenSecondly
  /// 429 because of the limit of ten seconds, with Retry-After.
  case tenSecondlyRetryAfter
  /// 429 because of the daily limit.
  case daily
  /// 429 because of the daily limit, with Retry-After.
  case dailyRetryAfter
  /// 500
  case serverError
  /// 502
  case badGateway
  /// 503
  case serviceUnavailable
  /// 423, the record is locked.
  case locked
  /// 477, the account is being moved, with Retry-After.
  case moving
  /// The right answer, late.
  case slow
  /// No answer until the connection is closed.
  case never
  /// Half of an answer, and then nothing until the connection is closed.
  case stalled
  /// An answer whose connection is closed before its Content-Length is reached.
  case truncated
  /// A complete answer with truncated JSON.
  case cutJSON
}

/// Decides which requests fail, and how.
package struct PortalFaults: Sendable {
  /// The faults of the next requests, in order, whatever the rates are.
  package var next: [PortalFault] = []
  /// The rate of each fault, as a share of the requests.
  package var rates: [PortalFault: Double] = [:]
  /// The delay of a slow answer, in milliseconds.
  package var delayMilliseconds: Int64 = 200
  /// The value of Retry-After, in seconds.
  package var retryAfterSeconds = 1
  private var stream: RandomStream

  /// Starts without faults; those that are set are drawn from `seed`.
  package init(seed: UInt64) {
    stream = RandomStream(seed: seed, name: "portal faults")
  }

  /// Divides `rate`, 0 to 1, equally among the faults that are temporary.
  package mutating func spread(_ rate: Double) {
    let passing: [PortalFault] = [
      .tenSecondlyRetryAfter, .serverError, .badGateway, .serviceUnavailable, .slow, .truncated,
      .cutJSON,
    ]
    rates = Dictionary(uniqueKeysWithValues: passing.map { ($0, rate / Double(passing.count)) })
  }

  /// Applies a sandbox's fault rates to HubSpot's answers.
  mutating func set(_ faults: FaultRates) {
    rates = [
      .slow: faults.rate(.latency), .tenSecondlyRetryAfter: faults.rate(.tooManyCalls),
      .serverError: faults.rate(.serverError),
    ]
    delayMilliseconds = faults.latencyMilliseconds / 2
  }

  /// The fault of the next request.
  mutating func draw() -> PortalFault? {
    if !next.isEmpty { return next.removeFirst() }
    var rest = stream.nextUniform()
    for fault in PortalFault.allCases {
      rest -= rates[fault] ?? 0
      if rest < 0 { return fault }
    }
    return nil
  }

  /// The answer that a fault gives instead of the right one; nil if the fault only affects its transmission.
  func reply(for fault: PortalFault) -> SandboxReply? {
    switch fault {
    case .tenSecondly: return .rateLimited("TEN_SECONDLY_ROLLING", retryAfter: nil)
    case .tenSecondlyRetryAfter:
      return .rateLimited("TEN_SECONDLY_ROLLING", retryAfter: retryAfterSeconds)
    case .daily: return .rateLimited("DAILY", retryAfter: nil)
    case .dailyRetryAfter: return .rateLimited("DAILY", retryAfter: retryAfterSeconds)
    case .serverError: return SandboxReply(500, ["status": "error", "message": "internal error"])
    case .badGateway: return SandboxReply(502, ["message": "bad gateway"])
    case .serviceUnavailable: return SandboxReply(503, ["message": "service unavailable"])
    case .locked: return .portalError(423, "LOCKED", "the record is locked")
    case .moving:
      var reply = SandboxReply(477, ["message": "the account is being moved"])
      reply.headers.append(("Retry-After", "\(retryAfterSeconds)"))
      return reply
    case .slow, .never, .stalled, .truncated, .cutJSON: return nil
    }
  }

  /// How a fault affects the transmission of an answer.
  func mishap(of fault: PortalFault) -> SandboxReply.Mishap? {
    switch fault {
    case .slow: .late(milliseconds: delayMilliseconds)
    case .never: .never
    case .stalled: .stalled
    case .truncated: .truncated
    case .cutJSON: .cutJSON
    case .tenSecondly, .tenSecondlyRetryAfter, .daily, .dailyRetryAfter, .serverError, .badGateway,
      .serviceUnavailable, .locked, .moving:
      nil
    }
  }
}
