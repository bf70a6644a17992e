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
    let program = try await Program()
    try program.write(stages, to: "stages.json")
    try program.write(lines.map { $0 + "\n" }.joined(), to: "days.jsonl")
    return try await program.start(
      ["policy", "--stages", "stages.json", "--input", "days.jsonl"] + arguments
    ).outcome()
  }

  @Test("A line is answered before the next one is written")
  func streaming() async throws {
    let program = try await Program()
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

  @Test("Standard input is answered line by line too")
  func standardInput() async throws {
    let program = try await Program()
    try program.write(Self.stages, to: "stages.json")
    let pipe = try program.pipe("days")
    let running = try Self.startReading("days", program)
    var answers = running.outputLines.makeAsyncIterator()
    let writer = try await pipe.feed(ArraySlice((Self.line(day: 4) + "\n").utf8))
    #expect(await answers.next()?.hasPrefix(#"{"now":"2026-01-04T00:00:00Z","#) == true)
    try writer.write(contentsOf: Array(Self.line(day: 5).utf8))
    try writer.close()
    #expect(await answers.next()?.hasPrefix(#"{"now":"2026-01-05T00:00:00Z","#) == true)
    #expect(try await running.outcome().status == 0)
  }

  /// A shell gives the program its standard input, which `Program` leaves empty.
  private static func startReading(_ input: String, _ program: Program) throws -> RunningProgram {
    let executable = try #require(Program.executable, "geminivideo is not built")
    return try RunningProgram(
      URL(filePath: "/bin/sh"), ["-c", #"exec "$0" policy --stages stages.json < "$1""#, executable.path, input],
      in: program.path("."), of: program, environment: [:])
  }

  @Test("Input that cannot be read is refused")
  func unreadable() async throws {
    let program = try await Program()
    try program.write(Self.stages, to: "stages.json")
    let outcome = try await Self.startReading(".", program).outcome()
    #expect(outcome.status == 2)
    #expect(try JSONValue(parsing: outcome.output.utf8).text("error.field") == "input")
  }

  @Test("The answer to a line, by example")
  func example() async throws {
    let outcome = try await Self.run(
      [Self.line(day: 4, total: #""600.56""#, ads: #"{"ad_id":"b"},{"ad_id":"a","active":true,"launched_at":null}"#)],
      "--name", "even_split")
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    #expect(outcome.output == #"{"now":"2026-01-04T00:00:00Z","budgets":{"a":300.28,"b":300.28}}"# + "\n")
  }

  @Test("Amounts of a currency without minor units are whole")
  func wholeUnits() async throws {
    let outcome = try await Self.run(
      [Self.line(day: 4, total: "601"), Self.line(day: 5, total: "601.5")], "--name", "even_split", "--currency", "JPY")
    #expect(outcome.status == 2)
    #expect(outcome.lines[0] == #"{"now":"2026-01-04T00:00:00Z","budgets":{"a1":301,"a2":300}}"#)
    #expect(outcome.errors.hasPrefix("line 2: total_budget is 601.5: "))
  }

  @Test(
    "Budgets change by half at most, unless the limit is lifted",
    arguments: [([], [50.0, 75, 50]), (["--no-change-limit"], [50.0, 500, 50])])
  func changeLimit(_ options: [String], _ budgets: [Double]) async throws {
    let program = try await Program()
    try program.write(Self.stages, to: "stages.json")
    let lines = [(4, "100"), (5, "1000"), (6, "100")].map { Self.line(day: $0, total: $1) + "\n" }
    try program.write(lines.joined(), to: "days.jsonl")
    let outcome = try await program.start(
      ["policy", "--stages", "stages.json", "--input", "days.jsonl", "--name", "even_split"] + options
    ).outcome()
    #expect(outcome.status == 0)
    for name in ["a1", "a2"] {
      #expect(try outcome.lines.map { try JSONValue(parsing: $0.utf8).number("budgets.\(name)") } == budgets)
    }
  }

  @Test("What became known on a day without active ads counts on the next", arguments: ["lag_aware", "ucb1"])
  func quietDay(_ policy: String) async throws {
    let metrics = #"{"ad_id":"a1","date":"2026-01-03","spend":75,"impressions":3400,"clicks":300,"leads":2}"#
    let deals = #"{"deal_id":"d1","ad_id":"a2","stage":"won","occurred_at":"2026-01-03T10:00:00Z","amount":5000}"#
    let none = #"{"ad_id":"a1","active":false},{"ad_id":"a2","active":false}"#
    let early = try await Self.run(
      [Self.line(day: 4, ads: none, metrics: metrics, deals: deals), Self.line(day: 5)], "--name", policy)
    let late = try await Self.run(
      [Self.line(day: 4, ads: none), Self.line(day: 5, metrics: metrics, deals: deals)], "--name", policy)
    let never = try await Self.run([Self.line(day: 4, ads: none), Self.line(day: 5)], "--name", policy)
    #expect(early.output == late.output)
    #expect(early.output != never.output)
  }

  @Test("An event that is told twice counts once")
  func repeated() async throws {
    let deal = #"{"deal_id":"d1","ad_id":"a1","stage":"lead","occurred_at":"2026-01-03T10:00:00Z"}"#
    let once = try await Self.run([Self.line(day: 4, deals: deal), Self.line(day: 5)])
    let twice = try await Self.run([Self.line(day: 4, deals: deal), Self.line(day: 5, deals: deal)])
    #expect(once.status == 0)
    #expect(once.output == twice.output)
  }

  @Test("Figures of ads that are gone, lost deals and deals of no ad are taken in")
  func goneAds() async throws {
    let metrics = #"{"ad_id":"gone","date":"2026-01-03","spend":75,"impressions":3400,"clicks":30,"leads":null}"#
    let deals =
      #"{"deal_id":"d1","ad_id":"gone","stage":"lead","occurred_at":"2026-01-03T10:00:00Z"},"#
      + #"{"deal_id":"d1","stage":"lost","occurred_at":"2026-01-03T11:00:00Z"},"#
      + #"{"deal_id":"d2","ad_id":null,"stage":"won","occurred_at":"2026-01-03T10:00:00Z","amount":"10.50"}"#
    let outcome = try await Self.run([Self.line(day: 4, metrics: metrics, deals: deals)])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("gone") == false)
  }

  @Test(
    "A file of stages that will not do is refused",
    arguments: [
      ("nonsense", "stages"), ("{}", "stages"), (#"[{"name":"lead","value":1}]"#, "stages"),
      (#"[{"name":"won","value":1},{"name":"won","value":2}]"#, "stages"),
      (#"[{"name":"lead"},{"name":"won","value":1}]"#, "stages[0].value"),
      (#"[{"name":"lead","value":1},{"name":"won","value":-1}]"#, "stages[1].value"),
      (#"[{"name":"lead","value":1},{"name":"lost","value":1}]"#, "stages[1].name"),
    ])
  func brokenStages(_ text: String, _ field: String) async throws {
    let program = try await Program()
    try program.write(text, to: "stages.json")
    let outcome = try await program.run("policy", "--stages", "stages.json")
    #expect(outcome.status == 2)
    #expect(try JSONValue(parsing: outcome.output.utf8).text("error.field") == field)
    #expect(outcome.errors.hasPrefix("\(field) is "))
  }

  @Test("An unknown policy is refused with those there are")
  func unknownPolicy() async throws {
    let outcome = try await Self.run([], "--name", "best")
    #expect(outcome.status != 0)
    for name in ["lag_aware", "battle_hardened", "even_split", "ucb1"] { #expect(outcome.errors.contains(name)) }
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

  @Test(
    "Amounts of any magnitude are answered, rounded to the nearest millionth",
    arguments: ["1e-308", "5e-324", "4e-7", "0", "1e9"])
  func magnitudes(_ amount: String) async throws {
    let metrics = #"{"ad_id":"a1","date":"2026-01-04","spend":\#(amount),"impressions":3400,"clicks":30,"leads":2}"#
    let deals =
      #"{"deal_id":"d1","ad_id":"a1","stage":"won","occurred_at":"2026-01-04T10:00:00Z","amount":\#(amount)}"#
    let outcome = try await Self.run([Self.line(day: 5, total: "600.0000001", metrics: metrics, deals: deals)])
    #expect(outcome.status == 0)
    let answer = try JSONValue(parsing: outcome.output.utf8)
    #expect(try answer.number("budgets.a1") + answer.number("budgets.a2") == 600)
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
      ("nonsense", "line"), ("[1]", "line"), (#"{"now":"2026-01-04","total_budget":1,"ads":[]}"#, "now"),
      (line(day: 4, total: "0"), "total_budget"), (line(day: 4, total: "1"), "total_budget"),
      (line(day: 4, total: "1.005"), "total_budget"), (line(day: 4, total: "-5"), "total_budget"),
      (line(day: 4, total: "true"), "total_budget"), (line(day: 4, total: "null"), "total_budget"),
      (line(day: 4, ads: #"{"ad_id":"a"},{"ad_id":"a"}"#), "ads[1].ad_id"),
      (line(day: 4, ads: #"{"ad_id":7}"#), "ads[0].ad_id"), (line(day: 4, ads: #"{"ad_id":" a"}"#), "ads[0].ad_id"),
      (line(day: 4, ads: "3"), "ads[0]"), (line(day: 4, ads: #"{"ad_id":"a","active":"yes"}"#), "ads[0].active"),
      (line(day: 4, ads: #"{"ad_id":"a","launched_at":"2026-01-01"}"#), "ads[0].launched_at"),
      (
        line(day: 4, metrics: #"{"ad_id":"a1","date":"2026-01-04","spend":-1,"impressions":1,"clicks":0}"#),
        "metrics[0].spend"
      ),
      (
        line(day: 4, metrics: #"{"ad_id":"a1","date":"2026-01-04","spend":1,"impressions":1,"clicks":2}"#),
        "metrics[0].clicks"
      ),
      (
        line(day: 4, metrics: #"{"ad_id":"a1","date":"4.1.2026","spend":1,"impressions":1,"clicks":1}"#),
        "metrics[0].date"
      ),
      (
        line(day: 4, deals: #"{"deal_id":"d","ad_id":"","stage":"lead","occurred_at":"2026-01-04T10:00:00Z"}"#),
        "deals[0].ad_id"
      ),
      (line(day: 4, deals: #"{"deal_id":"d","stage":"lead"}"#), "deals[0].occurred_at"),
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
