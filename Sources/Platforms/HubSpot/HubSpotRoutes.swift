import Formats
import RemoteAPIs
import Values
import Web

/// HubSpot's webhook, and how far its events have been processed.
package struct HubSpotRoutes: Sendable {
  private let intake: HubSpotIntake
  private let status: HubSpotStatusService

  package init(intake: HubSpotIntake, status: HubSpotStatusService) {
    self.intake = intake
    self.status = status
  }

  package var endpoints: [Endpoint] {
    [
      Endpoint(
        .post, "/webhooks/hubspot", operationID: "hubspotWebhook",
        summary: "Stores up to 100 events that HubSpot has signed (v3), and answers; they are processed "
          + "after that.",
        tag: "Webhooks", access: .open,
        headers: [
          "x-hubspot-signature-v3", "x-hubspot-request-timestamp", "x-hubspot-signature", "x-hubspot-signature-version",
        ],
        request: Self.events, bodyLimit: HubSpotIntake.bodyLimit, success: .accepted, response: Self.receipt,
        otherAnswers: [.unauthorized],
        handle: take),
      Endpoint(
        .get, "/api/hubspot", operationID: "getHubSpotStatus",
        summary: "The account's HubSpot portals, its events by state, what reconciling found, and the deals that "
          + "cannot be counted, with the reason.",
        tag: "Webhooks", access: .role(.viewer), response: Self.statusSchema, handle: show),
    ]
  }

  @Sendable private func take(_ call: Call) async throws -> Reply {
    let query = call.target.firstIndex(of: "?").map { String(call.target[call.target.index(after: $0)...]) }
    let report = try await intake.take(
      HubSpotSignatureCheck.Request(
        method: "POST", query: query, body: call.body, signatureV3: call.headers["x-hubspot-signature-v3"],
        timestamp: call.headers["x-hubspot-request-timestamp"], signature: call.headers["x-hubspot-signature"],
        signatureVersion: call.headers["x-hubspot-signature-version"]))
    return Reply.object { json in
      json.member("status", "queued")
      json.member("accepted", report.accepted)
      json.member("duplicates", report.duplicates)
      json.member("ignored", report.ignored)
      json.member("refused", report.refused)
    }
  }

  @Sendable private func show(_ call: Call) async throws -> Reply {
    let account = try call.caller().accountID
    let status = try await status.status(of: account)
    return Reply.object { json in
      json.member("account_id", account.value)
      json.member("webhook_configured", intake.isConfigured)
      json.key("portals")
      json.array { json in
        for portal in status.portals {
          json.object { json in
            json.member("portal_id", portal.id)
            json.member("reconciled_at", portal.reconciledAt?.description)
            json.member("deals_checked", portal.dealsChecked)
            json.member("deals_repaired", portal.dealsRepaired)
            json.member("ads_repaired", portal.adsRepaired)
          }
        }
      }
      json.key("events")
      json.object { json in
        json.member("queued", status.queued)
        json.member("applied", status.applied)
        json.member("ignored", status.ignored)
      }
      json.key("refused_events")
      json.array { json in
        for refusal in status.refusals {
          json.object { json in
            json.member("portal_id", refusal.portalID)
            json.member("reason", refusal.reason)
            json.member("events", refusal.events)
            json.member("detail", refusal.detail)
            json.member("last_at", refusal.lastAt.description)
          }
        }
      }
      json.key("held_deals")
      json.array { json in
        for deal in status.held {
          json.object { json in
            json.member("deal_id", deal.dealID)
            json.member("reason", deal.reason)
          }
        }
      }
    }
  }

  /// HubSpot's events, with the fields that are read; further fields are ignored.
  private static let events = Schema.array(
    of: .openObject(required: [
      ("eventId", .integer("HubSpot's id of the event.")),
      ("portalId", .integer("HubSpot's account.")),
      ("occurredAt", .integer("When it happened, in milliseconds since 1970.", 0...253_402_300_799_999)),
      (
        "subscriptionType",
        .string("What happened, such as `deal.propertyChange`.", length: 1...100, pattern: "^[A-Za-z0-9._-]+$")
      ),
    ]).named("HubSpotEvent"), count: 1...100)

  private static let receipt = Schema.object(required: [
    ("status", .string("`queued`.")), ("accepted", .integer("Events that were stored and will be processed.")),
    ("duplicates", .integer("Events that were received before.")),
    ("ignored", .integer("Events that were stored but concern no deal.")),
    ("refused", .integer("Events that cannot be stored; the account's status counts them with the reason.")),
  ])

  private static let statusSchema = Schema.object(required: [
    ("account_id", .string("The account.")),
    ("webhook_configured", .bool("Whether this process has an address and a secret for the webhook.")),
    (
      "portals",
      .array(
        of: .object(required: [
          ("portal_id", .integer("HubSpot's id of the portal.")),
          ("reconciled_at", .formatted("When it was last compared.", "date-time").orNull()),
          ("deals_checked", .integer("Deals that were compared.")),
          ("deals_repaired", .integer("Deals that webhooks missed.")),
          ("ads_repaired", .integer("Ads whose sums differed from those of their deals.")),
        ]))
    ),
    (
      "events",
      .object(required: [
        ("queued", .integer("Events that are waiting.")), ("applied", .integer("Events that were applied.")),
        ("ignored", .integer("Events that concern no deal.")),
      ])
    ),
    (
      "refused_events",
      .array(
        of: .object(required: [
          ("portal_id", .integer("HubSpot's id of the portal.")),
          ("reason", .choice("Why they are not stored.", HubSpotRefusalReason.allCases.map(\.rawValue))),
          ("events", .integer("How many events.")), ("detail", .string("What was wrong with the last of them.")),
          ("last_at", .formatted("When the last of them arrived.", "date-time")),
        ]))
    ),
    (
      "held_deals",
      .array(
        of: .object(required: [
          ("deal_id", .string("The deal.")), ("reason", .string("Why it is not counted as in HubSpot.")),
        ]))
    ),
  ])
}
