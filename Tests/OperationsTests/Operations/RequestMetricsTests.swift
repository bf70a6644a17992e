import App
import AppTestKit
import HTTPTypes
import Jobs
import Logging
import RemoteAPIs
import Storage
import Synchronization
import TestKit
import Testing
import Values

@testable import Accounts
@testable import Decisions
@testable import Operations
@testable import Web

/// What operators see of requests and refusals, and what seeing it costs.
struct RequestMetricsTests {
  private static func lines(_ api: TestAPI) async throws -> [String] {
    let answer = try await api.with(key: nil).send(.get, "/metrics")
    #expect(answer.status == 200)
    return String(decoding: answer.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test("Requests are counted by operation and class of status, with a histogram of their time")
  func requests() async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      for _ in 0..<3 { _ = try await api.send(.get, "/healthz") }
      _ = try await api.send(.head, "/healthz")
      _ = try await api.send(.get, "/api/jobs/1")
      _ = try await api.send(.get, "/nowhere")
      _ = try await api.send(.delete, "/healthz")
      let lines = try await Self.lines(api)
      for line in [
        #"geminivideo_http_requests_total{operation="health",status="2xx"} 4.0"#,
        #"geminivideo_http_requests_total{operation="getJob",status="4xx"} 1.0"#,
        #"geminivideo_http_requests_total{operation="none",status="4xx"} 2.0"#,
        #"geminivideo_http_request_seconds_bucket{operation="health",le="+Inf"} 4.0"#,
        #"geminivideo_http_request_seconds_count{operation="health"} 4.0"#, "geminivideo_database_up 1.0",
      ] { #expect(lines.contains(line), "\(line)") }
    }
  }

  @Test("Refusals are counted by reason")
  func refusals() async throws {
    let test = try await TestSystem(hubSpot: HubSpotSending.settings)
    let other = try #require(AccountID("other"))
    try await test.system.accounts.create(other)
    let expired = try await test.system.keys.create(
      APIKeyDraft(role: .admin, name: "", expiresAt: test.clock.now().adding(seconds: 1)), for: other, by: .system)
    test.clock.advance(seconds: 2)
    try await test.serving { api in
      let nobody = api.with(key: nil)
      #expect(try await nobody.send(.get, "/api/jobs").status == 401)
      #expect(try await nobody.with(key: "gv_0_0").send(.get, "/api/jobs").status == 401)
      #expect(try await nobody.with(key: expired.token).send(.get, "/api/jobs").status == 401)
      let body = Array("[]".utf8)
      let hooks: [HTTPFields] = [
        [:], [HTTPField.Name("X-HubSpot-Signature")!: "x", HTTPField.Name("X-HubSpot-Signature-Version")!: "v2"],
        HubSpotSending.headers(for: body, at: test.clock.now().adding(seconds: -400)),
        HubSpotSending.headers(for: body, at: test.clock.now(), secret: Secret("another")),
      ]
      for headers in hooks {
        #expect(try await nobody.send(.post, "/webhooks/hubspot", bytes: body, headers: headers).status == 401)
      }
      let long = [UInt8](repeating: 0x20, count: 2 << 20)
      #expect(try await nobody.send(.post, "/webhooks/hubspot", bytes: long).status == 413)
      let lines = try await Self.lines(api)
      for reason in [
        "no_key", "unknown_key", "expired_key", "no_signature", "signature_version", "signature_time",
        "signature_mismatch", "body_too_large",
      ] {
        #expect(lines.contains("geminivideo_http_refusals_total{reason=\"\(reason)\"} 1.0"), "\(reason)")
      }
      #expect(lines.contains(#"geminivideo_http_refusals_total{reason="rate_limited"} 0.0"#))
    }
  }

  @Test("A reason is logged once a minute, with how often it was since and what to look at")
  func log() {
    let clock = ManualClock(at: Instant(seconds: 1_780_000_000))
    let metrics = RequestMetrics { clock.now() }
    let log = RefusalLines()
    let logger = Logger(label: "test") { _ in log }
    for _ in 0..<100 { metrics.count(.signatureMismatch, logger: logger) }
    metrics.count(.noKey, logger: logger)
    #expect(log.lines == ["signature_mismatch 1", "no_key 1"])
    clock.advance(seconds: 59)
    metrics.logRefusals(logger: logger)
    #expect(log.lines.count == 2)
    clock.advance(seconds: 1)
    metrics.logRefusals(logger: logger)
    #expect(log.lines.dropFirst(2) == ["signature_mismatch 99"])
    clock.advance(seconds: 60)
    metrics.logRefusals(logger: logger)
    #expect(log.lines.count == 3)
    #expect(log.hints.first?.contains("HUBSPOT_CLIENT_SECRET") == true)
  }

  @Test("Metrics with a token are for whoever sends it")
  func token() async throws {
    let test = try await TestSystem(metricsToken: Secret("sesame"))
    try await test.serving { api in
      let refusal = try await api.with(key: nil).send(.get, "/metrics").refusal()
      #expect(refusal.status == 401)
      #expect(try await api.send(.get, "/metrics").refusal().status == 401)
      #expect(try await api.with(key: "sesamf").send(.get, "/metrics").refusal().status == 401)
      #expect(try await api.with(key: "sesame").send(.get, "/metrics").status == 200)
    }
  }

  @Test("Reading metrics again costs the database nothing for some seconds, and is bounded in rate")
  func cost() async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let first = try await Self.lines(api)
      #expect(!first.contains { $0.hasPrefix("geminivideo_jobs{") })
      try await test.system.jobs.push([MonitorFatigue(accountID: test.account)])
      let pushed = #"geminivideo_jobs{queue="fatigue-monitoring",state="available"} 1.0"#
      let second = try await Self.lines(api)
      #expect(!second.contains(pushed))
      test.clock.advance(seconds: MetricsCache.lifetimeSeconds)
      let later = try await Self.lines(api)
      #expect(later.contains(pushed))
      var statuses: [Int] = []
      for _ in 0..<61 { statuses.append(try await api.with(key: nil).send(.get, "/metrics").status) }
      #expect(statuses.last == 429)
    }
  }

  @Test("Where the database fails, what is known without it is told")
  func databaseDown() async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      _ = try await api.send(.get, "/healthz")
      try await test.system.database.write { _ = try $0.execute("DROP TABLE job_counters") }
      let lines = try await Self.lines(api)
      #expect(lines.contains("geminivideo_database_up 0.0"))
      #expect(lines.contains(#"geminivideo_http_requests_total{operation="health",status="2xx"} 1.0"#))
    }
  }
}

/// Keeps the reasons and counts that are logged.
private final class RefusalLines: LogHandler, Sendable {
  private let collected = Mutex<[(line: String, hint: String)]>([])

  var lines: [String] { collected.withLock { $0.map(\.line) } }
  var hints: [String] { collected.withLock { $0.map(\.hint) } }

  func log(event: LogEvent) {
    let metadata = event.metadata ?? [:]
    let line = "\(metadata["reason"] ?? "") \(metadata["count"] ?? "")"
    collected.withLock { $0.append((line, "\(metadata["hint"] ?? "")")) }
  }

  subscript(metadataKey _: String) -> Logger.MetadataValue? {
    get { nil }
    set {}
  }

  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }

  var logLevel: Logger.Level {
    get { .trace }
    set {}
  }
}
