import FakeHubSpot
import RemoteAPIs
import Sandbox
import TestKit
import Testing
import Values

/// Which requests are taken for HubSpot's, signed as HubSpot signs them.
struct SignatureCheckTests {
  private static let url = "https://ads.example.com/webhooks/hubspot"
  private static let secret = "11111111-2222-3333-4444-555555555555"
  private let clock = ManualClock()

  private func check(
    _ secrets: [String] = [secret], older: Set<HubSpotSignature.Version> = []
  ) throws -> HubSpotSignatureCheck {
    try HubSpotSignatureCheck(
      publicURL: Self.url, secrets: secrets.map { Secret($0) }, olderVersions: older, now: clock.now)
  }

  private func request(
    _ body: [UInt8] = Array("[{}]".utf8), query: String? = nil, secret: String = secret
  ) -> HubSpotSignatureCheck.Request {
    let fake = FakeHubSpot(clock: clock.now)
    let delivery = fake.delivery(of: body, secret: secret, uri: Self.url + (query.map { "?" + $0 } ?? ""))
    func header(_ name: String) -> String? { delivery.headers.first { $0.name == name }?.value }
    return HubSpotSignatureCheck.Request(
      method: "POST", query: query, body: body, signatureV3: header("X-HubSpot-Signature-v3"),
      timestamp: header("X-HubSpot-Request-Timestamp"), signature: header("X-HubSpot-Signature"),
      signatureVersion: header("X-HubSpot-Signature-Version"))
  }

  private func error(
    _ request: HubSpotSignatureCheck.Request, older: Set<HubSpotSignature.Version> = []
  ) -> HubSpotSignatureError? {
    #expect(throws: HubSpotSignatureError.self) { try check(older: older).match(request) }
  }

  @Test("Random bodies and queries are recognised, and no longer once a single byte differs", arguments: 0..<20)
  func anyRequest(_ seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    let body = random.bytes(upTo: 300) + [0x7B]
    let query = Bool.random(using: &random) ? random.text(of: "abc=&%20._-~ü:/", upTo: 40) : nil
    let request = request(body, query: query)
    let match = try check().match(request)
    #expect(match.version == .v3)
    #expect(match.secret == 0)
    for index in body.indices {
      var altered = request
      altered.body[index] ^= UInt8.random(in: 1...255, using: &random)
      #expect(error(altered) == .mismatch)
    }
    var longer = request
    longer.body.append(0)
    #expect(error(longer) == .mismatch)
    var other = request
    other.query = (query ?? "") + "x"
    #expect(error(other) == .mismatch)
  }

  @Test("A query with every escape is recognised")
  func escapes() throws {
    let query = "a=%3A%2F%3F%40%21%24%27%28%29%2A%2C%3B%20%26%3D%25&b=%2"
    #expect(try check().match(request(query: query)).version == .v3)
  }

