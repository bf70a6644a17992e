import RemoteAPIs
import TestKit
import Testing
import Values

/// What the client makes of each of Meta's errors.
struct MetaErrorTests {
  private let bench = MetaBench()

  private func body(_ code: Int, _ subcode: Int?, isTransient: Bool = false) -> String {
    let second = subcode.map { #""error_subcode":\#($0),"# } ?? ""
    return """
      {"error":{"message":"m","type":"OAuthException","code":\(code),\(second)"is_transient":\(isTransient),\
      "fbtrace_id":"Ab"}}
      """
  }

  private func failure(
    _ purpose: MetaThrottle.Purpose, _ results: Result<HTTPAnswer, TransportError>...
  ) async throws -> MetaError? {
    let client = try bench.client(ScriptedTransport(script: results))
    return await RemoteAPIsTests.failure { () async throws(MetaError) in
      switch purpose {
      case .writing: try await client.apply(.pause, to: meta(1))
      case .reading: _ = try await client.object(MetaAd.self, meta(1))
      case .insights:
        var pages = client.insights(
          MetaInsightsQuery(
            since: CalendarDay(daysSinceEpoch: 20_000), until: CalendarDay(daysSinceEpoch: 20_000), fields: ["spend"]))
        _ = try await pages.next()
      }
    }
  }

  @Test(
    "limits say until when",
    arguments: [
      (4, nil, MetaLimit.app, 300), (4, 1_504_022, .app, 300), (17, 2_446_079, .adAccount, 300),
      (32, nil, .adAccount, 300), (613, nil, .adAccount, 300), (613, 1_487_742, .adAccount, 300),
      (613, 1_487_632, .budgetEdits, 3_600), (613, 5_044_001, .changesPerSecond, 2),
      (613, 1_487_225, .adCreation, 3_600), (613, 1_996, .adAccount, 300), (80_000, 2_446_079, .insights, 300),
      (80_004, 2_446_079, .management, 300), (80_014, nil, .management, 300),
    ] as [(Int, Int?, MetaLimit, Int64)])
  func limits(_ code: Int, _ subcode: Int?, _ limit: MetaLimit, _ seconds: Int64) async throws {
    let until = bench.clock.now().adding(seconds: seconds)
    let error = try #require(try await failure(.reading, .answer(400, body(code, subcode))))
    #expect(error.kind == .limited(limit, until: until))
    #expect(error.remedy == .wait(until: until))
    #expect(error.description.contains("wait until \(until)"))
  }

  @Test("what Meta says of the time to wait counts, in minutes")
  func regain() async throws {
    let usage = """
      {"9":[{"type":"ads_management","call_count":101,"total_cputime":1,"total_time":1,\
      "estimated_time_to_regain_access":17,"ads_api_access_tier":"development_access"}]}
      """
    let error = try await failure(
      .reading, .answer(400, body(80_004, 2_446_079), ["x-business-use-case-usage": usage]))
    #expect(error?.remedy == .wait(until: bench.clock.now().adding(seconds: 17 * 60)))
  }

  @Test(
    "what to do about each error",
    arguments: [
      (1, nil, false, .retry), (2, nil, false, .retry), (2, 1_504_043, false, .retry),
      (2, 1_504_041, false, .stop), (100, nil, false, .stop), (100, nil, true, .retry), (100, 33, false, .stop),
      (100, 1_885_252, false, .retry), (803, nil, false, .stop), (102, nil, false, .refreshToken),
      (190, 463, false, .refreshToken), (190, 460, false, .refreshToken), (10, nil, false, .stop),
      (200, nil, false, .stop), (278, nil, false, .stop), (294, nil, false, .stop), (341, nil, false, .pauseAccount),
      (368, nil, false, .pauseAccount), (2635, nil, false, .stop), (2500, nil, false, .stop), (506, nil, false, .stop),
      (9999, nil, false, .stop), (9999, nil, true, .retry),
    ] as [(Int, Int?, Bool, MetaError.Remedy)])
  func remedies(_ code: Int, _ subcode: Int?, _ isTransient: Bool, _ remedy: MetaError.Remedy) async throws {
    let answer = Result<HTTPAnswer, TransportError>.answer(400, body(code, subcode, isTransient: isTransient))
    let error = try #require(try await failure(.reading, answer, answer, answer))
    #expect(error.remedy == remedy)
    #expect(error.code == code)
    #expect(error.subcode == subcode)
    #expect(error.traceID == "Ab")
  }

  @Test("too much data is told from other errors")
  func tooMuch() async throws {
    let reduce = """
      {"error":{"code":1,"message":"Please reduce the amount of data you're asking for, then retry your request"}}
      """
    for answer in [body(100, 1_487_534), body(100, 1_504_018), body(2, 1_504_038), reduce] {
      let error = try await failure(.insights, .answer(400, answer))
      #expect(error?.kind == .tooMuchData, "\(answer)")
    }
    #expect(try await failure(.insights, .failure(.tooLarge(limit: 8)))?.kind == .tooMuchData)
  }

  @Test(
    "statuses without Meta's numbers",
    arguments: [
      (401, MetaError.Remedy.refreshToken), (403, .stop), (404, .stop), (400, .stop), (500, .retry), (503, .retry),
      (301, .retry),
    ])
  func statuses(_ status: Int, _ remedy: MetaError.Remedy) async throws {
    let answer = Result<HTTPAnswer, TransportError>.answer(status, "<html>")
    let error = try await failure(.reading, answer, answer, answer)
    #expect(error?.remedy == remedy)
    #expect(error?.message == "status \(status) without a message")
  }

  @Test("a success that holds an error is one, and text that is no JSON is none")
  func disguised() async throws {
    #expect(try await failure(.reading, .answer(200, body(190, 463)))?.kind == .tokenRefused)
    let text = Result<HTTPAnswer, TransportError>.answer(200, "Service Unavailable")
    #expect(try await failure(.reading, text, text, text)?.kind == .unreadable)
    #expect(try await failure(.writing, text)?.kind == .outcomeUnknown)
  }

  @Test(
    "whether a change was made is unknown where no clear answer came",
    arguments: [
      .failure(.timedOut(limit: .seconds(60))), .failure(.connectionFailed("reset")), .failure(.truncated),
      .failure(.cancelled), .failure(.tooLarge(limit: 8)), .answer(500, ""), .answer(200, "{}"), .answer(200, "["),
      .answer(500, #"{"error":{"code":2,"message":"m"}}"#), .answer(400, #"{"error":{"code":1,"message":"m"}}"#),
      .answer(200, #"{"success":false}"#),
    ] as [Result<HTTPAnswer, TransportError>])
  func unknown(_ result: Result<HTTPAnswer, TransportError>) async throws {
    let transport = ScriptedTransport(result, .answer(200, #"{"success":true}"#))
    let client = try bench.client(transport)
    let error = await RemoteAPIsTests.failure { () async throws(MetaError) in
      try await client.apply(.pause, to: meta(1))
    }
    #expect(error?.remedy == .readBack)
    #expect(transport.calls.count == 1)
  }

  @Test("a refused change was not made")
  func refused() async throws {
    for code in [100, 190, 10, 613, 368] {
      let error = try #require(try await failure(.writing, .answer(400, body(code, nil))))
      #expect(error.remedy != .readBack, "\(code)")
      #expect(error.remedy != .retry, "\(code)")
    }
    #expect(try await failure(.writing, .failure(.invalidCall("no host")))?.kind == .invalid)
  }

  @Test("reads that fail at once are made three times, with growing random pauses")
  func repeated() async throws {
    let answer = Result<HTTPAnswer, TransportError>.answer(500, body(2, nil))
    let transport = ScriptedTransport(answer, .failure(.connectionFailed("reset")), answer, .answer(200, "{}"))
    let client = try bench.client(transport)
    let error = await RemoteAPIsTests.failure { () async throws(MetaError) in try await client.account() }
    #expect(error?.kind == .unavailable)
    #expect(transport.calls.count == 3)
    #expect(bench.waits == [.milliseconds(125), .milliseconds(250)])
  }

  @Test("secrets do not come back in an error's text, and no text is endless")
  func hidden() async throws {
    let proof = "5ce7e27778ee701854c15400a27248a17dca845fae4a6a40efc6de3c6e504067"
    let message = "TOKEN appsecret \(proof)\\u0007 " + String(repeating: "x", count: 5_000)
    let transport = ScriptedTransport(
      .answer(
        400,
        """
        {"error":{"code":100,"message":"\(message)","fbtrace_id":"TOKEN",\
        "error_data":{"blame_field_specs":[["appsecret"]]}}}
        """))
    let client = try bench.client(transport, appSecret: "appsecret")
    let error = try #require(
      await RemoteAPIsTests.failure { () async throws(MetaError) in try await client.account() })
    let text = "\(error) \(String(reflecting: error))"
    for secret in ["TOKEN", "appsecret", proof] { #expect(!text.contains(secret)) }
    #expect(error.message.count <= 400)
    #expect(!error.message.unicodeScalars.contains { $0.value < 0x20 })
  }
}
