import Accounts
import App
import AppTestKit
import DecisionEngine
import Decisions
import Formats
import HTTPTypes
import Measurement
import TestKit
import Testing
import Values

/// One thing has one identity, however Unicode lets its name be spelled.
struct SpellingTests {
  private static let header = "ad_id,date,impressions,clicks,spend\n"

  /// A canonical name and other spellings of it.
  static let spellings: [(name: String, others: [String])] = [
    ("Anzeige K\u{F6}ln", ["Anzeige Ko\u{308}ln"]),
    ("caf\u{E9}", ["cafe\u{301}"]),
    ("273 K", ["273 \u{212A}"]),
    ("\u{C5}ngstr\u{F6}m", ["A\u{30A}ngstro\u{308}m", "\u{212B}ngstr\u{F6}m"]),
    ("\u{D55C}\u{AD6D}", ["\u{1112}\u{1161}\u{11AB}\u{1100}\u{116E}\u{11A8}"]),
    ("\u{1E69}", ["s\u{307}\u{323}", "s\u{323}\u{307}", "\u{1E61}\u{323}"]),
    ("\u{3A9}hm", ["\u{2126}hm"]),
  ]

  @Test("An ad that files spell in several ways is one ad, and decisions on it go on", arguments: spellings)
  func files(_ name: String, _ others: [String]) async throws {
    let test = try await TestSystem()
    for (index, spelling) in ([name] + others).enumerated() {
      try await test.importText(Self.header + "\(spelling),2026-05-2\(index),1000,10,50\n", as: .adsCSV)
    }
    try await test.importText(
      "id,dealstage,ad_id,createdate\nd,show_up,\(others[0]),2026-05-20T10:00:00Z\n", as: .hubspotDeals)
    #expect(try await test.rowCounts()["ad_states"] == 1)
    let states = try await test.states()
    #expect(states.count == 1)
    #expect(states.keys.first.map { Array($0.utf8) } == Array(name.utf8))
    #expect(states[name]?.impressions == 1_000 * (1 + others.count))
    #expect(states[name]?.pipelineValue == 9_000)
    for policy in Policy.allCases {
      let decided = try await test.decide("20") { $0.policy = policy }
      #expect(try await test.system.decisions.replay(decided.id).isIdentical)
    }
  }

  @Test("An ad that callers spell in several ways is one ad", arguments: spellings)
  func calls(_ name: String, _ others: [String]) async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      for spelling in [name] + others {
        let answer = try await api.post(
          "/api/ml/battle-hardened/feedback",
          #"{"ad_id": "\#(spelling)", "date": "2026-05-27", "impressions": 100, "clicks": 1, "spend": 5}"#
        ).done()
        #expect(try Array(answer.text("ad_id").utf8) == Array(name.utf8))
        #expect(try answer.number("impressions") == 100)
      }
      let decided = try await api.post("/api/ml/battle-hardened/select", #"{"total_budget": 20}"#).done()
      #expect(try decided.number("num_ads") == 1)
      let ad = { (id: String) in
        #"{"ad_id": "\#(id)", "impressions": 1, "clicks": 0, "spend": 1, "pipeline_value": 0, "cash_revenue": 0, "age_hours": 1}"#
      }
      let twice = try await api.post(
        "/api/ml/battle-hardened/select", #"{"total_budget": 20, "ad_states": [\#(ad(name)), \#(ad(others[0]))]}"#
      ).refusal()
      #expect(twice.message.contains("each ad may occur only once"))
    }
    #expect(try await test.rowCounts()["ad_states"] == 1)
  }

  @Test("Two spellings in one file are two rows of one ad")
  func oneFile() async throws {
    let test = try await TestSystem()
    let text = Self.header + "K\u{F6}ln,2026-05-27,100,1,5\nKo\u{308}ln,2026-05-27,200,2,6\n"
    #expect(try await test.refusal(of: text, as: .adsCSV).rows.map(\.line) == [3])
    try await test.importText(text, as: .adsCSV) { $0.sumsBreakdowns = true }
    #expect(try await test.states()["K\u{F6}ln"]?.impressions == 300)
  }

  @Test("Deals, clicks and stages have one identity too")
  func others() async throws {
    let test = try await TestSystem()
    try await test.configure(
      #"""
      {"stages": [{"name": "Anfrage gepru\#u{308}ft", "value": 10, "confidence": 1, "kind": "open"},
        {"name": "Gewonnen", "value": 100, "confidence": 1, "kind": "won"}],
       "crm_stages": {"Ko\#u{308}ln": "Gewonnen"}, "ad_id_properties": ["Ko\#u{308}ln"]}
      """#)
    let configuration = try await test.system.accounts.configuration(of: test.account)
    #expect(configuration.stages.stages[0].name.isCanonical)
    #expect(configuration.crm.stages.keys.allSatisfy { $0.isCanonical })
    #expect(configuration.crm.adIDProperties.allSatisfy { $0.isCanonical })
    for (deal, stage) in [("Gesch\u{E4}ft", "Anfrage gepr\u{FC}ft"), ("Gescha\u{308}ft", "Gewonnen")] {
      try await test.importText(
        "id,dealstage,ad_id,createdate\n\(deal),\(stage),1,2026-05-20T10:00:00Z\n", as: .hubspotDeals)
    }
    #expect(try await test.rowCounts()["deals"] == 1)
    try await test.serving { api in
      for (id, isNew) in [("Klick-\u{E9}", true), ("Klick-e\u{301}", false)] {
        let answer = try await api.post(
          "/api/ml/attribution/track-click", #"{"click_id": "\#(id)", "ad_id": "1"}"#
        )
        #expect(try answer.json["is_new"] == .bool(isNew))
      }
    }
    #expect(try await test.rowCounts()["clicks"] == 1)
  }
}
