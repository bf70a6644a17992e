import App
import AppTestKit
import DecisionEngine
import Formats
import HTTPTypes
import Measurement
import Storage
import Testing
import Values

/// Which ad a deal is credited to.
struct AttributionTests {
  private static let ad = "1202100000000001"

  private static func system() async throws -> TestSystem {
    let test = try await TestSystem(hubSpot: HubSpotSending.settings)
    try await test.importText("ad_id,date,impressions,clicks,spend\n\(ad),2026-05-20,1000,20,100\n", as: .adsCSV)
    try await test.importText(
      "id,dealstage,createdate\n7,show_up,2026-05-01T10:00:00Z\n", as: .hubspotDeals)
    return test
  }

  private static func pipeline(_ test: TestSystem) async throws -> Double? {
    try await test.states()[ad]?.pipelineValue
  }

  @Test("A click's id leads to the ad, whether the click or the deal is heard of first")
  func clicks() async throws {
    let test = try await Self.system()
    try await test.serving { api in
      let conversion = #"{"deal_id": "7", "click_id": "fb.1", "converted_at": "2026-05-01T10:00:00Z"}"#
      let before = try await api.post("/api/ml/attribution/attribute-conversion", conversion).done()
      #expect(before["ad_id"] == .null)
      #expect(try before.text("reason").contains("fb.1"))
      #expect(try await Self.pipeline(test) == 0)
      let waiting = try await api.send(.get, "/api/attributions?credited=false").done()
      #expect(try waiting.text("attributions.0.deal_id") == "7")
      let click = #"{"click_id": "fb.1", "ad_id": "\#(Self.ad)", "clicked_at": "2026-04-20T10:00:00Z"}"#
      let tracked = try await api.post("/api/ml/attribution/track-click", click).done()
      #expect(tracked["is_new"] == true)
      #expect(try tracked.list("credited_deals") == ["7"])
      #expect(try await Self.pipeline(test) == 9000)
      let again = try await api.post(
        "/api/ml/attribution/track-click", #"{"click_id": "fb.1", "ad_id": "other"}"#
      ).done()
      #expect(again["is_new"] == false)
      #expect(try again.text("ad_id") == Self.ad)
      let credited = try await api.send(.get, "/api/attributions?credited=true&limit=5").done()
      #expect(try credited.text("attributions.0.method") == "click")
    }
  }

  @Test("A click outside the account's window does not count")
  func window() async throws {
    let test = try await Self.system()
    try await test.configure(#"{"attribution_window_days": 7}"#)
    try await test.serving { api in
      let click = #"{"click_id": "fb.1", "ad_id": "\#(Self.ad)", "clicked_at": "2026-04-20T10:00:00Z"}"#
      _ = try await api.post("/api/ml/attribution/track-click", click)
      let conversion = #"{"deal_id": "7", "click_id": "fb.1", "converted_at": "2026-05-01T10:00:00Z"}"#
      let answer = try await api.post("/api/ml/attribution/attribute-conversion", conversion).done()
      #expect(answer["ad_id"] == .null)
      #expect(try answer.text("reason").contains("window of 7"))
    }
  }

  @Test("An address leads to the ad by its tags; a free word in a tag counts only if it is a known ad")
  func landingPages() async throws {
    let test = try await Self.system()
    let pages = [
      ("https://example.com/?utm_content=\(Self.ad)&x=1#top", Self.ad), ("https://example.com/?hsa_ad=55", "55"),
      ("https://example.com/?utm_content=summer+sale", nil), ("https://example.com/ad_id=1", nil),
      ("https://example.com/?utm_content=%31202100000000001", Self.ad),
    ]
    try await test.serving { api in
      for (page, ad) in pages {
        let body = #"{"deal_id": "7", "landing_url": "\#(page)"}"#
        let answer = try await api.post("/api/ml/attribution/attribute-conversion", body).done()
        #expect(answer["ad_id"]?.stringValue == ad, "\(page)")
      }
    }
  }

  @Test("An ad that is named stays until another is, and the sums follow")
  func stated() async throws {
    let test = try await Self.system()
    try await test.serving { api in
      func credit(_ body: String) async throws -> JSONValue {
        try await api.post("/api/ml/attribution/attribute-conversion", body).done()
      }
      let named = #"{"deal_id": "7", "ad_id": "\#(Self.ad)"}"#
      let first = try await credit(named)
      #expect(try first.number("confidence") == 1)
      #expect(try await Self.pipeline(test) == 9000)
      let address = #"{"deal_id": "7", "landing_url": "https://example.com/?ad_id=99"}"#
      #expect(try await credit(address).text("ad_id") == Self.ad)
      let another = #"{"deal_id": "7", "ad_id": "99"}"#
      #expect(try await credit(another).text("ad_id") == "99")
      #expect(try await Self.pipeline(test) == 0)
    }
  }

  @Test(
    "What breaks a rule is refused by name, and nothing is stored",
    arguments: [
      ("track-click", #"{"click_id": "", "ad_id": "1"}"#, "click_id"), ("track-click", #"{"ad_id": "1"}"#, "click_id"),
      ("track-click", #"{"click_id": "a", "ad_id": "1", "clicked_at": "2099-01-01T00:00:00Z"}"#, "clicked_at"),
      ("track-click", #"{"click_id": "a", "ad_id": " "}"#, "ad_id"),
      ("track-click", #"{"click_id": "a", "ad_id": "1", "ip": "10.0.0.1"}"#, "ip"),
      ("attribute-conversion", #"{}"#, "deal_id"),
      ("attribute-conversion", #"{"deal_id": "7", "fingerprint": "x"}"#, "fingerprint"),
    ])
  func refused(_ route: String, _ body: String, _ field: String) async throws {
    let test = try await Self.system()
    try await test.serving { api in
      let before = try await test.dump()
      let refusal = try await api.post("/api/ml/attribution/\(route)", body).refusal()
      #expect(refusal.status == 422)
      #expect(refusal.fields == [field])
      #expect(try await test.dump() == before)
    }
  }
}
