import AppTestKit
import FakeHubSpot
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import RemoteAPIs
import Sandbox
import Storage
import Testing
import Values

/// The roles that processes play: server, worker, scheduler, and all in one.
struct RoleTests {
  private static func program() async throws -> Program {
    let program = try await Program()
    try await program.output("accounts", "create", "--account", "acme")
    return program
  }

  private static func number(_ program: Program, _ sql: String) async throws -> Int {
    try await program.openDatabase().read { transaction in
      try #require(try transaction.first(SQL(stringLiteral: sql))).get("n")
    }
  }

  @Test("A HubSpot that never answers does not hold the webhook, and a worker that is stopped hands its jobs back")
  func neverAnswers() async throws {
    let program = try await Self.program()
    try await program.output("hubspot", "map", "--portal", "\(HubSpotSending.portal)", "--account", "acme")
    let now = Instant(seconds: Int64(clamping: Date().timeIntervalSince1970))
    let fake = FakeHubSpot(clock: { now })
    fake.setFaults { $0.rates = [.never: 1] }
    try await fake.serve { address in
      let environment = [
        "HUBSPOT_WEBHOOK_URL": HubSpotSending.url, "HUBSPOT_CLIENT_SECRET": HubSpotSending.secret.text,
        "HUBSPOT_ACCESS_TOKEN": "pat-na1-fake", "HUBSPOT_API_URL": address,
      ]
      let server = try await ServingProgram(
        program, ["--all-in-one", "--concurrency", "3", "--grace", "1"], environment: environment)
      try await TestClient.withClient(host: "127.0.0.1", port: server.port) { client in
        for number in 0..<40 {
          let event = SentEvent.move(number, deal: number, to: "lead", at: now)
          let body = Array("[\(event.json())]".utf8)
          var headers = HubSpotSending.headers(for: body, at: now)
          headers[.contentType] = "application/json"
          headers[.hostName] = "localhost"
          let answer = try await client.post("/webhooks/hubspot", headers: headers, body: ByteBuffer(bytes: body))
          #expect(answer.status == .accepted)
        }
      }
      #expect(try await Self.number(program, "SELECT COUNT(*) AS n FROM hubspot_events WHERE state = 'queued'") == 40)
      server.run.send(SIGTERM)
      #expect(try await server.run.outcome().status == 0)
    }
    #expect(try await Self.number(program, "SELECT COUNT(*) AS n FROM jobs WHERE state = 'running'") == 0)
    // The schedules of `--all-in-one` may have left other jobs.
    let waiting = """
      SELECT COUNT(*) AS n FROM jobs
      WHERE name = 'process_hubspot_webhook' AND state IN ('available', 'scheduled')
      """
    #expect(try await Self.number(program, waiting) == 40)
  }

  @Test("Two schedulers push each tick once, and a worker does the jobs and ends", .timeLimit(.minutes(15)))
  func schedulers() async throws {
    let program = try await Self.program()
    let arguments = [
      "scheduler", "--schedule", "monitor_fatigue=1s", "--schedule", "process_budget_optimization=0 4 * * *",
    ]
    let schedulers = try [program.start(arguments), program.start(arguments)]
    for scheduler in schedulers { _ = await scheduler.outputLines.first { _ in true } }
    let server = try await ServingProgram(program)
    let fired = "SELECT COUNT(*) AS n FROM schedules WHERE last_fired_at IS NOT NULL"
    while try await Self.number(program, fired) == 0 {
      try Task.checkCancellation()
      await Task.yield()
    }
    for scheduler in schedulers {
      scheduler.send(SIGTERM)
      #expect(try await scheduler.outcome().status == 0)
    }
    server.run.send(SIGTERM)
    #expect(try await server.run.outcome().status == 0)
    #expect(try await Self.number(program, "SELECT COUNT(*) AS n FROM jobs WHERE name = 'monitor_fatigue'") == 1)
    let worker = try await program.run("worker", "--until-done", "--queues", "fatigue-monitoring=2")
    #expect(worker.status == 0, "\(worker.errors)")
    let jobs = try await program.output("jobs", "list", "--account", "acme")
    #expect(jobs.contains("monitor_fatigue"))
    #expect(jobs.contains("0 ads"))
  }

