import RemoteAPIs

/// The results for the events of a request.
package struct HubSpotIntakeReport: Hashable, Sendable {
  /// Events that were stored and will be processed. An account's own secret gets the same result for events of portals
  /// that are not the account's, so that it reveals nothing about others' portals.
  package var accepted = 0
  /// Events that were received before.
  package var duplicates = 0
  /// Events that were stored but concern no deal.
  package var ignored = 0
  /// Events that were not stored; the portal's status counts them with the reason.
  package var refused = 0

  /// Counts a new event.
  mutating func take(_ kind: HubSpotWebhookEvent.Kind) {
    if kind == .other { ignored += 1 } else { accepted += 1 }
  }
}
