import RemoteAPIs
import TestKit
import Testing
import Values

@Suite("Calls to Meta leave before Meta refuses them")
struct MetaThrottleTests {
  private static let start = Instant(seconds: 1_795_000_000)

  /// A throttle that has heard these headers at the start.
  private func throttle(_ headers: [String: String]) throws -> MetaThrottle {
    guard case .success(let answer) = Result<HTTPAnswer, TransportError>.answer(200, "{}", headers) else {
      throw TransportError.truncated
    }
    var throttle = MetaThrottle()
    throttle.note(MetaUsage(answer), at: Self.start)
    return throttle
  }

  private func management(_ percent: Int, regain: Int = 0) -> [String: String] {
    [
      "x-business-use-case-usage": """
      {"12":[{"type":"ads_management","call_count":\(percent),"total_cputime":3,"total_time":4,\
      "estimated_time_to_regain_access":\(regain),"ads_api_access_tier":"standard_access"}]}
      """
    ]
  }

  private func seconds(_ throttle: MetaThrottle, _ purpose: MetaThrottle.Purpose, at later: Int64 = 0) -> Double? {
    let now = Self.start.adding(seconds: later)
    return throttle.wait(for: purpose, at: now).map { Double($0.until.microseconds - now.microseconds) / 1_000_000 }
  }

  @Test("half of a quota leaves calls alone; then they leave farther apart, and reading stops before changes do")
  func gaps() throws {
    let cases: [(Int, reading: Double?, writing: Double?)] = [
      (0, nil, nil), (50, nil, nil), (60, 4, 10 * 10 / 45), (74, 9.6, 10 * 24 / 45), (75, 300, 10 * 25 / 45),
      (94, 300, 10 * 44 / 45), (95, 300, 300), (120, 300, 300),
    ]
    for (percent, reading, writing) in cases {
      let throttle = try throttle(management(percent))
      #expect(seconds(throttle, .reading) == reading, "\(percent)")
      #expect(seconds(throttle, .writing).map { ($0 * 1_000).rounded() } == writing.map { ($0 * 1_000).rounded() })
      #expect(seconds(throttle, .insights) == nil, "figures have a quota of their own")
    }
  }

  @Test("a wait passes, and the next answer renews what is known")
  func passes() throws {
    var throttle = try throttle(management(80))
    #expect(seconds(throttle, .reading, at: 299) == 1)
    #expect(seconds(throttle, .reading, at: 300) == nil)
    throttle.note(MetaUsage(try answer(management(40))), at: Self.start.adding(seconds: 300))
    #expect(seconds(throttle, .reading, at: 301) == nil)
  }

  @Test("minutes until access is regained close the quota, whatever later answers say")
  func regain() throws {
    var throttle = try throttle(management(100, regain: 20))
    #expect(throttle.wait(for: .writing, at: Self.start)?.limit == .management)
    #expect(seconds(throttle, .writing) == 1_200)
    throttle.note(MetaUsage(try answer(management(1))), at: Self.start.adding(seconds: 60))
    #expect(seconds(throttle, .writing, at: 60) == 1_140)
    #expect(seconds(throttle, .writing, at: 1_200) == nil)
  }

  @Test("the app's and the ad account's quotas hold back every call")
  func shared() throws {
    let app = try throttle(["x-app-usage": #"{"call_count":10,"total_cputime":96,"total_time":2}"#])
    let account = try throttle([
      "x-ad-account-usage":
        #"{"acc_id_util_pct":100,"reset_time_duration":90,"ads_api_access_tier":"development_access"}"#
    ])
    for purpose in MetaThrottle.Purpose.allCases {
      #expect(app.wait(for: purpose, at: Self.start)?.limit == .app)
      #expect(account.wait(for: purpose, at: Self.start)?.limit == .adAccount)
      #expect(seconds(account, purpose) == 90)
    }
  }

  @Test("the header about figures holds back figures alone")
  func insights() throws {
    let throttle = try throttle([
      "x-fb-ads-insights-throttle":
        #"{"app_id_util_pct":99.5,"acc_id_util_pct":0,"ads_api_access_tier":"standard_access"}"#
    ])
    #expect(throttle.wait(for: .insights, at: Self.start)?.limit == .insights)
    #expect(throttle.wait(for: .writing, at: Self.start) == nil)
  }

  @Test(
    "headers that cannot be read say nothing",
    arguments: ["", "{", "[]", "7", #"{"1":{}}"#, #"{"1":[7,{"type":"ads_management","call_count":"x"}]}"#])
  func unreadable(_ text: String) throws {
    let throttle = try throttle(["x-business-use-case-usage": text, "x-app-usage": text])
    for purpose in MetaThrottle.Purpose.allCases { #expect(seconds(throttle, purpose) == nil) }
  }

  private func answer(_ headers: [String: String]) throws -> HTTPAnswer {
    try Result<HTTPAnswer, TransportError>.answer(200, "{}", headers).get()
  }

  @Test("the client waits for short times itself, and tells of long ones without a call")
  func client() async throws {
    let bench = MetaBench()
    let transport = ScriptedTransport(
      .answer(200, "{}", management(60)), .answer(200, "{}", management(80)), .answer(200, #"{"success":true}"#))
    let client = try bench.client(transport)
    for _ in 0..<2 { _ = await failure { () async throws(MetaError) in try await client.account() } }
    #expect(bench.waits == [.seconds(4)])
    let until = bench.clock.now().adding(seconds: 300)
    let error = await failure { () async throws(MetaError) in try await client.account() }
    #expect(error?.kind == .limited(.management, until: until))
    #expect(transport.calls.count == 2)
    try await client.apply(.pause, to: meta(1))
    #expect(transport.calls.count == 3)
    #expect(client.wait(for: .reading) != nil)
  }

  @Test("a refusal closes the client's window for what it limits, and copies know of it")
  func refused() async throws {
    let bench = MetaBench()
    let body = { (code: Int, subcode: Int) in
      #"{"error":{"code":\#(code),"error_subcode":\#(subcode),"message":"m"}}"#
    }
    let transport = ScriptedTransport(
      .answer(400, body(613, 1_487_632)), .answer(200, #"{"success":true}"#), .answer(400, body(80_004, 2_446_079)))
    let client = try bench.client(transport)
    let copy = client
    _ = await failure { () async throws(MetaError) in try await client.apply(.pause, to: meta(1)) }
    try await copy.apply(.pause, to: meta(2))
    _ = await failure { () async throws(MetaError) in try await client.apply(.pause, to: meta(3)) }
    let error = await failure { () async throws(MetaError) in try await copy.apply(.pause, to: meta(4)) }
    #expect(error?.remedy == .wait(until: bench.clock.now().adding(seconds: 300)))
    #expect(transport.calls.count == 3)
  }
}
