import DecisionEngine
import Formats
import RemoteAPIs
import Testing
import Values

@testable import Sandbox

/// What becomes of the world's leads in HubSpot, and what its webhooks tell of it.
struct PortalTests {
  private static let url = "https://ads.example.com/webhooks/hubspot"

  private func deals(_ bench: SandboxBench) async throws -> [JSONValue] {
    var deals: [JSONValue] = []
    var after: String?
    repeat {
      let query =
        "limit=100&properties=dealstage,amount,ad_id,pipeline&propertiesWithHistory=dealstage&associations=contacts"
      let page = await bench.hubSpot(
        "GET", "/crm/v3/objects/deals", query: query + (after.map { "&after=\($0)" } ?? ""))
      #expect(page.status == 200)
      deals += try #require(page.body["results"]?.arrayValue)
      after = page.body["paging"]?["next"]?["after"]?.stringValue
    } while after != nil
    return deals
  }

  /// The ad that a deal's own property, its contact's, or the address of its contact's visit names.
  private func ad(of deal: JSONValue, _ bench: SandboxBench) async throws -> String? {
    if let ad = deal["properties"]?["ad_id"]?.stringValue { return ad }
    let id = try #require(deal["associations"]?["contacts"]?["results"]?.arrayValue?.first?["id"]?.stringValue)
    let query = "properties=utm_content,hs_analytics_last_url"
    let contact = await bench.hubSpot("GET", "/crm/v3/objects/contacts/\(id)", query: query).body["properties"]
    if let ad = contact?["utm_content"]?.stringValue { return ad }
    let address = contact?["hs_analytics_last_url"]?.stringValue ?? ""
    return FormText.pairs(String(address.split(separator: "?").last ?? "")).first { $0.name == "utm_content" }?.value
  }

  @Test("Each lead is a contact and a deal, which name the ad as often as the market says, and never another")
  func leads() async throws {
    let bench = try SandboxBench(worldSettings(seed: 4))
    await bench.pass(days: 12)
    let deals = try await deals(bench)
    let ads = try #require(await bench.control("GET", "state").body["ads"]?.arrayValue)
    #expect(Int64(deals.count) == ads.reduce(0) { $0 + ($1["leads"]?.integer ?? 0) })
    var found: [String?: Int64] = [:]
    for deal in deals { found[try await ad(of: deal, bench), default: 0] += 1 }
    let unknown = Double(found.removeValue(forKey: nil) ?? 0) / Double(deals.count)
    #expect((0.02...0.25).contains(unknown))
    for ad in ads {
      let leads = ad["leads"]?.integer ?? 0
      #expect(found[ad["id"]?.stringValue] ?? 0 <= leads)
    }
    #expect(Set(found.keys.compactMap { $0 }).isSubset(of: ads.compactMap { $0["id"]?.stringValue }))
  }

  @Test("Deals go through the stages that every account has at first, and the won ones bring what is true")
  func stages() async throws {
    let bench = try SandboxBench(worldSettings(seed: 4))
    await bench.pass(days: 45)
    let known = StageValues.reference
    let pipeline = await bench.hubSpot("GET", "/crm/v3/pipelines/deals/default").body
    let stages = try #require(pipeline["stages"]?.arrayValue)
    for stage in stages {
      let own = try #require(known.stage(named: stage["id"]?.stringValue ?? ""))
      #expect(known.stage(named: stage["label"]?.stringValue ?? "") == own)
      #expect(stage["metadata"]?["isClosed"]?.stringValue == "\(own.kind != .open)")
    }
    #expect(stages.count == known.stages.count)
    var won: Int64 = 0
    for deal in try await deals(bench) {
      let history = try #require(deal["propertiesWithHistory"]?["dealstage"]?.arrayValue)
      let way = history.reversed().compactMap { $0["value"]?.stringValue }
      #expect(way.first == "lead" && way.allSatisfy { known.stage(named: $0) != nil })
      if way.last == "closedwon" {
        won += try #require(deal["properties"]?["amount"]?.stringValue.flatMap(Money.init(decimal:))).micros
      }
    }
    let totals = await bench.control("GET", "state").body["totals"]
    #expect(totals?["revenue"]?.stringValue.flatMap(Money.init(decimal:))?.micros == won)
    #expect(won > 0)
  }

