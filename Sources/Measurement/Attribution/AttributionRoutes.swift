import Accounts
import Formats
import Values
import Web

/// Which ad brought which deal, over HTTP.
package struct AttributionRoutes: Sendable {
  private let attributions: AttributionService
  private let clock: @Sendable () -> Instant

  package init(attributions: AttributionService, clock: @escaping @Sendable () -> Instant) {
    self.attributions = attributions
    self.clock = clock
  }

  package var endpoints: [Endpoint] {
    [
      Endpoint(
        .post, "/api/ml/attribution/track-click", operationID: "trackClick",
        summary: "Stores a click on an ad that a landing page reports with its visitor's consent; deals whose contacts "
          + "carry it are credited to the ad.",
        tag: "Attribution", access: .role(.operator), request: Self.clickRequest, response: Self.clickResponse,
        handle: trackClick),
      Endpoint(
        .post, "/api/ml/attribution/attribute-conversion", operationID: "attributeConversion",
        summary: "Credits a deal to the ad that is named, or that the click or the landing page's URL leads to.",
        tag: "Attribution", access: .role(.operator), request: Self.conversionRequest, response: Self.credit,
        handle: attributeConversion),
      Endpoint(
        .get, "/api/attributions", operationID: "listAttributions",
        summary: "The latest credits, with method and reason; `credited=false` lists the deals of no ad.",
        tag: "Attribution", access: .role(.viewer),
        query: [
          QueryParameter("credited", .choice("Only deals credited to an ad, or only the others.", ["true", "false"])),
          QueryParameter("limit", .integer("The most to return; 100 by default.", 1...500)),
        ], response: Self.list, handle: list),
    ]
  }

  @Sendable private func trackClick(_ call: Call) async throws -> Reply {
    let caller = try call.caller()
    let click = try AttributionCoding.readClick(call.body, caller: caller, now: clock())
    return AttributionCoding.reply(try await attributions.track(click, of: caller.accountID))
  }

  @Sendable private func attributeConversion(_ call: Call) async throws -> Reply {
    let caller = try call.caller()
    let conversion = try AttributionCoding.readConversion(call.body, caller: caller, now: clock())
    let credit = try await attributions.attribute(conversion, of: caller.accountID, by: caller.actor)
    return Reply.object { AttributionCoding.write(credit, to: &$0) }
  }

  @Sendable private func list(_ call: Call) async throws -> Reply {
    let account = try call.caller().accountID
    let credited = try call.choice("credited", of: ["true", "false"]).map { $0 == "true" }
    let limit = try call.integer("limit", in: 1...500) ?? 100
    let credits = try await attributions.list(of: account, credited: credited, limit: limit)
    return Reply.object { json in
      json.key("attributions")
      json.array { json in
        for credit in credits { json.object { AttributionCoding.write(credit, to: &$0) } }
      }
    }
  }

  private static let clickRequest = Schema.object(
    required: [
      ("click_id", .text("The click's id, such as an `fbclid`.", length: 1...512)),
      ("ad_id", .text("The ad.", length: 1...128)),
    ],
    optional: [
      ("account_id", .text("The key's own account.")),
      ("clicked_at", .formatted("When it was clicked; now by default.", "date-time")),
    ]
  ).named("ClickReport")

  private static let clickResponse = Schema.object(required: [
    ("click_id", .string("The click.")), ("ad_id", .string("The ad: the first report of a click counts.")),
    ("clicked_at", .formatted("When.", "date-time")), ("is_new", .bool("Whether it was reported for the first time.")),
    ("credited_deals", .array(of: .string("A deal that is credited to the ad because of it."))),
  ])

  private static let conversionRequest = Schema.object(
    required: [("deal_id", .text("The CRM's id of the deal.", length: 1...256))],
    optional: [
      ("account_id", .text("The key's own account.")),
      ("ad_id", .text("The ad, where it is known: it takes precedence over everything else.", length: 1...128)),
      ("click_id", .text("The id of a reported click.", length: 1...512)),
      ("landing_url", .text("The URL on which the visitor arrived.", length: 0...LandingPage.limit)),
      ("converted_at", .formatted("When the deal was created.", "date-time")),
    ]
  ).named("Conversion")

  private static let credit = Schema.object(required: [
    ("deal_id", .string("The deal.")), ("ad_id", .string("The ad; null for none.").orNull()),
    (
      "method",
      .choice("How the ad was found; null for none.", AttributionMethod.allCases.map(\.rawValue)).orNull()
    ),
    ("confidence", .number("How reliable it is.", 0...1)), ("reason", .string("Why, or why not.")),
    ("attributed_at", .formatted("Since when.", "date-time")),
  ]).named("Attribution")

  private static let list = Schema.object(required: [("attributions", .array(of: credit))])
}
