import Formats
import Testing
import Values

@testable import Sandbox

/// What goes wrong, as often as it is meant to, and the same each time.
struct FaultTests {
  @Test("Faults are read from a list with or without rates")
  func rates() throws {
    let rates = try #require(FaultRates("latency,429=0.25, lost_webhook = 1"))
    #expect(rates.rate(.latency) == SandboxFault.latency.usualRate)
    #expect(rates.rate(.tooManyCalls) == 0.25)
    #expect(rates.rate(.lostWebhook) == 1)
    #expect(rates.rate(.null) == 0)
    for text in ["latency,", ""] { #expect(FaultRates(text) != nil) }
    for text in ["nonsense", "429=2", "429=-1", "429=x", "500=nan"] { #expect(FaultRates(text) == nil, "\(text)") }
  }

  @Test("Answers fail as often as they are meant to; half of the writes that fail are made all the same")
  func failures() async throws {
    let bench = try SandboxBench(worldSettings()) {
      $0.faults.set(.serverError, 0.4)
      $0.faults.set(.tooManyCalls, 0.1)
    }
    var codes: [Int64: Int] = [:]
    for number in 0..<200 {
      let reply = await bench.graph("POST", "23850000000300001", ["name": "Ad \(number)"])
      codes[reply.body["error"]?["code"]?.integer ?? 0, default: 0] += 1
      if reply.status == 500 { #expect(reply.body["error"]?["is_transient"] == true) }
    }
    #expect((50...100).contains(codes[2] ?? 0))
    #expect((8...35).contains(codes[80_004] ?? 0))
    let writes = try #require(await bench.control("GET", "state").body["writes"]?.integer)
    let made = Int(writes) - (codes[0] ?? 0)
    #expect((25...65).contains(made * 100 / (codes[2] ?? 1)))
    #expect(await bench.control("PUT", "faults", #"{"faults":""}"#).status == 200)
    for _ in 0..<20 { #expect(await bench.graph("GET", "me").status == 200) }
    #expect(await bench.control("PUT", "faults", #"{"faults":"bad"}"#).status == 400)
  }

  @Test("Requests of a batch are lost before or after they are done")
  func nulls() async throws {
    let bench = try SandboxBench(worldSettings()) { $0.faults.set(.null, 0.5) }
    var (lost, written) = (0, 0)
    for number in 0..<40 {
      let item = #"{"method":"POST","relative_url":"23850000000300001","body":"name=Ad+\#(number)"}"#
      let reply = await bench.graph("POST", "", ["batch": "[\(item)]"])
      #expect(reply.status == 200)
      if reply.body.arrayValue == [.null] { lost += 1 }
      let name = await bench.graph("GET", "23850000000300001", ["fields": "name"]).body["name"]?.stringValue
      if name == "Ad \(number)" { written += 1 }
    }
    #expect((10...30).contains(lost))
    #expect(written > 40 - lost && written < 40)
  }

  @Test("Figures are stated anew for 28 days, and are then what was charged")
  func restatement() async throws {
    let bench = try SandboxBench(worldSettings(seed: 2)) { $0.faults.set(.restate, 0.5) }
    let wanted = [
      "level": "ad", "time_increment": "1", "time_range": #"{"since":"2026-01-05","until":"2026-01-11"}"#,
      "fields": "ad_id,spend,impressions,actions", "limit": "500",
    ]
    func read() async -> [JSONValue] {
      await bench.graph("GET", "\(bench.account)/insights", wanted).body["data"]?.arrayValue ?? []
    }
    await bench.pass(days: 7)
    let first = await read()
    var states = [first]
    for _ in 0..<30 {
      await bench.pass(days: 1)
      states.append(await read())
    }
    #expect(Set(states.map { "\($0)" }).count > 5)
    #expect(states[29] == states[30])
    let changed = zip(first, states[30]).count { $0 != $1 }
    #expect((10...50).contains(changed))
    #expect(first.count == states[30].count)
    let exact = try SandboxBench(worldSettings(seed: 2))
    await exact.pass(days: 37)
    let truth = await exact.graph("GET", "\(exact.account)/insights", wanted).body["data"]?.arrayValue
    #expect(truth == states[30])
  }

  @Test("People change budgets and switches, at the same moments each time, however the clock is moved on")
  func handEdits() async throws {
    func edits(_ steps: [Int64]) async throws -> [JSONValue] {
      let bench = try SandboxBench(worldSettings(seed: 9)) { $0.faults.set(.handEdit, 0.5) }
      for step in steps { await bench.sandbox.advance(seconds: step * 86_400 / 10) }
      return await bench.control("GET", "changes").body["changes"]?.arrayValue ?? []
    }
    let first = try await edits([300])
    #expect((5...25).contains(first.count))
    #expect(first.allSatisfy { $0["author"] == "person" })
    #expect(Set(first.compactMap { $0["field"]?.stringValue }) == ["daily_budget", "status"])
    #expect(try await edits([3, 17, 130, 150]) == first)
  }

  @Test("Webhooks are lost as often as they are meant to")
  func lostWebhooks() async throws {
    let receiver = Receiver()
    let bench = try SandboxBench(worldSettings(), receiver: receiver) {
      $0.faults.set(.lostWebhook, 0.3)
      $0.webhookURL = "https://ads.example.com/webhooks/hubspot"
    }
    await bench.pass(days: 5)
    let lost = try #require(await bench.control("GET", "state").body["webhooks"]?["lost"]?.integer)
    let sent = receiver.calls.count
    #expect((15...45).contains(Int(lost) * 100 / (sent + Int(lost))))
  }
}
