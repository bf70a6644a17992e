import Values

/// Why an event is not kept.
enum HubSpotRefusalReason: String, Hashable, Sendable, CaseIterable {
  /// It holds text that cannot be kept.
  case text
  /// It is about too many deals.
  case tooManyDeals = "too_many_deals"
  /// Nobody has mapped its portal, and as many events as may wait for that wait already.
  case waitingLimit = "waiting_limit"
  /// Its portal's account was deleted, or somebody closed the portal.
  case closedPortal = "closed_portal"
  /// It was signed by a secret that does not speak for its portal's account.
  case foreignSigner = "foreign_signer"
}

/// How many events of a portal were not kept for one reason.
package struct HubSpotRefusal: Hashable, Sendable {
  /// HubSpot's account.
  package let portalID: Int64
  /// The reason, in a word.
  package let reason: String
  /// How many events.
  package let events: Int
  /// What was wrong with the last of them, and what can be done.
  package let detail: String
  /// When the last of them came.
  package let lastAt: Instant
}

/// An event that is not kept, and why.
struct RefusedHubSpotEvent: Hashable, Sendable {
  let portalID: Int64
  let reason: HubSpotRefusalReason
  let detail: String
}
