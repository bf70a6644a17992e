import RemoteAPIs
import TestKit
import Testing
import Values

/// What the client makes of answers that no HubSpot should give, from a script.
struct ClientScriptTests {
  private let bench = ClientBench()

  private func failure(_ transport: ScriptedTransport, token: String = "pat-na1-secret") async -> HubSpotError? {
    do throws(HubSpotError) {
      _ = try await bench.client(transport, token: token).deal(7, properties: ["amount"])
      return nil
    } catch {
      return error
    }
  }

  @Test("A call names the deal, escapes what it asks for, and shows the token only to the transport")
  func call() async throws {
    let transport = ScriptedTransport(.answer(404, "{}"))
    _ = await failure(transport)
    let call = try #require(transport.calls.first)
    #expect(call.url == "https://api.hubapi.com/crm/v3/objects/deals/7?properties=amount&associations=contacts")
    #expect(call.bearerToken == Secret("pat-na1-secret"))
    var dumped = ""
    dump(call, to: &dumped)
    dump(bench.client(transport, token: "pat-na1-secret"), to: &dumped)
    #expect(!"\(call) \(String(reflecting: call)) \(dumped)".contains("pat-na1-secret"))
  }

  @Test("Connections that fail are tried three times")
  func connection() async {
    let transport = ScriptedTransport(
      .failure(.connectionFailed("refused")), .failure(.connectionFailed("refused")),
      .failure(.connectionFailed("refused")), .answer(404, "{}"))
    guard case .unavailable(let reason, nil) = await failure(transport) else {
      Issue.record("no failure")
      return
    }
    #expect(reason.contains("refused"))
    #expect(transport.calls.count == 3)
    #expect(bench.waits.all == [.milliseconds(125), .milliseconds(250)])
  }

  @Test("What took its time already is not tried again")
  func once() async {
    let cases: [(TransportError, Bool)] = [
      (.timedOut(limit: .seconds(30)), true), (.tooLarge(limit: 8), true), (.invalidCall("no host"), false),
      (.cancelled, false),
    ]
    for (error, isRetryable) in cases {
      let transport = ScriptedTransport(.failure(error), .answer(404, "{}"))
      let failure = await failure(transport)
      #expect(failure?.isRetryable == isRetryable)
      #expect(transport.calls.count == 1)
    }
    #expect(bench.waits.all.isEmpty)
  }