  @Test(
    "Settings that make no sense are refused by name",
    arguments: [
      (["worker", "--queues", "nope"], [:], "queues is 'nope'"),
      (["worker", "--concurrency", "0"], [:], "concurrency is '0'"),
      (["worker", "--lease", "1"], [:], "lease is '1'"), (["worker", "--grace=-1"], [:], "grace is '-1'"),
      (["scheduler", "--schedule", "monitor_fatigue=soon"], [:], "schedule of monitor_fatigue is 'soon'"),
      (["scheduler", "--schedule", "nope=1h"], [:], "schedule is 'nope=1h'"),
      (["scheduler"], ["SCHEDULES": "monitor_fatigue=61 * * * *"], "schedule of monitor_fatigue is '61 * * * *'"),
      (["serve", "--port", "0"], ["HUBSPOT_ACCESS_TOKENS": "{"], "HUBSPOT_ACCESS_TOKENS is 'not shown'"),
      (["serve", "--port", "0"], ["HUBSPOT_ACCEPT_SIGNATURE_V1": "maybe"], "HUBSPOT_ACCEPT_SIGNATURE_V1 is 'maybe'"),
    ] as [([String], [String: String], String)])
  func refused(_ arguments: [String], _ environment: [String: String], _ message: String) async throws {
    let program = try await Self.program()
    let outcome = try await program.start(arguments, environment: environment).outcome()
    #expect(outcome.status == 2)
    #expect(outcome.errors.hasPrefix(message), "\(outcome.errors)")
  }

  @Test("Jobs of no account are listed by themselves, and a command says whose jobs it is about")
  func installationJobs() async throws {
    let program = try await Self.program()
    #expect(try await program.output("jobs", "list", "--installation").hasPrefix("job"))
    let id = "00000000-0000-7000-8000-000000000000"
    let none = try await program.run("jobs", "cancel", id, "--installation")
    #expect(none.status == 2)
    #expect(none.errors.contains("job \(id) does not exist"))
    for arguments in [["jobs", "list"], ["jobs", "list", "--installation", "--account", "acme"]] {
      let refused = try await program.start(arguments).outcome()
      #expect(refused.errors.contains("give either --account or --installation"))
    }
  }

  @Test("Learned stage values become the configured ones when told to")
  func adopting() async throws {
    let program = try await Program()
    try await program.addSample()
    let before = try await program.output("config", "show", "--account", "sample")
    let shown = try await program.output("stages", "--account", "sample", "--adopt")
    #expect(shown.hasPrefix("The learned values are the configured ones, as version 2."))
    let after = try await program.output("config", "show", "--account", "sample")
    #expect(before.contains("\"value\": 2250.00"))
    #expect(!after.contains("\"value\": 2250.00"))
  }

  @Test("Portals are mapped and listed, and what waits is told")
  func portals() async throws {
    let program = try await Self.program()
    #expect(
      try await program.output("hubspot", "map", "--portal", "5", "--account", "acme").contains("is mapped to acme"))
    let again = try await program.run("hubspot", "map", "--portal", "5", "--account", "acme")
    #expect(again.status == 2)
    #expect(try await program.output("hubspot", "portals").contains("acme"))
    #expect(try await program.output("hubspot", "status", "--account", "acme").hasPrefix("Events: 0 waiting"))
    let taken = try await program.run("hubspot", "forget", "--portal", "5")
    #expect(taken.status == 2)
    #expect(
      try await program.output("hubspot", "forget", "--portal", "6", "--close")
        == "0 events of portal 6 were deleted; further ones are refused.\n")
    let none = try await program.run("jobs", "show", "00000000-0000-7000-8000-000000000000", "--account", "acme")
    #expect(none.status == 2)
  }
}
