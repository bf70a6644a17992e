import Formats
import Simulator
import Testing
import Values

@testable import Sandbox

/// Insights as Meta tells them.
struct InsightsTests {
  private func bench(_ days: Int64 = 6, seed: UInt64 = 1, currency: String = "USD") async throws -> SandboxBench {
    let bench = try SandboxBench(worldSettings(seed: seed, currency: currency))
    await bench.pass(days: days)
    return bench
  }

  private static let range = #"{"since":"2026-01-05","until":"2026-01-20"}"#

  private func rows(
    _ bench: SandboxBench, _ parameters: [String: String] = [:], of node: String? = nil
  ) async throws -> [JSONValue] {
    var rows: [JSONValue] = []
    var wanted = [
      "level": "ad", "time_increment": "1", "time_range": Self.range,
      "fields": "ad_id,adset_id,campaign_id,spend,impressions,clicks,inline_link_clicks,actions",
    ].merging(parameters) { $1 }
    repeat {
      let reply = await bench.graph("GET", "\(node ?? bench.account)/insights", wanted)
      #expect(reply.status == 200, "\(reply.body)")
      rows += try #require(reply.body["data"]?.arrayValue)
      let paging = reply.body["paging"]
      wanted["after"] = paging?["next"] == nil ? nil : paging?["cursors"]?["after"]?.stringValue
    } while wanted["after"] != nil
    return rows
  }

  private func sum(_ rows: [JSONValue], _ field: String) -> Int64 {
    rows.reduce(0) { $0 + (Money(decimal: $1[field]?.stringValue ?? "0")?.micros ?? 0) }
  }

  @Test("Rows of all pages sum to what was charged, each ad and day once, without days without impressions")
  func paging() async throws {
    let bench = try await bench()
    let rows = try await rows(bench, ["limit": "7"])
    let keys = rows.map { "\($0["ad_id"]?.stringValue ?? "") \($0["date_start"]?.stringValue ?? "")" }
    #expect(Set(keys).count == keys.count)
    #expect(keys.count == 12 * 6)
    let state = await bench.control("GET", "state").body
    #expect(state["totals"]?["spend"]?.stringValue.flatMap(Money.init(decimal:))?.micros == sum(rows, "spend"))
    #expect(rows.allSatisfy { $0["impressions"]?.integer ?? 0 > 0 && $0["date_start"] == $0["date_stop"] })
    let whole = try await self.rows(bench, ["limit": "500"])
    #expect(whole == rows)
  }

  @Test("Every number is a string, and what there is none of is left out")
  func shapes() async throws {
    let bench = try await bench(2)
    let fields = InsightsRow.fields.sorted().joined(separator: ",")
    let rows = try await rows(bench, ["fields": fields])
    for row in rows {
      for member in row.members {
        switch member.value {
        case .string: break
        case .array(let items):
          #expect(!items.isEmpty)
          #expect(items.allSatisfy { $0["action_type"]?.stringValue != nil && $0["value"]?.stringValue != nil })
        default: Issue.record("\(member.key) is \(member.value)")
        }
      }
      #expect(row["purchase_roas"] == nil)
      #expect(row["action_values"] == nil)
      let impressions = try #require(row["impressions"]?.integer)
      #expect(try #require(row["reach"]?.integer) <= impressions)
    }
    let withLeads = rows.compactMap { row in row["actions"]?.arrayValue?.first { $0["action_type"] == "lead" } }
    #expect(!withLeads.isEmpty && withLeads.count < rows.count)
  }

  @Test("Levels, increments and objects tell the same figures", arguments: ["account", "campaign", "adset", "ad"])
  func levels(level: String) async throws {
    let bench = try await bench(10)
    let all = try await rows(bench)
    for increment in ["1", "3", "90", "monthly", "all_days"] {
      let rows = try await rows(bench, ["level": level, "time_increment": increment])
      for field in ["spend", "impressions", "inline_link_clicks"] {
        #expect(sum(rows, field) == sum(all, field), "\(level) \(increment) \(field)")
      }
    }
    for adSet in await bench.ids("adsets") {
      let own = try await rows(bench, of: adSet)
      #expect(own == all.filter { $0["adset_id"]?.stringValue == adSet })
    }
  }

  @Test("Currencies without decimals have none")
  func decimals() async throws {
    let rows = try await rows(try await bench(3, currency: "JPY"))
    #expect(rows.allSatisfy { $0["spend"]?.stringValue.map { !$0.contains(".") && Int($0) ?? 0 > 100 } == true })
  }

  @Test("Actions are told by the windows that are asked for, and by none that Meta has given up")
  func windows() async throws {
    let rows = try await rows(
      try await bench(9),
      [
        "level": "account", "time_increment": "all_days",
        "action_attribution_windows": #"["1d_view","7d_click","7d_view","28d_view"]"#,
      ])
    let actions = try #require(rows.first?["actions"]?.arrayValue)
    let lead = try #require(actions.first { $0["action_type"] == "lead" })
    let value = { (key: String) in lead[key]?.integer ?? 0 }
    #expect(value("1d_view") + value("7d_click") == value("value"))
    #expect(lead["7d_view"] == nil && lead["28d_view"] == nil)
    #expect(actions.first { $0["action_type"] == "link_click" }?["1d_view"] == nil)
    // The two count the same leads.
    #expect(actions.first { $0["action_type"] == "offsite_conversion.fb_pixel_lead" }?["value"] == lead["value"])
  }