  @Test(
    "Answers that are not as documented are unreadable, and the place is named",
    arguments: [
      ("[]", ": [] must be an object"), ("{}", "id: null must be a whole number of 64 bits"),
      (#"{"id":"x"}"#, #"id: "x" must be a whole number of 64 bits"#),
      (#"{"id":"1","properties":{"amount":5}}"#, "properties.amount: 5 must be a string"),
      (#"{"id":"1","properties":{},"createdAt":"2026"}"#, "createdAt: \"2026\" must be a time"),
      (#"{"id":"1","properties":{},"propertiesWithHistory":{"a":[{"value":"x"}]}}"#, "propertiesWithHistory.a[0]."),
      (#"{"id":"1","properties":{},"associations":{"contacts":{}}}"#, "associations.contacts.results: null"),
      ("<html>", "unexpected byte"), (#"{"id":"1"} x"#, "unexpected text after the value"),
    ])
  func unreadable(_ body: String, _ reason: String) async {
    let transport = ScriptedTransport(.answer(200, body))
    guard case .unreadable(let text) = await failure(transport) else {
      Issue.record("\(body) was read")
      return
    }
    #expect(text.contains(reason), "\(text)")
    #expect(transport.calls.count == 1)
  }

  @Test(
    "Statuses without a body say what they are", arguments: [301, 400, 401, 403, 404, 409, 414, 418, 477, 500, 521])
  func emptyBodies(_ status: Int) async {
    let failure = await failure(ScriptedTransport(.answer(status, "")))
    #expect(failure?.description.contains("\(status)") == true)
    #expect(failure?.isRetryable == [301, 477, 500, 521].contains(status))
  }

  @Test("The token does not come back in an error's text, and no text is endless")
  func hidden() async throws {
    let message = "token pat-na1-secret is wrong " + String(repeating: "x", count: 5_000)
    for status in [400, 401, 403, 404, 423, 500] {
      let body = #"{"message":"\#(message)","correlationId":"pat-na1-secret","context":{"a":["pat-na1-secret"]}}"#
      let error = try #require(await failure(ScriptedTransport(.answer(status, body))))
      #expect(error.description.contains("token *** is wrong"))
      #expect(!"\(error) \(String(reflecting: error))".contains("pat-na1-secret"))
      #expect(error.description.count < 500)
    }
  }

  @Test(
    "Times to wait are taken as whole seconds up to a day",
    arguments: [
      ("0", Duration.seconds(0)), ("3", .seconds(3)), ("99999999999", .seconds(86_400)), ("-1", nil), ("soon", nil),
      ("Wed, 21 Oct 2026 07:28:00 GMT", nil),
    ])
  func retryAfter(_ header: String, _ time: Duration?) async {
    let failure = await failure(ScriptedTransport(.answer(500, "{}", ["Retry-After": header])))
    #expect(failure?.retryAfter == time)
  }

  @Test("What HubSpot wants later, or on another day, is not repeated at once")
  func later() async {
    let daily = ScriptedTransport(.answer(429, #"{"policyName":"DAILY"}"#, ["Retry-After": "1"]), .answer(404, "{}"))
    #expect(await failure(daily) == .rateLimited(.daily, retryAfter: .seconds(1)))
    #expect(daily.calls.count == 1)
    let long = ScriptedTransport(.answer(503, #"{"message":"m"}"#, ["Retry-After": "3"]), .answer(404, "{}"))
    #expect(await failure(long) == .unavailable("m", retryAfter: .seconds(3)))
    #expect(long.calls.count == 1)
    let short = ScriptedTransport(.answer(503, #"{"message":"m"}"#, ["Retry-After": "2"]), .answer(404, "{}"))
    #expect(await failure(short) == .notFound("status 404 without a message"))
    #expect(bench.waits.all == [.milliseconds(2_125)])
  }

  @Test("The values of a property come newest first, in whatever order HubSpot gives them; equal times keep theirs")
  func historyOrder() async throws {
    let versions = [("a", "00"), ("b", "02"), ("c", "02"), ("d", "01")].map { value, second in
      #"{"value":"\#(value)","timestamp":"2026-11-01T10:00:\#(second).000Z"}"#
    }.joined(separator: ",")
    let time = "2026-11-01T10:00:00.000Z"
    let transport = ScriptedTransport(
      .answer(
        200,
        """
        {"id":"7","properties":{},"propertiesWithHistory":{"dealstage":[\(versions)],"amount":[]},\
        "createdAt":"\(time)","updatedAt":"\(time)"}
        """))
    let deal = try await bench.client(transport).deal(7, properties: [], history: ["dealstage", "amount"])
    #expect(deal.history["dealstage"]?.map(\.value) == ["b", "c", "d", "a"])
    #expect(deal.history["amount"] == [])
  }

  @Test("A part of a batch that fails otherwise than by being missing fails the whole")
  func batchErrors() async {
    let body = #"{"results":[],"numErrors":1,"errors":[{"category":"VALIDATION_ERROR","message":"no such property"}]}"#
    await #expect(throws: HubSpotError.invalid("no such property", correlationID: nil)) {
      try await bench.client(ScriptedTransport(.answer(207, body))).deals([1], properties: [])
    }
  }

  @Test("A list of contacts that does not end is given up")
  func endlessContacts() async {
    let page = #"{"results":[],"paging":{"next":{"after":"1"}}}"#
    let transport = ScriptedTransport(repeating: .answer(200, page), count: 30)
    await #expect(throws: HubSpotError.unreadable("the list of the contacts of deal 7 does not end")) {
      try await bench.client(transport).contactIDs(ofDeal: 7)
    }
    #expect(transport.calls.count == 20)
  }

  @Test("A limit whose kind is not told is taken for one of seconds")
  func unknownLimit() async {
    let failure = await failure(ScriptedTransport(.answer(429, "{}")))
    #expect(failure == .rateLimited(.unknown, retryAfter: .seconds(10)))
  }

  @Test("Waiting for a window ends with the task")
  func cancelled() async {
    let transport = ScriptedTransport(.answer(200, #"{"results":[]}"#, ["X-HubSpot-RateLimit-Remaining": "0"]))
    let client = HubSpotClient(
      transport: transport, token: Secret("t"), now: bench.clock.now, sleep: { _ in throw CancellationError() })
    #expect((try? await client.pipelines()) == [])
    await #expect(throws: HubSpotError.cancelled) { try await client.pipelines() }
    #expect(transport.calls.count == 1)
  }

  @Test("A window that closes for longer than ten seconds is told, not waited for")
  func longWindow() async {
    let transport = ScriptedTransport(
      .answer(
        200, #"{"results":[]}"#,
        ["X-HubSpot-RateLimit-Remaining": "0", "X-HubSpot-RateLimit-Interval-Milliseconds": "99999999"]))
    let client = bench.client(transport)
    #expect((try? await client.pipelines()) == [])
    await #expect(throws: HubSpotError.rateLimited(.secondly, retryAfter: .seconds(60))) {
      try await client.pipelines()
    }
    #expect(transport.calls.count == 1)
  }

  @Test("A search whose results are out of order or go round in circles ends")
  func lostSearch() async {
    func deal(_ id: Int, _ time: String) -> String {
      """
      {"id":"\(id)","properties":{"hs_lastmodifieddate":"\(time)"},"createdAt":"\(time)","updatedAt":"\(time)"}
      """
    }
    let paging = #""paging":{"next":{"after":"1"}}"#
    let early = "2026-11-01T10:00:00.000Z"
    let late = "2026-11-01T10:00:01.000Z"
    let disorder = ScriptedTransport(.answer(200, #"{"results":[\#(deal(1, late)),\#(deal(2, early))]}"#))
    var search = bench.client(disorder).deals(changedSince: Instant(seconds: 0), properties: [])
    await #expect(throws: HubSpotError.unreadable("the results of the search are not in order")) {
      try await search.next()
    }
    let same = #"{"results":[\#(deal(1, early))],\#(paging)}"#
    let circle = ScriptedTransport(.answer(200, same), .answer(200, same), .answer(200, same))
    search = bench.client(circle).deals(changedSince: Instant(seconds: 0), properties: [])
    #expect((try? await search.next())?.count == 1)
    #expect((try? await search.next())?.isEmpty == true)
    await #expect(throws: HubSpotError.unreadable("the search returned the same page twice")) {
      try await search.next()
    }
  }
}