  @Test("Webhooks tell of everything once, signed, in batches; nothing of what was before the clock began")
  func webhooks() async throws {
    let receiver = Receiver()
    let bench = try SandboxBench(worldSettings(seed: 4, history: 7), receiver: receiver) { $0.webhookURL = Self.url }
    await bench.sandbox.sendWebhooks()
    #expect(receiver.calls.isEmpty)
    let before = try await deals(bench).count
    await bench.pass(days: 5)
    let created = receiver.calls.flatMap(\.events).filter { $0["subscriptionType"] == "deal.creation" }
    #expect(created.count == (try await deals(bench).count) - before)
    let events = receiver.calls.flatMap(\.events).compactMap { $0["eventId"]?.integer }
    #expect(Set(events).count == events.count)
    let credentials = bench.sandbox.settings.credentials
    for call in receiver.calls {
      #expect((1...100).contains(call.events.count))
      #expect(call.events.allSatisfy { $0["portalId"]?.integer == credentials.portalID })
      guard case .bytes(let body) = call.body else { continue }
      let times = call.events.compactMap { $0["occurredAt"]?.integer }
      let header = { (name: String) in HTTPAnswer(status: 0, headers: call.headers).header(name) }
      let signedAt = try #require(header("X-HubSpot-Request-Timestamp").flatMap { Int64($0) })
      #expect(times.allSatisfy { $0 <= signedAt && $0 > signedAt - 3_601_000 - 1_800_000 })
      let check = try HubSpotSignatureCheck(
        publicURL: Self.url, secrets: [credentials.clientSecret], now: { Instant(microseconds: signedAt * 1_000) })
      let match = try check.match(
        HubSpotSignatureCheck.Request(
          method: "POST", query: nil, body: body, signatureV3: header("X-HubSpot-Signature-v3"),
          timestamp: "\(signedAt)"))
      #expect(match.version == .v3)
      #expect(try HubSpotWebhookEvent.parse(body).count == call.events.count)
    }
    let told = Set(receiver.calls.flatMap(\.events).compactMap { $0["propertyName"]?.stringValue })
    #expect(told.isSubset(of: DealBook.toldProperties) && told.isSuperset(of: ["ad_id", "dealstage"]))
  }

  @Test("A webhook that is not taken is sent again, and at last given up")
  func retries() async throws {
    let receiver = Receiver(500, 503, 204)
    let bench = try SandboxBench(worldSettings(seed: 4), receiver: receiver) { $0.webhookURL = Self.url }
    await bench.pass(days: 2)
    let calls = receiver.calls
    let again = calls.filter { $0.events.contains { $0["attemptNumber"] != 0 } }
    #expect(again.count == 2)
    #expect(again.allSatisfy { call in calls.contains { $0.events.count == call.events.count } })
    let state = await bench.control("GET", "state").body["webhooks"]
    #expect(state?["failed"] == 2)
    #expect(state?["waiting"] == 0)
    let deaf = Receiver(500)
    let other = try SandboxBench(worldSettings(seed: 4), receiver: deaf) { $0.webhookURL = Self.url }
    await other.pass(days: 4)
    let truth = await other.control("GET", "state").body["webhooks"]
    #expect(truth?["given_up"]?.integer ?? 0 > 0)
    #expect(truth?["taken"] == 0)
    #expect(deaf.calls.flatMap(\.events).compactMap { $0["attemptNumber"]?.integer }.max() == 10)
  }

  @Test("HubSpot asks for its own token")
  func token() async {
    let request = SandboxRequest(method: "GET", path: "/crm/v3/pipelines/deals", authorization: "Bearer pat-na1-other")
    let bench = try? SandboxBench(worldSettings())
    #expect(await bench?.sandbox.reply(to: request).status == 401)
  }
}
