import Formats
import RemoteAPIs
import Sandbox
import Synchronization
import Values

/// The sandbox's HubSpot with records that a test sets: one account, answered for over HTTP, that fails on request.
package final class FakeHubSpot: Sendable {
  struct State: Sendable {
    var api: PortalAPI
    var faults: PortalFaults
    var requests: [SandboxRequest] = []
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
    let portal = Portal(
      id: 33, pipelines: [PortalPipelines.usual(at: clock())], usesGenericEvents: usesGenericEvents)
    state = Mutex(State(api: PortalAPI(portal, token: Secret(token)), faults: PortalFaults(seed: seed)))
  }

  /// Makes or changes a deal; its contacts stay as they are where `contacts` is nil. `at` is now where it is nil.
  package func setDeal(
    _ id: Int64, _ properties: [String: String], contacts: [Int64]? = nil, at instant: Instant? = nil
  ) {
    let instant = instant ?? clock()
    state.withLock { $0.api.portal.setDeal(id, properties, contacts: contacts, at: instant) }
  }

  /// Makes or changes a contact.
  package func setContact(_ id: Int64, _ properties: [String: String]) {
    let now = clock()
    state.withLock { $0.api.portal.setContact(id, properties, at: now) }
  }

  /// Deletes a deal; returns false where there is none.
  @discardableResult
  package func deleteDeal(_ id: Int64) -> Bool {
    let now = clock()
    return state.withLock { $0.api.portal.setArchived(id, true, at: now) }
  }

  /// Brings a deleted deal back; returns false where there is none.
  @discardableResult
  package func restoreDeal(_ id: Int64) -> Bool {
    let now = clock()
    return state.withLock { $0.api.portal.setArchived(id, false, at: now) }
  }

  /// Makes the number of one deal lead to another; returns false where either is missing.
  @discardableResult
  package func mergeDeal(_ id: Int64, into survivor: Int64) -> Bool {
    let now = clock()
    return state.withLock { $0.api.portal.merge(id, into: survivor, at: now) }
  }

  /// Adds a pipeline, written as HubSpot writes it, or replaces the one of the same id.
  package func setPipeline(_ pipeline: JSONValue) {
    state.withLock { $0.api.portal.setPipeline(pipeline) }
  }

  /// Changes when and how requests fail.
  package func setFaults(_ change: (inout PortalFaults) -> Void) {
    state.withLock { change(&$0.faults) }
  }

  /// Lets `faults` happen to the next requests, one each.
  package func failNext(_ faults: PortalFault...) {
    setFaults { $0.next += faults }
  }

  /// Changes the limits of calls.
  package func setLimits(_ change: (inout PortalLimits) -> Void) {
    state.withLock { change(&$0.api.limits) }
  }

  /// Takes scopes from the token: every call is refused until they are given back.
  package func withhold(scopes: [String]) {
    state.withLock { $0.api.withheldScopes = scopes }
  }

  /// How many contacts a page of associations holds at most.
  package func setAssociationPage(_ size: Int) {
    state.withLock { $0.api.associationPage = size }
  }

  /// The requests so far, those included that failed.
  package var requests: [SandboxRequest] { state.withLock(\.requests) }

  /// Answers one request.
  func reply(to request: SandboxRequest) -> SandboxReply {
    let now = clock()
    return state.withLock { state in
      state.requests.append(request)
      return state.api.reply(to: request, &state.faults, at: now)
    }
  }
}
