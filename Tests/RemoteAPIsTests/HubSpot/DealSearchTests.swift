import FakeHubSpot
import RemoteAPIs
import Sandbox
import TestKit
import Testing
import Values

/// Walking through the deals changed since a moment.
struct DealSearchTests {
  private let bench = ClientBench()

  private static func walk(
    _ client: HubSpotClient, since: Instant, eachPage: (Int) -> Void = { _ in }
  ) async throws -> [HubSpotDeal] {
    var search = client.deals(changedSince: since, properties: ["amount"])
    var deals: [HubSpotDeal] = []
    var pages = 0
    while let page = try await search.next() {
      deals += page
      pages += 1
      eachPage(pages)
    }
    #expect(try await search.next() == nil)
    return deals
  }

  @Test("10,001 deals are all found once, in the order of their changes")
  func beyondTheLimit() async throws {
    let start = bench.clock.now()
    for id: Int64 in 1...10_001 {
      // Several deals share a moment, so that pages begin and end amid them.
      bench.fake.setDeal(id, ["amount": "\(id)"], at: Instant(microseconds: start.microseconds + id / 7 * 1_000))
    }
    bench.fake.setLimits { $0.perWindow = 1_000 }
    try await bench.run { client in
      let deals = try await Self.walk(client, since: start)
      #expect(deals.map(\.id) == Array(1...10_001))
      #expect(deals.last?["amount"] == "10001")
    }
  }

  @Test("Only changes from the moment on count, to the millisecond")
  func since() async throws {
    let start = bench.clock.now()
    for id: Int64 in 0..<10 {
      bench.fake.setDeal(id, ["amount": "1"], at: Instant(microseconds: start.microseconds + id * 1_000))
    }
    try await bench.run { client in
      let from = Instant(microseconds: start.microseconds + 5_999)
      let deals = try await Self.walk(client, since: from)
      #expect(deals.map(\.id) == [5, 6, 7, 8, 9])
      let later = try await Self.walk(client, since: start.adding(seconds: 1))
      #expect(later.isEmpty)
    }
  }

  @Test(
    "More deals of one moment than a page holds are read page by page", arguments: [199, 200, 201, 400, 401, 1_000])
  func oneMoment(_ count: Int64) async throws {
    let start = bench.clock.now()
    for id in 1...count { bench.fake.setDeal(id, ["amount": "1"], at: start) }
    bench.fake.setDeal(5_000, ["amount": "1"], at: start.adding(seconds: 1))
    try await bench.run { client in
      let deals = try await Self.walk(client, since: start.adding(seconds: -1))
      #expect(deals.map(\.id) == Array(1...count) + [5_000])
    }
  }

  @Test("More than 10,000 deals of one moment are refused rather than left out")
  func tooManyAtOnce() async throws {
    let start = bench.clock.now()
    for id: Int64 in 1...10_001 { bench.fake.setDeal(id, ["amount": "1"], at: start) }
    try await bench.run { client in
      let error = await #expect(throws: HubSpotError.self) { try await Self.walk(client, since: start) }
      guard case .unreadable(let reason) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(reason.contains("10000"))
    }
  }

  @Test("Deals that change during the walk leave no gap, and come once more")
  func changesMeanwhile() async throws {
    let start = bench.clock.now()
    for id: Int64 in 1...900 {
      bench.fake.setDeal(id, ["amount": "1"], at: Instant(microseconds: start.microseconds + id * 1_000))
    }
    bench.clock.advance(seconds: 3_600)
    let bench = bench
    try await bench.run { client in
      let deals = try await Self.walk(client, since: start) { page in
        // All of them lie in pages that have been read.
        if page == 2 { for id: Int64 in 1...150 { bench.fake.setDeal(id, ["amount": "2"]) } }
      }
      #expect(Set(deals.map(\.id)) == Set(1...900))
      #expect(deals.count == 1_050)
      #expect(deals.filter { $0["amount"] == "2" }.map(\.id) == Array(1...150))
    }
  }

  @Test("The limit of searches is waited for")
  func searchLimit() async throws {
    let start = bench.clock.now()
    for id: Int64 in 1...2_000 {
      bench.fake.setDeal(id, ["amount": "1"], at: Instant(microseconds: start.microseconds + id * 1_000))
    }
    bench.fake.setLimits { $0.searchesPerSecond = 5 }
    try await bench.run { client in
      let deals = try await Self.walk(client, since: start)
      #expect(deals.count == 2_000)
    }
    #expect(bench.waits.all == [.milliseconds(1_125), .milliseconds(1_125)])
  }

  @Test("A page that failed is read again by the next call")
  func resumes() async throws {
    let start = bench.clock.now()
    for id: Int64 in 1...300 {
      bench.fake.setDeal(id, ["amount": "1"], at: Instant(microseconds: start.microseconds + id * 1_000))
    }
    let fake = bench.fake
    try await bench.run { client in
      var search = client.deals(changedSince: start, properties: [])
      let first = try await search.next()
      fake.failNext(.serverError)
      await #expect(throws: HubSpotError.self) { try await search.next() }
      let second = try await search.next()
      #expect((first ?? []).count + (second ?? []).count == 300)
      #expect(search.position == Instant(microseconds: start.microseconds + 300_000))
      #expect(try await search.next() == nil)
    }
  }
}
