import Formats
import Synchronization
import Values

/// HubSpot in memory: one account with deals, contacts and pipelines, answered for over HTTP, that fails on request.
package final class FakeHubSpot: Sendable {
  struct State: Sendable {
    var portal: FakePortal
    var limits = FakeLimits()
    var counters = FakeCounters()
    var faults: FakeFaults
    var withheldScopes: [String] = []
    var associationPage = 500
    var requests: [FakeRequest] = []
    var answers = 0
  }

  /// The token that callers must show.
  package let token: String
  let clock: @Sendable () -> Instant
  let state: Mutex<State>

  /// Makes an account without deals, whose faults follow from `seed`.
  ///
  /// With `usesGenericEvents` its webhooks tell of `object.*` instead of `deal.*`.
  package init(
    token: String = "pat-na1-fake", seed: UInt64 = 1, usesGenericEvents: Bool = false,
    clock: @escaping @Sendable () -> Instant
  ) {
    self.token = token
    self.clock = clock
    state = Mutex(
      State(
        portal: FakePortal(usesGenericEvents: usesGenericEvents, at: clock()), faults: FakeFaults(seed: seed)))
  }

  /// Makes or changes a deal; its contacts stay as they are where `contacts` is nil. `at` is now where it is nil.
  package func setDeal(
    _ id: Int64, _ properties: [String: String], contacts: [Int64]? = nil, at instant: Instant? = nil
  ) {
    let instant = instant ?? clock()
    state.withLock { $0.portal.setDeal(id, properties, contacts: contacts, at: instant) }
  }

  /// Makes or changes a contact.
  package func setContact(_ id: Int64, _ properties: [String: String]) {
    let now = clock()
    state.withLock { $0.portal.setContact(id, properties, at: now) }
  }

  /// Deletes a deal; returns false where there is none.
  @discardableResult
  package func deleteDeal(_ id: Int64) -> Bool {
    let now = clock()
    return state.withLock { $0.portal.setArchived(id, true, at: now) }
  }

  /// Brings a deleted deal back; returns false where there is none.
  @discardableResult
  package func restoreDeal(_ id: Int64) -> Bool {
    let now = clock()
    return state.withLock { $0.portal.setArchived(id, false, at: now) }
  }

  /// Makes the number of one deal lead to another; returns false where either is missing.
  @discardableResult
  package func mergeDeal(_ id: Int64, into survivor: Int64) -> Bool {
    let now = clock()
    return state.withLock { $0.portal.merge(id, into: survivor, at: now) }
  }

  /// Adds a pipeline, written as HubSpot writes it, or replaces the one of the same id.
  package func setPipeline(_ pipeline: JSONValue) {
    state.withLock { state in
      state.portal.pipelines.removeAll { $0["id"] == pipeline["id"] }
      state.portal.pipelines.append(pipeline)
    }
  }

  /// Changes when and how requests fail.
  package func setFaults(_ change: (inout FakeFaults) -> Void) {
    state.withLock { change(&$0.faults) }
  }

  /// Lets `faults` happen to the next requests, one each.
  package func failNext(_ faults: FakeFault...) {
    setFaults { $0.next += faults }
  }

  /// Changes the limits of calls.
  package func setLimits(_ change: (inout FakeLimits) -> Void) {
    state.withLock { change(&$0.limits) }
  }

  /// Takes scopes from the token: every call is refused until they are given back.
  package func withhold(scopes: [String]) {
    state.withLock { $0.withheldScopes = scopes }
  }

  /// How many contacts a page of associations holds at most.
  package func setAssociationPage(_ size: Int) {
    state.withLock { $0.associationPage = size }
  }

  /// The requests so far, those included that failed.
  package var requests: [FakeRequest] { state.withLock(\.requests) }

  /// Answers one request.
  func reply(to request: FakeRequest) -> FakeReply {
    let now = clock()
    return state.withLock { state in
      state.requests.append(request)
      state.answers += 1
      let fault = state.faults.draw()
      var reply = fault.flatMap { state.faults.reply(for: $0) } ?? state.checkedReply(to: request, token, at: now)
      reply.fault = fault
      if !request.path.hasSuffix("/search") { reply.headers += state.counters.headers(state.limits) }
      if reply.status >= 400, case .object(var object) = reply.body {
        object.members.append(.init(key: "correlationId", value: .string("fake-\(state.answers)")))
        reply.body = .object(object)
      }
      return reply
    }
  }
}

extension FakeFaults {
  /// The answer that a fault gives instead of the right one; nil where it only spoils that one's way.
  fileprivate func reply(for fault: FakeFault) -> FakeReply? {
    switch fault {
    case .tenSecondly: return .rateLimited("TEN_SECONDLY_ROLLING", retryAfter: nil)
    case .tenSecondlyRetryAfter: return .rateLimited("TEN_SECONDLY_ROLLING", retryAfter: retryAfterSeconds)
    case .daily: return .rateLimited("DAILY", retryAfter: nil)
    case .dailyRetryAfter: return .rateLimited("DAILY", retryAfter: retryAfterSeconds)
    case .serverError: return FakeReply(500, ["status": "error", "message": "internal error"])
    case .badGateway: return FakeReply(502, ["message": "bad gateway"])
    case .serviceUnavailable: return FakeReply(503, ["message": "service unavailable"])
    case .locked: return .error(423, "LOCKED", "the record is locked")
    case .moving:
      var reply = FakeReply(477, ["message": "the account is being moved"])
      reply.headers.append(("Retry-After", "\(retryAfterSeconds)"))
      return reply
    case .slow, .never, .stalled, .truncated, .cutJSON: return nil
    }
  }
}

extension FakeHubSpot.State {
  /// Checks the caller and the limits before anything is looked up.
  fileprivate mutating func checkedReply(to request: FakeRequest, _ token: String, at now: Instant) -> FakeReply {
    guard request.authorization == "Bearer \(token)" else {
      return .error(401, "INVALID_AUTHENTICATION", "The access token is missing, wrong or expired")
    }
    if let policy = counters.count(isSearch: request.path.hasSuffix("/search"), limits, at: now) {
      return .rateLimited(policy, retryAfter: nil)
    }
    guard withheldScopes.isEmpty else {
      let scopes = JSONValue.array(withheldScopes.map(JSONValue.string))
      return .error(
        403, "MISSING_SCOPES", "The app lacks scopes for this call",
        [("errors", [["message": "scopes are missing", "context": ["requiredGranularScopes": scopes]]])])
    }
    return route(request)
  }
}
