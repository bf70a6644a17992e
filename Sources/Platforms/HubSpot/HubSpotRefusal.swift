import Values

/// Why an event is not stored.
enum HubSpotRefusalReason: String, Hashable, Sendable, CaseIterable {
  /// It contains text that cannot be stored.
  case text
  /// It is about too many deals.
  case tooManyDeals = "too_many_deals"
  /// Its portal is not mapped, and the limit of events waiting for that is reached.
  case waitingLimit = "waiting_limit"
  /// Its portal's account was deleted, or the portal was closed.
  case closedPortal = "closed_portal"
  /// It was signed with a secret that is not valid for its portal's account.
  case foreignSigner = "foreign_signer"
}

/// How many events of a portal were not stored for one reason.
package struct HubSpotRefusal: Hashable, Sendable {
  /// HubSpot's id of the portal.
  package let portalID: Int64
  /// The reason, as one word.
  package let reason: String
  /// How many events.
  package let events: Int
  /// What was wrong with the last of them, and what can be done.
  package let detail: String
  /// When the last of them arrived.
  package let lastAt: Instant
}

/// An event that is not stored, and why.
struct RefusedHubSpotEvent: Hashable, Sendable {
  let portalID: Int64
  let reason: HubSpotRefusalReason
  let detail: String
}
