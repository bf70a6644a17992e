import AppTestKit
import Formats
import Foundation
import TestKit
import Testing

/// A policy driven from outside, a line of JSON a day.
struct PolicyCommandTests {
  private static let stages = #"[{"name":"lead","value":90},{"name":"won","value":3000}]"#

  private static func line(
    day: Int, total: String = "600", ads: String = #"{"ad_id":"a1"},{"ad_id":"a2"}"#, metrics: String = "",
    deals: String = ""
  ) -> String {
    #"{"now":"2026-01-0\#(day)T00:00:00Z","total_budget":\#(total),"ads":[\#(ads)],"metrics":[\#(metrics)],"#
      + #""deals":[\#(deals)],"note":"the caller's own"}"#
  }

  private static func run(_ lines: [String], _ arguments: String...) async throws -> Program.Outcome {
    let program = try Program()
    try program.write(stages, to: "stages.json")
    try program.write(lines.map { $0 + "\n" }.joined(), to: "days.jsonl")
    return try await program.start(
      ["policy", "--stages", "stages.json", "--input", "days.jsonl"] + arguments
    ).outcome()
  }

  @Test("A line is answered before the next one is written")
  func streaming() async throws {
    let program = try Program()
    try program.write(Self.stages, to: "stages.json")
    let pipe = try program.pipe("days")
    let running = try program.start(["policy", "--stages", "stages.json", "--input", "days"])
    var answers = running.outputLines.makeAsyncIterator()
    let writer = try await pipe.feed(ArraySlice((Self.line(day: 4) + "\n").utf8))
    #expect(await answers.next()?.hasPrefix(#"{"now":"2026-01-04T00:00:00Z","#) == true)
    try writer.write(contentsOf: Array((Self.line(day: 5) + "\n").utf8))
    #expect(await answers.next()?.hasPrefix(#"{"now":"2026-01-05T00:00:00Z","#) == true)
    try writer.close()
    #expect(try await running.outcome().status == 0)
  }

  @Test(
    "Each line is answered with budgets that sum to the total", arguments: ["lag_aware", "battle_hardened", "ucb1"])
  func answers(_ policy: String) async throws {
    let metrics = #"{"ad_id":"a1","date":"2026-01-04","spend":"75.0","impressions":3400,"clicks":30,"leads":2}"#
    let deals = #"{"deal_id":"d1","ad_id":"a1","stage":"lead","occurred_at":"2026-01-04T10:00:00Z","amount":null}"#
    let outcome = try await Self.run(
      [Self.line(day: 4), "", Self.line(day: 5, total: "600.55", metrics: metrics, deals: deals)], "--name", policy)
    #expect(outcome.status == 0)
    let lines = try outcome.output.split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
    #expect(lines.count == 2)
    #expect(try lines[1].text("now") == "2026-01-05T00:00:00Z")
    #expect(try abs(lines[1].number("budgets.a1") + lines[1].number("budgets.a2") - 600.55) < 1e-9)
    #expect(try abs(lines[1].number("budgets.a1") / lines[0].number("budgets.a1") - 1) < 0.501)
  }

  @Test("The same seed answers the same")
  func seeded() async throws {
    let lines = [Self.line(day: 4), Self.line(day: 5)]
    let first = try await Self.run(lines, "--seed", "5").output
    #expect(try await Self.run(lines, "--seed", "5").output == first)
    #expect(try await Self.run(lines, "--seed", "6").output != first)
  }

  @Test(
    "A broken line is named, and the exit status is 2",
    arguments: [
      ("nonsense", "line"), (#"{"now":"2026-01-04","total_budget":1,"ads":[]}"#, "now"),
      (line(day: 4, total: "0"), "total_budget"), (line(day: 4, total: "1"), "total_budget"),
      (line(day: 4, total: "1.005"), "total_budget"),
      (line(day: 4, ads: #"{"ad_id":"a"},{"ad_id":"a"}"#), "ads[1].ad_id"),
      (line(day: 4, ads: #"{"ad_id":7}"#), "ads[0].ad_id"),
      (
        line(day: 4, metrics: #"{"ad_id":"a1","date":"2026-01-04","spend":-1,"impressions":1,"clicks":0}"#),
        "metrics[0].spend"
      ),
      (
        line(day: 4, metrics: #"{"ad_id":"a1","date":"2026-01-04","spend":1,"impressions":1,"clicks":2}"#),
        "metrics[0].clicks"
      ),
      (
        line(day: 4, deals: #"{"deal_id":"d","ad_id":"a1","stage":"signed","occurred_at":"2026-01-04T10:00:00Z"}"#),
        "deals[0].stage"
      ),
      (line(day: 2), "now"),
    ])
  func broken(_ text: String, _ field: String) async throws {
    let outcome = try await Self.run([Self.line(day: 3), text, Self.line(day: 9)])
    #expect(outcome.status == 2)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 2)
    let error = try JSONValue(parsing: #require(lines.last).utf8)
    #expect(try error.number("error.line") == 2)
    #expect(try error.text("error.field") == field)
    #expect(outcome.errors.hasPrefix("line 2: \(field) is "))
  }

  @Test("Without active ads there are no budgets")
  func noAds() async throws {
    let outcome = try await Self.run([Self.line(day: 4, ads: #"{"ad_id":"a1","active":false}"#)])
    #expect(outcome.output == #"{"now":"2026-01-04T00:00:00Z","budgets":{}}"# + "\n")
  }
}