  @Test("Every altered character of the signature is refused")
  func alteredSignature() throws {
    let request = request()
    let signature = Array(try #require(request.signatureV3).utf8)
    #expect(signature.count == 44)
    for index in signature.indices {
      for other in Array("AZaz09+/= ".utf8) where other != signature[index] {
        var altered = signature
        altered[index] = other
        var wrong = request
        wrong.signatureV3 = String(decoding: altered, as: UTF8.self)
        #expect(error(wrong) == .mismatch)
      }
    }
    for text in ["", "=", String(decoding: signature.dropLast(), as: UTF8.self), "\(signature)"] {
      var wrong = request
      wrong.signatureV3 = text
      #expect(error(wrong) == .mismatch)
    }
  }

  @Test("Every altered digit of the time is refused, whether by the window or by the signature")
  func alteredTimestamp() throws {
    let request = request()
    let digits = Array(try #require(request.timestamp).utf8)
    for index in digits.indices {
      for digit in UInt8(ascii: "0")...UInt8(ascii: "9") where digit != digits[index] {
        var altered = digits
        altered[index] = digit
        var wrong = request
        wrong.timestamp = String(decoding: altered, as: UTF8.self)
        #expect(error(wrong) != nil)
      }
    }
  }

  @Test(
    "A time must be thirteen digits",
    arguments: [
      "", "178000000000", "17800000000000", "1780000000.00", "+780000000000", " 780000000000", "178000000000٠", "NaN",
    ])
  func malformedTimestamp(_ text: String) {
    var wrong = request()
    wrong.timestamp = text
    #expect(error(wrong) == .malformedTimestamp)
    wrong.timestamp = nil
    #expect(error(wrong) == .missingTimestamp)
  }

  @Test("A request is good for five minutes after it was signed, and before")
  func window() throws {
    let request = request()
    clock.advance(seconds: 300)
    #expect(try check().match(request).secret == 0)
    clock.advance(seconds: 1)
    #expect(error(request) == .stale(seconds: 301))
    clock.advance(seconds: -601)
    #expect(try check().match(request).secret == 0)
    clock.advance(seconds: -1)
    #expect(error(request) == .fromFuture(seconds: 301))
  }

  @Test("Any of several secrets fits, and it is told which")
  func severalSecrets() throws {
    let secrets = (0..<8).map { "secret-\($0)" }
    for (index, secret) in secrets.enumerated() {
      #expect(try check(secrets).match(request(secret: secret)).secret == index)
    }
    #expect(error(request(secret: "another")) == .mismatch)
  }

  @Test("Method and address are signed too")
  func otherAddress() throws {
    var wrong = request()
    wrong.method = "PUT"
    #expect(error(wrong) == .mismatch)
    let elsewhere = try HubSpotSignatureCheck(
      publicURL: Self.url + "/", secrets: [Secret(Self.secret)], now: clock.now)
    #expect(throws: HubSpotSignatureError.mismatch) { try elsewhere.match(request()) }
  }

  @Test("Older versions count only where they are accepted, and never beside a v3 signature")
  func olderVersions() throws {
    var old = request()
    old.signatureV3 = nil
    #expect(error(old) == .versionNotAccepted("v1"))
    #expect(try check(older: [.v1]).match(old).version == .v1)
    old.signatureVersion = nil
    #expect(try check(older: [.v1]).match(old).version == .v1)
    old.signatureVersion = "v3"
    #expect(error(old, older: [.v1, .v2, .v3]) == .versionNotAccepted("v3"))
    old.signatureVersion = "v2"
    #expect(error(old, older: [.v1]) == .versionNotAccepted("v2"))
    #expect(error(old, older: [.v2]) == .mismatch)
    let content = HubSpotSignature.Content(method: "POST", uri: Self.url, body: old.body, timestamp: "")
    old.signature = HubSpotSignature.text(.v2, of: content, secret: Secret(Self.secret))
    #expect(try check(older: [.v2]).match(old).version == .v2)
    old.signature = nil
    #expect(error(old, older: [.v1]) == .missing)
    var wrong = request()
    wrong.signatureV3 = "wrong"
    #expect(error(wrong, older: [.v1]) == .mismatch)
  }

  @Test(
    "Settings that make no check are refused",
    arguments: [
      ("ads.example.com", ["s"]), ("https://a.b/c?x", ["s"]), ("https://a.b/c", []), ("https://a.b/c", [""]),
      ("https://a.b/c", Array(repeating: "s", count: 65)),
    ])
  func unusable(_ url: String, _ secrets: [String]) {
    let error = #expect(throws: HubSpotSignatureError.self) {
      try HubSpotSignatureCheck(publicURL: url, secrets: secrets.map { Secret($0) }, now: clock.now)
    }
    guard case .unusable = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("Secrets do not show")
  func hidden() throws {
    let check = try check()
    var dumped = ""
    dump(check, to: &dumped)
    #expect(!"\(check) \(String(reflecting: check)) \(dumped)".contains(Self.secret))
  }
}
