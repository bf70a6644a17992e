import Formats
import HTTPTypes
import RemoteAPIs
import Simulator
import TestKit
import Testing
import Values

@testable import Sandbox

/// A sandbox's clock, its controls, and its way over the network.
struct SandboxTests {
  @Test("The clock moves by requests, within the world, and faster than the wall's where it is meant to")
  func clock() async throws {
    let bench = try SandboxBench(worldSettings())
    let start = bench.sandbox.settings.world.start
    bench.wall.advance(seconds: 1_000)
    #expect(bench.sandbox.now == start)
    #expect(await bench.control("POST", "advance", #"{"days":1,"hours":2.5}"#).body["now"] == "2026-01-06T02:30:00Z")
    for body in ["", "[]", #"{"days":-1}"#, #"{"weeks":1}"#, #"{"days":367}"#, #"{"days":"1"}"#] {
      #expect(await bench.control("POST", "advance", body).status == 400, "\(body)")
    }
    let late = try SandboxBench(
      worldSettings(history: 365) {
        $0.campaigns = 1
        $0.adSets = 1
        $0.market.initialAds = 1
        $0.market.launchEvery = 2_000
      }
    ) { $0.daysPerMinute = 360 }
    late.wall.advance(seconds: 10)
    #expect(late.sandbox.now == start.adding(seconds: 60 * 86_400))
    #expect(await late.control("POST", "advance", #"{"days":366}"#).status == 200)
    late.wall.advance(seconds: 3_600)
    #expect(await late.control("POST", "advance", #"{"hours":1}"#).status == 400)
    #expect(late.sandbox.now.description == (await late.control("GET", "clock").body["end"]?.stringValue))
  }

  @Test("Two sandboxes of a seed are the same, their credentials included")
  func seeds() async throws {
    func state(_ seed: UInt64) async throws -> JSONValue {
      let bench = try SandboxBench(worldSettings(seed: seed, history: 3))
      await bench.pass(days: 9)
      return await bench.control("GET", "state").body
    }
    let first = try await state(1)
    #expect(try await state(1) == first)
    #expect(try await state(2)["totals"] != first["totals"])
    let credentials = SandboxCredentials(seed: 1)
    #expect(credentials.accessToken == SandboxCredentials(seed: 1).accessToken)
    #expect(credentials.accessToken != SandboxCredentials(seed: 2).accessToken)
  }

  @Test("A world in which nobody changes anything goes on beside the one that is served")
  func untouched() async throws {
    let bench = try SandboxBench(worldSettings())
    await bench.pass(days: 2)
    let before = await bench.control("GET", "state").body
    #expect(before["untouched"] == before["totals"])
    #expect(await bench.graph("POST", "23850000000100001", ["status": "PAUSED"]).status == 200)
    await bench.pass(days: 2)
    let after = await bench.control("GET", "state").body
    #expect(after["untouched"] != after["totals"])
    let plain = try SandboxBench(worldSettings())
    await plain.pass(days: 4)
    #expect(await plain.control("GET", "state").body["totals"] == after["untouched"])
  }

  @Test("A person's edit is made, told apart from writes, and refused like them")
  func edits() async throws {
    let bench = try SandboxBench(worldSettings())
    let edit = #"{"id":"23850000000200002","daily_budget":7000,"status":"PAUSED"}"#
    #expect(await bench.control("POST", "edit", edit).status == 200)
    let read = await bench.graph("GET", "23850000000200002", ["fields": "daily_budget,status"]).body
    #expect(read["daily_budget"] == "7000" && read["status"] == "PAUSED")
    let state = await bench.control("GET", "state").body
    #expect(state["hand_edits"] == 2 && state["writes"] == 0)
    #expect(await bench.control("POST", "edit", #"{"id":"23850000000200002","daily_budget":1}"#).status == 409)
    for body in ["{}", #"{"id":"23850000000200002"}"#, #"{"id":"1","status":"ASLEEP"}"#] {
      #expect(await bench.control("POST", "edit", body).status == 400)
    }
    let changes = await bench.control("GET", "changes").body["changes"]?.arrayValue
    #expect(changes?.map { $0["refusal"] } == [.null, .null, "budget_too_low"])
    #expect(await bench.control("GET", "nothing").status == 404)
  }

  @Test("All of it is served over HTTP; an answer that is late comes all the same")
  func serving() async throws {
    let bench = try SandboxBench(worldSettings(history: 2)) {
      $0.faults.set(.latency, 0.5)
      $0.faults.latencyMilliseconds = 5
    }
    let transport = AsyncHTTPTransport()
    let server = SandboxServer { await bench.sandbox.reply(to: $0) }
    let credentials = bench.sandbox.settings.credentials
    try await server.serve { url in
      for _ in 0..<10 {
        let path = "/v26.0/\(credentials.adAccount)/insights?level=ad&date_preset=last_7d&limit=1"
        let answer = try await transport.send(HTTPCall(.get, url + path, bearerToken: credentials.accessToken))
        #expect(answer.status == 200)
        #expect(answer.header("facebook-api-version") == "v26.0")
        let next = JSONValue.parsed(answer.body)?["paging"]?["next"]?.stringValue
        #expect(next?.hasPrefix(url + "/v26.0/\(credentials.adAccount)/insights?") == true)
      }
      let stages = HTTPCall(.get, url + "/crm/v3/pipelines/deals", bearerToken: credentials.hubSpotToken)
      #expect(try await transport.send(stages).status == 200)
      let state = try await transport.send(HTTPCall(.get, url + "/_sandbox/state"))
      #expect(JSONValue.parsed(state.body)?["requests"]?["graph"] == 10)
    }
    await transport.shutDown()
  }

  @Test("A thousand ads over twenty ad sets are read in pages")
  func large() async throws {
    let bench = try SandboxBench(
      worldSettings {
        $0.adSets = 20
        $0.market.initialAds = 1_000
        $0.market.dailyBudget = 20_000
      })
    await bench.pass(days: 1)
    #expect(await bench.ids("ads").count == 1_000)
    let wanted = ["level": "ad", "time_increment": "1", "date_preset": "yesterday", "limit": "500", "fields": "ad_id"]
    let page = await bench.graph("GET", "\(bench.account)/insights", wanted).body
    #expect(page["data"]?.arrayValue?.count == 500)
    #expect(page["paging"]?["next"] != nil)
  }
}
