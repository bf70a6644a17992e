import Accounts
import App
import AppTestKit
import Decisions
import Formats
import HTTPTypes
import Jobs
import Measurement
import SampleData
import Storage
import TestKit
import Testing
import Values

/// Jobs, metrics and the recurring work, as operators see them.
struct JobRouteTests {
  @Test("Jobs are listed, shown, cancelled and tried again, for their own account alone")
  func operating() async throws {
    let test = try await TestSystem()
    let other = try #require(AccountID("other"))
    try await test.system.accounts.create(other)
    let mine = try await test.system.jobs.push([MonitorFatigue(accountID: test.account)])
    let theirs = try await test.system.jobs.push([MonitorFatigue(accountID: other)])
    let id = try #require(mine.first?.id)
    try await test.serving { api in
      let list = try await api.send(.get, "/api/jobs?state=available&queue=fatigue-monitoring&limit=10").done()
      #expect(try list.list("jobs").count == 1)
      #expect(try list.text("jobs.0.job_id") == id.value)
      #expect(try await api.send(.post, "/api/jobs/\(id)/cancel").done().text("state") == "cancelled")
      #expect(try await api.send(.post, "/api/jobs/\(id)/cancel").refusal().status == 409)
      #expect(try await api.send(.post, "/api/jobs/\(id)/retry").done().text("state") == "available")
      try await test.workOffJobs()
      let done = try await api.send(.get, "/api/jobs/\(id)").done()
      #expect(try done.text("state") == "completed")
      #expect(try done.text("report") == "0 ads, all healthy")
      for path in ["/api/jobs/\(try #require(theirs.first?.id))", "/api/jobs/x"] {
        #expect(try await api.send(.get, path).refusal().status == 404)
      }
      let bad = ["state=x": "state", "limit=0": "limit", "limit=501": "limit", "before=1": "before", "nope=1": "nope"]
      for (query, field) in bad {
        let refusal = try await api.send(.get, "/api/jobs?\(query)").refusal()
        #expect(refusal.status == 422)
        #expect(refusal.fields == [field])
      }
    }
  }

  @Test("Metrics tell depth, age, ends and failures of the queues in Prometheus' format")
  func metrics() async throws {
    let test = try await TestSystem()
    try await test.system.jobs.push([MonitorFatigue(accountID: test.account)])
    test.clock.advance(seconds: 90)
    try await test.serving { api in
      let first = try await api.with(key: nil).send(.get, "/metrics")
      #expect(first.status == 200)
      #expect(first.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
      let waiting = String(decoding: first.bytes, as: UTF8.self)
      #expect(waiting.contains("geminivideo_jobs{queue=\"fatigue-monitoring\",state=\"available\"} 1.0\n"))
      #expect(waiting.contains("geminivideo_jobs_oldest_waiting_seconds{queue=\"fatigue-monitoring\"} 90.0\n"))
      try await test.workOffJobs()
      test.clock.advance(seconds: 5)
      let after = try await api.with(key: nil).send(.get, "/metrics")
      let done = String(decoding: after.bytes, as: UTF8.self)
      let labels = #"queue="fatigue-monitoring",name="monitor_fatigue",outcome="completed",failure_class="""#
      #expect(done.contains("geminivideo_job_attempts_total{\(labels)} 1.0\n"))
      for line in done.split(separator: "\n") where !line.hasPrefix("#") {
        #expect(line.wholeMatch(of: #/[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [0-9.e+-]+/#) != nil, "\(line)")
      }
    }
  }

  @Test("Feedback leaves no job where there is nothing to do, whatever the ad did")
  func winners() async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let path = "/api/ml/battle-hardened/feedback"
      func send(_ ad: String, clicks: Int) async throws {
        let body = #"{"ad_id": "\#(ad)", "date": "2026-05-20", "impressions": 1000, "clicks": \#(clicks), "spend": 50}"#
        _ = try await api.post(path, body).done()
      }
      try await send("1", clicks: 31)
      try await send("2", clicks: 30)
      #expect(try await test.system.jobs.list(JobFilter(accountID: test.account)).isEmpty)
    }
  }

  @Test("The recurring jobs do their work and report it")
  func recurring() async throws {
    let test = try await TestSystem()
    try await test.system.addSample(test.account, seed: 3)
    try await test.system.jobs.push([MonitorFatigue(accountID: test.account)])
    try await test.system.jobs.push([ProcessBudgetOptimization(accountID: test.account)])
    try await test.workOffJobs()
    let jobs = try await test.system.jobs.list(JobFilter(accountID: test.account, state: .completed))
    let reports = Dictionary(uniqueKeysWithValues: jobs.map { ($0.name, $0.report ?? "") })
    #expect(reports["monitor_fatigue"]?.contains(" ads, ") == true)
    #expect(reports["process_budget_optimization"]?.contains("decision acme:") == true)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM decisions") == 1)
  }
}
