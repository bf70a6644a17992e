import Formats
import HTTPTypes
import RemoteAPIs
import TestKit
import Testing
import Values

/// The client's requests against those that Meta's own Python library makes for the same calls.
@Suite("Meta's client asks what Meta's own library asks", .needsSharedData)
struct MetaRecordingTests {
  private let bench = MetaBench()
  private let recording: MetaRecording

  init() throws {
    recording = try MetaRecording()
  }

  /// Answers as the recording says from exchange `first` on, and the client that is answered.
  private func replay(
    from first: Int, _ count: Int
  ) throws -> (client: MetaClient, transport: ScriptedTransport) {
    let transport = ScriptedTransport(script: recording.exchanges[first..<first + count].map { .success($0.answer) })
    return (try bench.client(transport, appSecret: "appsecret"), transport)
  }

  private func expectEqual(_ transport: ScriptedTransport, from first: Int, ignoring name: String = "") {
    for (index, call) in transport.calls.enumerated() {
      let recorded = recording.exchanges[first + index].request
      #expect(call.bearerToken?.text == recorded.parameters["access_token"])
      #expect(!call.url.contains("TOKEN"))
      #expect(MetaRequest(call).without(name) == recorded.without("access_token", "summary", name))
    }
  }

  private func query(_ fields: [String]) throws -> MetaInsightsQuery {
    var query = MetaInsightsQuery(
      since: try #require(CalendarDay("2026-11-01")), until: try #require(CalendarDay("2026-11-07")), fields: fields)
    query.attributionWindows = ["1d_view", "7d_click"]
    query.statuses = [.active]
    query.breakdowns = ["publisher_platform"]
    query.limit = 1
    return query
  }

  @Test("figures, page by page")
  func insights() async throws {
    let (client, transport) = try replay(from: 0, 2)
    var pages = client.insights(
      try query(["ad_id", "spend", "impressions", "clicks", "actions", "action_values"]))
    let rows = try await pages.all()
    #expect(transport.calls.count == 2)
    expectEqual(transport, from: 0)
    #expect(rows.map { $0["ad_id"]?.stringValue } == ["23850000000000001", "23850000000000002"])
    #expect(rows.allSatisfy { $0["spend"] == "12.34" })
    #expect(client.accessTier == "standard_access")
  }

  @Test("a report: ordered, waited for, read")
  func report() async throws {
    let (client, transport) = try replay(from: 2, 5)
    let id = try await client.orderReport(try query(["ad_id", "spend"]))
    #expect(id.value == "6023920149050")
    #expect(try await client.report(id) == .running(percent: 50))
    #expect(try await client.report(id) == .completed)
    var pages = client.rows(ofReport: id, limit: nil)
    #expect(try await pages.all().count == 2)
    expectEqual(transport, from: 2)
  }

  @Test("the ad account, its least budgets and an ad set; which fields to ask for is each program's own choice")
  func objects() async throws {
    let (client, transport) = try replay(from: 7, 3)
    // The recorded answers hold only the fields that were asked for there.
    _ = await failure { () async throws(MetaError) in try await client.account() }
    let minimum = try await client.minimumBudgets()
    #expect(minimum.map(\.currency) == ["USD"])
    #expect(minimum.map(\.impressions) == [100])
    _ = await failure { () async throws(MetaError) in try await client.object(MetaAdSet.self, meta(2385)) }
    expectEqual(transport, from: 7, ignoring: "fields")
  }

  @Test("changes, one by one, and what refuses them")
  func changes() async throws {
    let (client, transport) = try replay(from: 10, 7)
    let usd = try MetaCurrency("USD")
    for _ in 0..<2 {
      try await client.apply(.dailyBudget(try MetaAmount(Money(micros: 55_000_000), in: usd)), to: meta(2385))
      try await client.apply(.pause, to: meta(2385))
    }
    let cent = MetaChange.dailyBudget(try MetaAmount(Money(micros: 10_000), in: usd))
    let edits = await failure { () async throws(MetaError) in try await client.apply(cent, to: meta(2386)) }
    #expect(edits?.kind == .limited(.budgetEdits, until: bench.clock.now().adding(seconds: 3_600)))
    let low = await failure { () async throws(MetaError) in try await client.apply(cent, to: meta(2387)) }
    #expect(low?.kind == .invalid)
    #expect(low?.subcode == 1_885_272)
    #expect(low?.blamedFields == ["daily_budget"])
    let expired = await failure { () async throws(MetaError) in try await client.apply(cent, to: meta(2388)) }
    #expect(expired?.remedy == .refreshToken)
    #expect(transport.calls.count == 7)
    expectEqual(transport, from: 10)
  }

  @Test("a batch of changes: one made, one refused, one unknown")
  func batch() async throws {
    let (client, transport) = try replay(from: 17, 1)
    let change = MetaChange.dailyBudget(try MetaAmount(Money(micros: 60_000_000), in: try MetaCurrency("USD")))
    let replies = try await client.apply([2385, 2386, 2387].map { (meta($0), change) })
    expectEqual(transport, from: 17)
    guard replies.count == 3, case .done = replies[0], case .refused(let error) = replies[1], case .unknown = replies[2]
    else {
      Issue.record("\(replies)")
      return
    }
    #expect(error.code == 613)
  }

  @Test("the whole recording is compared")
  func length() {
    #expect(recording.exchanges.count == 18)
  }
}

/// A number of Meta's.
func meta(_ number: Int) -> MetaID {
  guard let id = MetaID("\(number)") else { preconditionFailure("\(number) is no number of Meta's") }
  return id
}
