import FakeHubSpot
import RemoteAPIs
import Sandbox
import TestKit
import Testing
import Values

/// What the client makes of each way in which HubSpot fails, over the network against the fake HubSpot.
struct ClientFailureTests {
  private let bench = ClientBench()

  private func failure(_ faults: [PortalFault], retryAfter: Int = 1) async throws -> HubSpotError? {
    bench.fake.setDeal(1, ["amount": "1"])
    bench.fake.setFaults { change in
      change.next = faults
      change.retryAfterSeconds = retryAfter
    }
    let result = Outcome()
    try await bench.run { client in
      do throws(HubSpotError) {
        _ = try await client.deal(1, properties: ["amount"])
      } catch {
        result.set(error)
      }
    }
    return result.error
  }

  @Test(
    "What passes by itself is tried three times, with growing waits",
    arguments: [PortalFault.badGateway, .serviceUnavailable, .truncated, .cutJSON])
  func quickRetries(_ fault: PortalFault) async throws {
    #expect(try await failure([fault, fault]) == nil)
    #expect(bench.waits.all == [.milliseconds(125), .milliseconds(250)])
    #expect(bench.fake.requests.count == 3)
    let error = try #require(try await failure([fault, fault, fault]))
    #expect(error.isRetryable)
    #expect(error.retryAfter == nil)
    switch (fault, error) {
    case (.truncated, .unreadable), (.cutJSON, .unreadable), (.badGateway, .unavailable): break
    case (.serviceUnavailable, .unavailable("service unavailable", nil)): break
    default: Issue.record("\(error)")
    }
    #expect(bench.fake.requests.count == 6)
  }

  @Test("A server error is left to the caller")
  func serverError() async throws {
    #expect(try await failure([.serverError]) == .unavailable("internal error", retryAfter: nil))
    #expect(bench.waits.all.isEmpty)
  }

  @Test("A locked record and a moving account say when to come back")
  func comeBack() async throws {
    #expect(try await failure([.locked]) == .unavailable("the record is locked", retryAfter: .seconds(2)))
    let moving = try await failure([.moving], retryAfter: 3_600)
    #expect(moving == .unavailable("the account is being moved", retryAfter: .seconds(3_600)))
    #expect(bench.waits.all.isEmpty)
  }

  @Test("A limit that soon passes is waited for")
  func shortLimit() async throws {
    #expect(try await failure([.tenSecondlyRetryAfter]) == nil)
    #expect(bench.waits.all == [.milliseconds(1_125)])
  }

  @Test("A limit that takes longer is told, and the next call waits for its end")
  func longLimit() async throws {
    #expect(try await failure([.tenSecondly]) == .rateLimited(.secondly, retryAfter: .seconds(10)))
    #expect(bench.waits.all.isEmpty)
    let fake = bench.fake
    let waits = bench.waits
    fake.failNext(.tenSecondly)
    try await bench.run { client in
      await #expect(throws: HubSpotError.self) { try await client.pipelines() }
      _ = try await client.pipelines()
    }
    #expect(waits.all == [.seconds(10)])
  }

  @Test("A limit of minutes keeps later calls from being sent")
  func minutes() async throws {
    bench.fake.setFaults { $0.retryAfterSeconds = 300 }
    let bench = bench
    try await bench.run { client in
      bench.fake.failNext(.dailyRetryAfter)
      let error = await #expect(throws: HubSpotError.self) { try await client.pipelines() }
      #expect(error == .rateLimited(.daily, retryAfter: .seconds(300)))
      bench.clock.advance(seconds: 100)
      let next = await #expect(throws: HubSpotError.self) { try await client.pipelines() }
      #expect(next == .rateLimited(.daily, retryAfter: .seconds(200)))
      #expect(bench.fake.requests.count == 1)
      bench.clock.advance(seconds: 200)
      _ = try await client.pipelines()
    }
    #expect(bench.waits.all.isEmpty)
  }

  @Test("The daily limit is told without a time where HubSpot gives none")
  func daily() async throws {
    let error = try await failure([.daily])
    #expect(error == .rateLimited(.daily, retryAfter: nil))
    #expect(error?.isRetryable == true)
    #expect(bench.waits.all.isEmpty)
  }

  @Test("The window that HubSpot's headers tell of is never overrun")
  func window() async throws {
    bench.fake.setLimits { limits in
      limits.perWindow = 3
      limits.windowMilliseconds = 8_000
    }
    let bench = bench
    try await bench.run { client in
      for _ in 0..<10 { _ = try await client.pipelines() }
    }
    #expect(bench.waits.all == Array(repeating: .seconds(8), count: 3))
    #expect(bench.fake.requests.count == 10)
  }

  @Test("A wrong token and missing scopes need a person")
  func unauthorized() async throws {
    bench.fake.setDeal(1, [:])
    let bench = bench
    try await withNetwork { transport in
      try await bench.fake.serve { url in
        let stranger = bench.client(transport, url, token: "pat-na1-secret")
        let error = await #expect(throws: HubSpotError.self) { try await stranger.deal(1, properties: []) }
        guard case .unauthorized = error else {
          Issue.record("\(String(describing: error))")
          return
        }
        bench.fake.withhold(scopes: ["crm.objects.deals.read"])
        let poor = await #expect(throws: HubSpotError.self) {
          try await bench.client(transport, url).deal(1, properties: [])
        }
        guard case .unauthorized(let text) = poor else {
          Issue.record("\(String(describing: poor))")
          return
        }
        #expect(text.contains("crm.objects.deals.read"))
        #expect(poor?.isRetryable == false)
      }
    }
    #expect(bench.fake.requests.count == 2)
  }

  @Test("A call that breaks a rule comes back with HubSpot's reason and number")
  func invalid() async throws {
    let properties = (0..<300).map { "a_property_with_a_long_name_\($0)" }
    let bench = bench
    try await bench.run { client in
      var search = client.deals(changedSince: bench.clock.now(), properties: properties)
      let error = await #expect(throws: HubSpotError.self) { try await search.next() }
      #expect(error == .invalid("the body has more than 3000 characters", correlationID: "sandbox-1"))
      #expect(error?.isRetryable == false)
    }
  }

  @Test("An answer that does not come in time is left to the caller")
  func timeout() async throws {
    bench.fake.failNext(.never)
    let bench = bench
    try await withNetwork { transport in
      try await bench.fake.serve { url in
        let client = bench.client(transport, url, timeLimit: .milliseconds(100))
        let error = await #expect(throws: HubSpotError.self) { try await client.pipelines() }
        guard case .unavailable(_, nil) = error else {
          Issue.record("\(String(describing: error))")
          return
        }
      }
    }
    #expect(bench.waits.all.isEmpty)
  }

  @Test("Under a steady rain of faults, what is read is right", arguments: 0..<3)
  func rain(_ seed: Int) async throws {
    let bench = ClientBench()
    for id: Int64 in 1...40 { bench.fake.setDeal(id, ["amount": "\(id)"], contacts: [id + 500]) }
    bench.fake.setFaults { faults in
      faults.spread(0.4)
      faults.rates[.slow] = 0
    }
    let outcomes = Outcome()
    try await bench.run { client in
      for id: Int64 in 1...40 {
        do throws(HubSpotError) {
          let deal = try await client.deal(id, properties: ["amount"])
          #expect(deal["amount"] == "\(id)")
          #expect(deal.contactIDs == [id + 500])
          outcomes.count()
        } catch {
          #expect(error.isRetryable)
        }
      }
    }
    #expect(outcomes.successes >= 20)
    #expect(bench.fake.requests.count > 40)
  }
}
