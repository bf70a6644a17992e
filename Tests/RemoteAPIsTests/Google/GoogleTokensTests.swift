import CryptoExtras
import Foundation
import HTTPTypes
import RemoteAPIs
import Synchronization
import TestKit
import Testing
import Values

/// Where tokens come from, and how long they are kept.
struct GoogleTokensTests {
  private let bench = GoogleBench()

  /// A key of this run alone.
  private static let privateKey = Result { try _RSA.Signing.PrivateKey(keySize: .bits2048) }

  private func keyFile(_ changes: [String: String] = [:]) throws -> [UInt8] {
    var fields = [
      "type": "service_account", "project_id": "p1", "private_key_id": "kid1",
      "private_key": try Self.privateKey.get().pkcs8PEMRepresentation, "client_email": "svc@p1.iam.gserviceaccount.com",
      "token_uri": "http://127.0.0.1:34963/token",
    ]
    fields.merge(changes) { $1 }
    return Array(try JSONSerialization.data(withJSONObject: fields.filter { !$0.value.isEmpty }))
  }

  private func tokens(_ transport: any HTTPTransport, _ credential: GoogleCredential) -> GoogleTokens {
    GoogleTokens(credential: credential, transport: transport, retry: bench.retry)
  }

  private func serviceAccount() throws -> GoogleCredential { .serviceAccount(try ServiceAccountKey(json: keyFile())) }

  private static let metadata = GoogleCredential.metadataServer(host: "127.0.0.1:42839")

  private func granted(_ token: String, lasting seconds: Int = 3_599) -> Result<HTTPAnswer, TransportError> {
    .answer(
      200, #"{"access_token": "\#(token)", "expires_in": \#(seconds), "token_type": "Bearer"}"#,
      ["Metadata-Flavor": "Google"])
  }

