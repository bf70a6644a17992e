import Crypto
import Formats
import HTTPTypes
import Values

/// The address and version of Meta's Graph API.
package struct MetaAPISettings: Equatable, Sendable {
  /// The address before the version, without a trailing slash.
  package var baseURL = "https://graph.facebook.com"
  /// The version, such as `v26.0`. Meta serves one for about a year.
  package var version = "v26.0"

  /// Meta's own address, and the version that this client was written for.
  package init() {}

  /// The address for chunked video uploads: Meta has a separate host for them, other servers do not.
  var videoURL: String { baseURL == Self().baseURL ? "https://graph-video.facebook.com" : baseURL }

  /// What a version must be, in words.
  package static let versionRule = "must be a version of the Graph API, such as v26.0"

  /// Whether `version` has the form of one.
  package static func isVersion(_ version: String) -> Bool {
    let parts = version.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
    return version.first == "v" && parts.count == 2
      && parts.allSatisfy { (1...3).contains($0.utf8.count) && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
  }
}

/// The credentials for an ad account at Meta.
package struct MetaCredentials: Equatable, Sendable {
  /// The access token, preferably a system user's, which does not expire.
  package let token: Secret
  /// The app's secret, where calls must prove that they come from the app.
  package let appSecret: Secret?

  package init(token: Secret, appSecret: Secret? = nil) {
    self.token = token
    self.appSecret = appSecret
  }

  /// Proof that the holder of the token also has the app's secret: 64 hexadecimal digits.
  var proof: Secret? {
    appSecret.map { secret in
      Secret(
        Hex.text(
          HMAC<SHA256>.authenticationCode(
            for: Array(token.text.utf8), using: SymmetricKey(data: Array(secret.text.utf8)))))
    }
  }
}

/// Reads one ad account of Meta's Marketing API, and changes budgets and states in it.
///
/// A read that fails immediately is retried at once, a few times; what needs longer is left to the caller, whom
/// ``MetaError/remedy`` tells what to do. **A change is sent once**: Meta has no idempotency key, so after an unknown
/// outcome the value must be read. Meta's limits are respected before they are reached: see ``MetaThrottle``. No URL
/// from a reply is ever called.
///
/// Copies share what they know of the limits. Make one client for each ad account and keep it.
package struct MetaClient: Sendable {
  /// The longest time that a call itself waits to be sent; where it would have to wait longer, the caller is told until
  /// when.
  package static let longestWait: Duration = .seconds(10)

  package let adAccount: MetaAdAccountID

  private let transport: any HTTPTransport
  private let settings: MetaAPISettings
  private let credentials: MetaCredentials
  private let proof: Secret?
  private let now: @Sendable () -> Instant
  private let retry: CallRetry
  private let timeLimit: Duration
  private let known = Shared(Known())

  /// What the client has learned from replies.
  private struct Known: Sendable {
    var throttle = MetaThrottle()
    var tier: String?
  }

  /// Makes a client of `adAccount`.
  ///
  /// `timeLimit` applies to each attempt of a call. `sleep` waits, and throws where its task is cancelled; `uniform`
  /// returns a random number from 0 to 1, which spreads retries.
  package init(
    transport: any HTTPTransport, adAccount: MetaAdAccountID, credentials: MetaCredentials,
    settings: MetaAPISettings = MetaAPISettings(), timeLimit: Duration = .seconds(60),
    now: @escaping @Sendable () -> Instant,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
    uniform: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
  ) {
    self.transport = transport
    self.adAccount = adAccount
    self.credentials = credentials
    self.settings = settings
    self.timeLimit = timeLimit
    self.now = now
    proof = credentials.proof
    retry = CallRetry(sleep: sleep, uniform: uniform)
  }

  /// The access token that this client shows.
  var token: Secret { credentials.token }

  /// The app's access tier for the Marketing API, from the latest reply that named it; nil before that.
  package var accessTier: String? { known.withLock { $0.tier } }

  /// What a call for `purpose` must wait for now; nil where it may be sent.
  package func wait(for purpose: MetaThrottle.Purpose) -> MetaThrottle.Wait? {
    let now = now()
    return known.withLock { $0.throttle.wait(for: purpose, at: now) }
  }

  /// Gets `path`, which begins after the version.
  func get(
    _ path: String, _ parameters: [(name: String, value: String)] = [], secret: (name: String, value: Secret)? = nil,
    for purpose: MetaThrottle.Purpose = .reading
  ) async throws(MetaError) -> JSONField {
    let query = URLText.joined(parameters)
    var call = HTTPCall(
      .get, url(path) + (query.isEmpty ? "" : "?" + query), bearerToken: credentials.token, timeLimit: timeLimit)
    call.secretQuery = secretQuery(besides: secret)
    return try await answer(to: call, for: purpose)
  }

  /// The hosts that requests are sent to.
  enum Host { case graph, video }

  /// Posts a form to `path`. Where it is for ``MetaThrottle/Purpose/writing`` it is sent only once.
  func post(
    _ path: String, _ form: [(name: String, value: String)], for purpose: MetaThrottle.Purpose,
    leavingBy deadline: Instant? = nil, to host: Host = .graph
  ) async throws(MetaError) -> JSONField {
    try await send(
      .bytes(Array(URLText.joined(form).utf8)), as: "application/x-www-form-urlencoded", to: path, of: host,
      for: purpose, leavingBy: deadline)
  }

  /// Posts a form with a file to `path`, once. `extraTime` is added to the call's time limit.
  func send(
    _ form: MultipartBody, to path: String, of host: Host = .graph, extraTime: Duration = .zero
  ) async throws(MetaError) -> JSONField {
    try await send(form.body, as: form.contentType, to: path, of: host, for: .writing, extraTime: extraTime)
  }

  private func send(
    _ body: HTTPBody, as contentType: String, to path: String, of host: Host, for purpose: MetaThrottle.Purpose,
    leavingBy deadline: Instant? = nil, extraTime: Duration = .zero
  ) async throws(MetaError) -> JSONField {
    let base = host == .video ? settings.videoURL : settings.baseURL
    var call = HTTPCall(
      .post, url(path, at: base), headers: [.contentType: contentType], bearerToken: credentials.token, body: body,
      timeLimit: timeLimit + extraTime)
    call.secretQuery = secretQuery()
    return try await answer(to: call, for: purpose, leavingBy: deadline)
  }

  /// Parses a reply, turning a field that is not as documented into an error for the caller.
  func read<Value>(_ body: () throws(JSONField.Problem) -> Value) throws(MetaError) -> Value {
    do {
      return try body()
    } catch {
      throw MetaError(.unreadable, "\(error.path): \(error.value) \(error.rule)")
    }
  }

  /// The error that `body` with `status` represents; nil where it is a successful reply.
  func refusal(status: Int, _ body: JSONValue, for purpose: MetaThrottle.Purpose) -> MetaError? {
    MetaRefusal(status: status, body, hides: hidesSecrets)?.error(MetaUsage(), purpose: purpose, at: now())
  }

  private func url(_ path: String, at base: String? = nil) -> String {
    "\(base ?? settings.baseURL)/\(settings.version)/\(path)"
  }

  private func secretQuery(besides other: (name: String, value: Secret)? = nil) -> Secret? {
    let secrets = [proof.map { (name: "appsecret_proof", value: $0) }, other].compactMap { $0 }
    guard !secrets.isEmpty else { return nil }
    return Secret(URLText.joined(secrets.map { ($0.name, $0.value.text) }))
  }

  private func answer(
    to call: HTTPCall, for purpose: MetaThrottle.Purpose, leavingBy deadline: Instant? = nil
  ) async throws(MetaError) -> JSONField {
    try await retry.run(attempts: purpose == .writing ? 1 : CallRetry.attempts, cancelled: .cancelled) {
      () throws(FailedAttempt<MetaError>) in
      try await answerOnce(to: call, for: purpose, leavingBy: deadline)
    }
  }

  private func answerOnce(
    to call: HTTPCall, for purpose: MetaThrottle.Purpose, leavingBy deadline: Instant?
  ) async throws(FailedAttempt<MetaError>) -> JSONField {
    try await waitForThrottle(purpose, until: deadline)
    if let deadline, now() >= deadline {
      throw FailedAttempt(MetaError(.cancelled, "the call could not be sent by \(deadline)"))
    }
    let answer: HTTPAnswer
    do {
      answer = try await transport.send(call)
    } catch {
      throw FailedAttempt(unanswered: error, purpose: purpose)
    }
    let usage = MetaUsage(answer)
    note(usage)
    let body = parsed(answer)
    if let refusal = MetaRefusal(status: answer.status, body ?? .null, hides: hidesSecrets) {
      let failure = FailedAttempt(refusal, usage, purpose: purpose, at: now())
      if case .limited(let limit, let end) = failure.error.kind {
        known.withLock { $0.throttle.close(for: limit, purpose: purpose, until: end) }
      }
      throw failure
    }
    guard let body else {
      let text = "the reply of \(answer.body.count) bytes is not JSON"
      let isWrite = purpose == .writing
      throw FailedAttempt(MetaError(isWrite ? .outcomeUnknown : .unreadable, text), repeatAfter: isWrite ? nil : .zero)
    }
    return JSONField(body, at: "")
  }

  private func parsed(_ answer: HTTPAnswer) -> JSONValue? {
    try? JSONReader.read(answer.body) { try $0.readValue() }
  }

  private func note(_ usage: MetaUsage) {
    let now = now()
    known.withLock { known in
      known.throttle.note(usage, at: now)
      if let tier = usage.tier { known.tier = tier }
    }
  }

  private func waitForThrottle(
    _ purpose: MetaThrottle.Purpose, until deadline: Instant?
  ) async throws(FailedAttempt<MetaError>) {
    guard let wait = wait(for: purpose) else { return }
    let time = wait.until.time(from: now())
    guard time <= Self.longestWait, deadline.map({ wait.until < $0 }) ?? true else {
      let text = "the call was not sent, so that Meta need not refuse it"
      throw FailedAttempt(MetaError(.limited(wait.limit, until: wait.until), text))
    }
    do {
      try await retry.pause(time)
    } catch {
      throw FailedAttempt(.cancelled)
    }
  }

  private var hidesSecrets: @Sendable (String) -> String {
    let secrets = [credentials.token, credentials.appSecret, proof].compactMap { $0 }
    return { text in secrets.reduce(text) { $1.redacted(from: $0) } }
  }
}