  @Test("Deleted ads are left out of rows of ads unless they are asked for, and count in those above")
  func deleted() async throws {
    let bench = try await bench(2)
    let ad = try #require(await bench.ids("ads").first)
    let before = try await rows(bench)
    #expect(await bench.graph("DELETE", ad).status == 200)
    let left = try await rows(bench)
    #expect(left == before.filter { $0["ad_id"]?.stringValue != ad })
    #expect(await bench.ids("ads").count == 11)
    let filter = #"[{"field":"ad.effective_status","operator":"IN","value":["ACTIVE","DELETED"]}]"#
    #expect(try await rows(bench, ["filtering": filter]) == before)
    #expect(sum(try await rows(bench, ["level": "campaign"]), "spend") == sum(before, "spend"))
    #expect(try await rows(bench, of: ad).count == 2)
  }

  @Test("Conditions on figures and objects")
  func filters() async throws {
    let bench = try await bench(4)
    let all = try await rows(bench)
    let conditions: [(String, (JSONValue) -> Bool)] = [
      (#"{"field":"impressions","operator":"GREATER_THAN","value":2000}"#, { $0["impressions"]?.integer ?? 0 > 2_000 }),
      (
        #"{"field":"campaign.name","operator":"CONTAIN","value":"campaign 2"}"#,
        { $0["campaign_id"] == "23850000000100002" }
      ),
      (#"{"field":"ad.id","operator":"IN","value":["23850000000300003"]}"#, { $0["ad_id"] == "23850000000300003" }),
    ]
    for (condition, holds) in conditions {
      let found = try await rows(bench, ["filtering": "[\(condition)]"])
      #expect(found == all.filter(holds))
      #expect(!found.isEmpty && found.count < all.count, "\(condition)")
    }
  }

  @Test(
    "What cannot be told is refused with Meta's codes",
    arguments: [
      (["fields": "ad_id,nonsense"], 100), (["level": "galaxy"], 100), (["time_increment": "91"], 100),
      (["time_range": #"{"since":"2026-01-09","until":"2026-01-08"}"#], 100), (["breakdowns": "[\"age\"]"], 100),
      (["time_range": #"{"since":"2019-01-01","until":"2019-01-02"}"#], 3_018), (["after": "nonsense"], 100),
      (["filtering": #"[{"field":"mood","operator":"IN","value":["GOOD"]}]"#], 100), (["limit": "many"], 100),
      (["action_attribution_windows": #"["3d_click"]"#], 100), (["date_preset": "someday", "time_range": ""], 100),
    ] as [([String: String], Int)])
  func refusals(parameters: [String: String], code: Int) async throws {
    let wanted = [
      "level": "ad", "time_increment": "1", "time_range": Self.range, "fields": "ad_id,spend",
    ].merging(parameters) { $1 }
    let bench = try await bench(1)
    let reply = await bench.graph("GET", "\(bench.account)/insights", wanted)
    #expect(reply.status == 400)
    #expect(reply.body["error"]?["code"]?.integer == Int64(code))
    #expect(reply.body["error"]?["type"]?.stringValue == "OAuthException")
    #expect(reply.body["error"]?["fbtrace_id"]?.stringValue != nil)
  }

  @Test("Too many days of ads are refused, and told by a report, or piece by piece")
  func tooMuch() async throws {
    let bench = try SandboxBench(
      worldSettings(history: 0) {
        $0.adSets = 20
        $0.market.initialAds = 1_000
        $0.market.dailyBudget = 2_000
      })
    let wanted = [
      "level": "ad", "time_increment": "1", "fields": "ad_id",
      "time_range": #"{"since":"2025-11-01","until":"2026-01-05"}"#,
    ]
    let reply = await bench.graph("GET", "\(bench.account)/insights", wanted)
    #expect(reply.body["error"]?["error_subcode"] == 1_487_534)
    #expect(await bench.graph("POST", "\(bench.account)/insights", wanted).status == 200)
  }

  @Test("A report is ready at the second time that it is asked for")
  func report() async throws {
    let bench = try await bench(3)
    let wanted = ["level": "ad", "time_increment": "1", "time_range": Self.range, "fields": #"["ad_id","spend"]"#]
    let begun = await bench.graph("POST", "\(bench.account)/insights", wanted)
    let id = try #require(begun.body["report_run_id"]?.stringValue)
    let early = await bench.graph("GET", "\(id)/insights")
    #expect(early.body["error"]?["code"] == 2_601)
    let first = await bench.graph("GET", id).body
    #expect(first["async_status"] == "Job Running")
    #expect(first["async_percent_completion"] == 50)
    let second = await bench.graph("GET", id).body
    #expect(second["async_status"] == "Job Completed")
    #expect(second["async_percent_completion"] == 100)
    let page = await bench.graph("GET", "\(id)/insights", ["limit": "500"]).body
    #expect(page["data"]?.arrayValue == (try await rows(bench, ["fields": "ad_id,spend"])))
    await bench.pass(days: 31)
    #expect(await bench.graph("GET", id).status == 400)
  }
}