  /// What a call that needs a token shows.
  private func shown(by tokens: GoogleTokens) async throws -> String? {
    let transport = ScriptedTransport(.answer(200, #"{"kind":"storage#objects"}"#))
    _ = try await bench.client(transport, tokens: tokens).objects(prefix: "", page: nil)
    return transport.calls.first?.bearerToken?.text
  }

  @Test("a service account signs an assertion as Google's own library does, and gets a token for it", .needsSharedData)
  func assertion() async throws {
    let file = try #require(SharedData.file("vectors/vertex_sdk_exchange.txt"))
    let recorded = try #require(
      try String(contentsOf: file, encoding: .utf8).components(separatedBy: "######## ").first {
        $0.contains("POST /token")
      })
    let transport = ScriptedTransport(granted("ya29.one"))
    #expect(try await shown(by: tokens(transport, serviceAccount())) == "ya29.one")
    let call = try #require(transport.calls.first)
    #expect(call.method == .post)
    #expect(call.url == "http://127.0.0.1:34963/token")
    #expect(call.headers[.contentType] == "application/x-www-form-urlencoded")
    let form = Self.form(String(decoding: call.body.held, as: UTF8.self))
    let theirs = Self.form(RecordedText.parts(recorded).body)
    #expect(form.keys.sorted() == theirs.keys.sorted())
    #expect(form["grant_type"] == theirs["grant_type"])
    let (own, other) = (try Self.token(form["assertion"]), try Self.token(theirs["assertion"]))
    #expect(own.header == other.header)
    #expect(own.claims.keys.sorted() == other.claims.keys.sorted())
    for name in ["iss", "aud", "scope"] { #expect(own.claims[name] as? String == other.claims[name] as? String) }
    let issued = try #require(own.claims["iat"] as? Int)
    #expect(issued == Int(bench.clock.now().seconds))
    #expect(own.claims["exp"] as? Int == issued + 3_600)
    let key = try Self.privateKey.get().publicKey
    let signature = _RSA.Signing.RSASignature(rawRepresentation: own.signature)
    #expect(key.isValidSignature(signature, for: Data(own.signed.utf8), padding: .insecurePKCS1v1_5))
  }

  private static func form(_ text: String) -> [String: String] {
    text.split(separator: "&").reduce(into: [:]) { form, pair in
      let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
      form[sides[0]] = sides[1].removingPercentEncoding
    }
  }

  private static func token(
    _ text: String?
  ) throws -> (header: [String: String], claims: [String: Any], signed: String, signature: Data) {
    let parts = try #require(text).split(separator: ".").map(String.init)
    let decoded = try parts.map { part in
      let base64 = part.replacing("-", with: "+").replacing("_", with: "/")
      return try #require(Data(base64Encoded: base64 + String(repeating: "=", count: (4 - base64.count % 4) % 4)))
    }
    let header = try #require(try JSONSerialization.jsonObject(with: decoded[0]) as? [String: String])
    let claims = try #require(try JSONSerialization.jsonObject(with: decoded[1]) as? [String: Any])
    return (header, claims, parts[0] + "." + parts[1], decoded[2])
  }

  @Test("the metadata server is asked as Google's own library asks it", .needsSharedData)
  func metadataServer() async throws {
    let file = try #require(SharedData.file("vectors/gce_metadata_exchange.txt"))
    let recorded = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "######## ")
    let asked = try #require(recorded.first { $0.contains("/token?scopes=") })
    let transport = ScriptedTransport(granted("ya29.meta"))
    #expect(try await shown(by: tokens(transport, Self.metadata)) == "ya29.meta")
    let call = try #require(transport.calls.first)
    #expect(asked.contains("GET \(call.url.dropFirst("http://127.0.0.1:42839".count)) HTTP/1.1"))
    #expect(call.headers.map { "\($0.name.canonicalName): \($0.value)" } == ["metadata-flavor: Google"])
    #expect(asked.contains("metadata-flavor: Google"))
  }

  @Test("a token is kept until shortly before its end, a short one for half of its time")
  func kept() async throws {
    let transport = ScriptedTransport(granted("one"), granted("two", lasting: 100), granted("three"))
    let tokens = tokens(transport, Self.metadata)
    for (seconds, token) in [(0, "one"), (3_373, "one"), (2, "two"), (49, "two"), (2, "three")] {
      bench.clock.advance(seconds: Int64(seconds))
      #expect(try await shown(by: tokens) == token)
    }
    #expect(transport.calls.count == 3)
  }

  @Test("a token that an API refuses is fetched anew, once")
  func refused() async throws {
    let refusal = Result<HTTPAnswer, TransportError>.answer(401, #"{"error":{"code":401,"message":"bad one"}}"#)
    let grants = ScriptedTransport(granted("one"), granted("two"))
    let tokens = tokens(grants, Self.metadata)
    let transport = ScriptedTransport(refusal, .answer(200, "{}"), refusal, refusal)
    let client = bench.client(transport, tokens: tokens)
    _ = try await client.objects(prefix: "", page: nil)
    #expect(transport.calls.map(\.bearerToken?.text) == ["one", "two"])
    let error = await #expect(throws: GoogleError.self) { try await client.objects(prefix: "", page: nil) }
    #expect(error?.kind == .unauthenticated)
  }

  @Test("an error that repeats the token is shown without it")
  func hidden() async throws {
    let tokens = tokens(ScriptedTransport(granted("ya29.secret")), Self.metadata)
    let transport = ScriptedTransport(.answer(403, #"{"error":{"message":"token ya29.secret may not"}}"#))
    let client = bench.client(transport, tokens: tokens)
    let error = await #expect(throws: GoogleError.self) { try await client.objects(prefix: "", page: nil) }
    #expect(error?.kind == .forbidden)
    #expect("\(String(describing: error))".contains("token *** may not"))
  }

  @Test("one fetch serves all who wait, and one who gives up takes it from nobody")
  func together() async throws {
    let transport = GatedTransport(granted("one"))
    let tokens = tokens(transport, Self.metadata)
    let quitter = Task { try await tokens.token() }
    await transport.waitForCall()
    let others = (0..<20).map { _ in Task { try await tokens.token() } }
    quitter.cancel()
    let error = await #expect(throws: GoogleError.self) { try await quitter.value }
    #expect(error?.kind == .cancelled)
    transport.open()
    for other in others { #expect(try await other.value.text == "one") }
    #expect(transport.count == 1)
  }

  @Test("a failure of the moment is tried again; each that stays says what to do")
  func failures() async throws {
    let later = ScriptedTransport(
      .answer(503, ""), .answer(400, #"{"error":"internal_failure"}"#), .failure(.timedOut(limit: .seconds(1))),
      granted("x"))
    #expect(try await shown(by: tokens(later, serviceAccount())) == "x")
    let invalid = ScriptedTransport(
      .answer(400, #"{"error":"invalid_grant","error_description":"Invalid JWT Signature."}"#))
    await expectAdvice("Invalid JWT Signature", tokens(invalid, try serviceAccount()))
    #expect(invalid.calls.count == 1)
    let nowhere = ScriptedTransport(repeating: .failure(.connectionFailed("no such host")), count: 9)
    await expectAdvice("GOOGLE_APPLICATION_CREDENTIALS", tokens(nowhere, Self.metadata))
    await expectAdvice("no metadata server", tokens(ScriptedTransport(.answer(200, "hello")), Self.metadata))
    await expectAdvice(
      "no service account", tokens(ScriptedTransport(.answer(404, "", ["Metadata-Flavor": "Google"])), Self.metadata))
    let odd = ScriptedTransport(granted("a\\nb"))
    await #expect(throws: GoogleError.self) { try await tokens(odd, Self.metadata).token() }
    let unusable = try ServiceAccountKey(
      json: keyFile(["private_key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]))
    await expectAdvice("download", tokens(ScriptedTransport(), .serviceAccount(unusable)))
  }

  private func expectAdvice(_ words: String, _ tokens: GoogleTokens) async {
    let error = await #expect(throws: GoogleError.self) { try await tokens.token() }
    #expect(error?.kind == .unauthenticated)
    #expect("\(String(describing: error))".contains(words), "\(String(describing: error))")
  }

  @Test("a key file is read, and is never printed")
  func keyFiles() throws {
    let key = try ServiceAccountKey(json: keyFile())
    #expect(key.email == "svc@p1.iam.gserviceaccount.com")
    #expect(key.projectID == "p1")
    var dumped = ""
    dump(key, to: &dumped)
    #expect(!dumped.contains("PRIVATE") && !"\(key)".contains("PRIVATE"))
  }

  @Test(
    "a file that is no key says what is wrong with it",
    arguments: [
      (["type": "authorized_user"], "authorized_user"), (["client_email": ""], "client_email"),
      (["private_key": "x"], "PKCS #8"), (["private_key_id": ""], "private_key_id"),
      (["token_uri": "http://example.com/token"], "token_uri"),
      (["token_uri": "http://127.0.0.1.example.com/"], "token_uri"),
    ])
  func badKeyFiles(_ changes: [String: String], _ words: String) throws {
    let json = try keyFile(changes)
    let problem = #expect(throws: ServiceAccountKey.Problem.self) { try ServiceAccountKey(json: json) }
    #expect(problem?.reason.contains(words) == true)
    #expect(throws: ServiceAccountKey.Problem.self) { try ServiceAccountKey(json: Array(json.prefix(40))) }
  }
}

/// A transport that holds its answers back until it is opened.
private final class GatedTransport: HTTPTransport {
  private struct State {
    var count = 0
    var isOpen = false
    var waiting: [CheckedContinuation<Void, Never>] = []
    var callers: [CheckedContinuation<Void, Never>] = []
  }

  private let answer: Result<HTTPAnswer, TransportError>
  private let state = Mutex(State())

  init(_ answer: Result<HTTPAnswer, TransportError>) {
    self.answer = answer
  }

  var count: Int { state.withLock(\.count) }

  func open() {
    let waiting = state.withLock { state in
      state.isOpen = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  /// Returns once a call has come.
  func waitForCall() async {
    await withCheckedContinuation { continuation in
      let hasCome = state.withLock { state in
        if state.count == 0 { state.callers.append(continuation) }
        return state.count > 0
      }
      if hasCome { continuation.resume() }
    }
  }

  func send(_ call: HTTPCall) async throws(TransportError) -> HTTPAnswer {
    await withCheckedContinuation { continuation in
      let (isOpen, callers) = state.withLock { state in
        state.count += 1
        if !state.isOpen { state.waiting.append(continuation) }
        defer { state.callers = [] }
        return (state.isOpen, state.callers)
      }
      if isOpen { continuation.resume() }
      for caller in callers { caller.resume() }
    }
    return try answer.get()
  }
}
