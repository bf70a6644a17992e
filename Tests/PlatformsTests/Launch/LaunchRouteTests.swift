import App
import AppTestKit
import Formats
import HTTPTypes
import TestKit
import Testing
import Values
import Web

@testable import Platforms

@Suite("Launches over HTTP")
struct LaunchRouteTests {
  private static func body(_ change: [String: String?] = [:]) -> String {
    var members: [String: String?] = [
      "name": #""Hook A""#, "video_url": #""https://cdn.example/v.mp4?sig=1""#, "page_id": #""111""#,
      "adset_id": #""\#(LaunchBench.adSet)""#, "primary_text": #""one\ntwo""#, "headline": #""H""#,
      "link": #""https://shop.example.com/p""#, "instagram_user_id": #""17841400000000000""#,
    ]
    members.merge(change) { $1 }
    let text = members.compactMap { name, value in value.map { "\"\(name)\": \($0)" } }.sorted()
    return "{\(text.joined(separator: ", "))}"
  }

  @Test("An operator starts and retries, a viewer sees")
  func roles() async throws {
    let bench = try await LaunchBench()
    try await bench.test.serving(as: .viewer) { api in
      #expect(try await api.post("/api/launches", Self.body()).refusal().status == 403)
      let listed = try await api.send(.get, "/api/launches").done()
      #expect(try listed.list("launches").isEmpty)
    }
    try await bench.test.serving(as: .operator) { api in
      let answer = try await api.post("/api/launches", Self.body())
      #expect(answer.status == 202)
      let started = try answer.json
      let id = try started.text("launch_id")
      #expect(try started.text("state") == "requested")
      #expect(try started.text("primary_text") == "one\ntwo")
      #expect(try started.text("video") == "https://cdn.example/v.mp4?…")
      #expect(try started.text("call_to_action") == "LEARN_MORE")
      #expect(try await api.send(.post, "/api/launches/\(id)/retry").status == 202)
    }
    let launch = try #require(try await bench.test.system.launches.list(LaunchFilter(), of: bench.account).first)
    let id = launch.id
    #expect(try await bench.finish(launch).state == .launched)
    try await bench.test.serving(as: .viewer) { api in
      let shown = try await api.send(.get, "/api/launches/\(id)").done()
      #expect(try shown.text("state") == "launched")
      #expect(try shown.text("review.verdict") == "pending")
      #expect(try shown.text("review.status") == "PAUSED")
      let listed = try await api.send(.get, "/api/launches?state=launched&limit=1").done()
      #expect(try listed.list("launches").count == 1)
      #expect(try await api.send(.post, "/api/launches/\(id)/retry").refusal().status == 403)
    }
    try await bench.test.serving(as: .operator) { api in
      let again = try await api.send(.post, "/api/launches/\(id)/retry").refusal()
      #expect(again.status == 409)
      #expect(again.code == "launched")
      #expect(try await api.send(.get, "/api/launches/nothing").refusal().status == 404)
      #expect(try await api.send(.get, "/api/launches/\(String(repeating: "0", count: 24))").refusal().status == 404)
    }
  }

  @Test(
    "What breaks a rule is named",
    arguments: [
      ("link", #""http://shop.example.com""#), ("link", #""https://shop.example.com/?utm_content=spring""#),
      ("link", #""https://shop.example.com/{{ad.id}}""#), ("video_url", #""file:///etc/passwd""#),
      ("video_url", #""https://""#), ("page_id", #""me""#), ("adset_id", "5"), ("name", #""""#),
      ("primary_text", #""a\tb""#), ("call_to_action", #""BUY""#), ("conversion_domain", #""localhost""#),
      ("headline", nil), ("video", #""/etc/passwd""#), ("status", #""ACTIVE""#),
    ] as [(String, String?)])
  func invalid(_ field: String, _ value: String?) async throws {
    let bench = try await LaunchBench()
    try await bench.test.serving(as: .operator) { api in
      let refusal = try await api.post("/api/launches", Self.body([field: value])).refusal()
      #expect(refusal.status == 422)
      #expect(refusal.fields == [field])
    }
    #expect(try await bench.test.system.launches.list(LaunchFilter(), of: bench.account).isEmpty)
  }

  @Test("Without an ad account it says what is missing")
  func unconnected() async throws {
    let bench = try await LaunchBench(connects: false)
    try await bench.test.serving(as: .operator) { api in
      let refusal = try await api.post("/api/launches", Self.body()).refusal()
      #expect(refusal.status == 409)
      #expect(refusal.code == "ad_account_unavailable")
    }
  }
}
