import App
import AppTestKit
import Formats
import Foundation
import Storage
import TestKit
import Testing
import Values

/// The commands about Meta, as processes that talk with a made-up Graph API over the network.
@Suite("Meta at the command line")
struct MetaCommandTests {
  private static let key = String(repeating: "0f", count: 32)

  private static func environment(_ url: String) -> [String: String] {
    ["META_GRAPH_URL": url, "META_ACCESS_TOKEN": "EAAB-shared", "META_APP_SECRET": "app-secret"]
  }

  /// An ad account with an ad that delivered something every third day of the last `days`.
  private static func graph(days: Int) -> FakeGraph {
    let graph = FakeGraph()
    let today = SystemClock.now.utcDay
    graph.change { world in
      world.addAd("10")
      world.setAccount("created_time", .string("\(today.adding(days: -days))T00:00:00+0000"))
      for back in stride(from: 0, to: days, by: 3) {
        world.figures["10", default: [:]][today.adding(days: -back)] = FakeGraph.Figures()
      }
    }
    return graph
  }

  private static func program() async throws -> Program {
    let program = try await Program()
    try await program.output("accounts", "create", "--account", "acme")
    return program
  }

  @Test("without a token or a connection the commands say what to set and where")
  func nothing() async throws {
    let program = try await Self.program()
    let sync = try await program.run("meta", "sync", "--account", "acme")
    #expect(sync.status == 1)
    #expect(sync.errors.contains("set META_ACCESS_TOKEN, then geminivideo meta connect --account acme"))
    let connect = try await program.run("meta", "connect", "--account", "acme", "--ad-account", "act_123")
    #expect(connect.status == 2)
    #expect(connect.errors.contains("META_ACCESS_TOKEN is not set in the environment of this process"))
    let unnamed = try await program.run("meta", "connect", "--account", "acme")
    #expect(unnamed.errors.contains("--ad-account is 'missing': it must be an ad account's number"))
    let wrong = try await program.run(
      "meta", "connect", "--account", "acme", environment: ["META_AD_ACCOUNT_ID": "acme"])
    #expect(wrong.errors.contains("META_AD_ACCOUNT_ID is 'acme'"))
  }

  @Test("connect, status, sync, doctor and disconnect; no secret is shown by any")
  func whole() async throws {
    let program = try await Self.program()
    try await Self.graph(days: 50).serve { url in
      let environment = Self.environment(url)
      var shown = ""
      let run = { (arguments: [String]) async throws -> Program.Outcome in
        let outcome = try await program.run(arguments + ["--account", "acme"], environment: environment)
        #expect(outcome.status == 0, "\(outcome.errors)\(outcome.output)")
        return outcome
      }
      let connected = try await run(["meta", "connect", "--ad-account", "123"])
      #expect(connected.output.contains("ok       token: may read figures and change budgets"))
      #expect(connected.output.contains("ok       currency: USD, as the account's"))
      shown += connected.output
      let synced = try await run(["meta", "sync"])
      #expect(synced.output.contains("3 campaigns, ad sets and ads"))
      let status = try await run(["meta", "status"])
      #expect(status.output.contains("1 campaigns, 1 ad sets, 1 ads; of the past 22 of 22 days have been read"))
      let ads = try await run(["ads", "list"])
      #expect(ads.output.contains("Ad 10"))
      let doctor = try await program.run("doctor", environment: environment)
      #expect(doctor.output.contains("ok       Meta of acme, time zone: UTC, as the account's"))
      _ = try await run(["meta", "disconnect"])
      shown += synced.output + synced.errors + status.output + doctor.output + doctor.errors
      #expect(!shown.contains("EAAB") && !shown.contains("app-secret"))
    }
  }

  @Test("a token that is given on standard input is kept sealed, and used by every later command that has the key")
  func given() async throws {
    let program = try await Self.program()
    let graph = Self.graph(days: 5)
    try await graph.serve { url in
      let script = """
        export META_GRAPH_URL=\(url) GEMINIVIDEO_SECRET_KEY=\(Self.key); echo EAAB-given | "$0" "$@"
        """
      let connected = try await program.run(
        by: script, "meta", "connect", "--account", "acme", "--ad-account", "act_123", "--token-stdin")
      #expect(connected.status == 0, "\(connected.errors)\(connected.output)")
      let synced = try await program.run(
        "meta", "sync", "--account", "acme",
        environment: ["META_GRAPH_URL": url, "GEMINIVIDEO_SECRET_KEY": Self.key])
      #expect(synced.status == 0, "\(synced.errors)")
      let keyless = try await program.run("meta", "sync", "--account", "acme", environment: ["META_GRAPH_URL": url])
      #expect(keyless.status == 1)
      #expect(keyless.errors.contains("GEMINIVIDEO_SECRET_KEY is not set"))
    }
    #expect(Set(graph.calls.map(\.token)) == ["EAAB-given"])
  }

  @Test("a first import that is killed by SIGKILL again and again goes on where it was, and ends with the same figures")
  func killed() async throws {
    let (program, whole) = (try await Self.program(), try await Self.program())
    let (graph, undisturbed) = (Self.graph(days: 100), Self.graph(days: 100))
    let sync = ["meta", "sync", "--account", "acme"]
    try await undisturbed.serve { url in
      _ = try await whole.run(
        "meta", "connect", "--account", "acme", "--ad-account", "123", environment: Self.environment(url))
      #expect(try await whole.run(sync, environment: Self.environment(url)).status == 0)
    }
    try await graph.serve { url in
      let environment = Self.environment(url)
      _ = try await program.run(
        "meta", "connect", "--account", "acme", "--ad-account", "123", environment: environment)
      var silences = graph.silences.makeAsyncIterator()
      // While objects are read, figures, an order, a report's state and its rows.
      for further in [3, 5, 6, 8, 9] {
        graph.change { [calls = graph.calls.count] in $0.silentCall = calls + further }
        let running = try program.start(sync, environment: environment)
        _ = await silences.next(isolation: nil)
        running.send(SIGKILL)
        #expect(try await running.outcome().status == -SIGKILL)
      }
      graph.change { $0.silentCall = nil }
      let last = try await program.run(sync, environment: environment)
      #expect(last.status == 0, "\(last.errors)")
    }
    let figures = try await [program, whole].asyncMap { program in
      let database = try program.openDatabase()
      let rows = try await database.read { transaction in
        try ["ad_daily_metrics", "insight_syncs"].map { table in
          try DatabaseContents.rows(
            of: table,
            DatabaseContents.columns(of: table, in: transaction)
              .filter { !["import_id", "known_at", "updated_at", "attempts"].contains($0) }, in: transaction)
        }
      }
      await database.shutDown()
      return rows
    }
    #expect(figures[0] == figures[1])
    #expect(figures[0][0].count > 30)
  }
}

extension Array {
  fileprivate func asyncMap<Result>(_ body: (Element) async throws -> Result) async rethrows -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try await body(element)) }
    return results
  }
}
