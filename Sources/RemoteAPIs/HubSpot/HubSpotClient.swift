import Formats
import HTTPTypes
import Values

/// Reads deals, contacts and pipelines of one HubSpot account. It changes nothing there.
///
/// A call that fails immediately is retried at once, a few times; what needs longer is left to the caller, whom
/// `HubSpotError` tells when to try again. HubSpot's rate limit is respected by waiting before it is exceeded.
public struct HubSpotClient: Sendable {
  /// The longest time that a call waits for HubSpot's rate limit window to open.
  public static let longestWait: Duration = .seconds(10)

  /// The longest wait requested by HubSpot after which the client itself retries.
  static let longestQuickWait: Duration = .seconds(2)

  private let transport: any HTTPTransport
  private let baseURL: String
  private let token: Secret
  private let now: @Sendable () -> Instant
  private let retry: CallRetry
  private let timeLimit: Duration
  private let window = Shared(RateWindow<HubSpotError.Limit>())

  /// Makes a client that authenticates with `token`, a private app's or OAuth access token.
  ///
  /// `baseURL` has no trailing slash; `timeLimit` applies to each attempt of a call. `sleep` waits, and throws where
  /// its task is cancelled; `uniform` returns a random number from 0 to 1, which spreads retries.
  public init(
    transport: any HTTPTransport, baseURL: String = "https://api.hubapi.com", token: Secret,
    timeLimit: Duration = .seconds(30), now: @escaping @Sendable () -> Instant,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
    uniform: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
  ) {
    self.transport = transport
    self.baseURL = baseURL
    self.token = token
    self.timeLimit = timeLimit
    self.now = now
    retry = CallRetry(sleep: sleep, uniform: uniform)
  }

  /// Gets a record or a list. Values of `query` are escaped here.
  func get(_ path: String, query: [(name: String, value: String)] = []) async throws(HubSpotError) -> JSONField {
    let query = URLText.joined(query.filter { !$0.value.isEmpty }, keeping: ",")
    let url = baseURL + path + (query.isEmpty ? "" : "?" + query)
    return try await answer(to: HTTPCall(.get, url, bearerToken: token, timeLimit: timeLimit))
  }

  /// Posts a query: searches and batch reads, which change nothing.
  func post(_ path: String, _ body: JSONValue) async throws(HubSpotError) -> JSONField {
    var writer = JSONWriter()
    body.write(to: &writer)
    return try await answer(
      to: HTTPCall(
        .post, baseURL + path, headers: [.contentType: "application/json"], bearerToken: token,
        body: .bytes(writer.bytes),
        timeLimit: timeLimit))
  }

  private func answer(to call: HTTPCall) async throws(HubSpotError) -> JSONField {
    try await retry.run(cancelled: HubSpotError.cancelled) { () throws(FailedAttempt<HubSpotError>) in
      try await answerOnce(to: call)
    }
  }

  private func answerOnce(to call: HTTPCall) async throws(FailedAttempt<HubSpotError>) -> JSONField {
    try await waitForWindow()
    let answer: HTTPAnswer
    do {
      answer = try await transport.send(call)
    } catch {
      throw FailedAttempt(unanswered: error)
    }
    note(answer)
    guard answer.status == 200 || answer.status == 207 else {
      let failure = FailedAttempt(answer, hiding: token)
      if case .rateLimited(let limit, let time?) = failure.error { close(for: time, limit) }
      throw failure
    }
    do {
      return JSONField(try JSONReader.read(answer.body) { try $0.readValue() }, at: "")
    } catch {
      let isCut = (error as? JSONError)?.rule == .unexpectedEnd
      throw FailedAttempt(.unreadable("\(error)"), repeatAfter: isCut ? .zero : nil)
    }
  }

  private func waitForWindow() async throws(FailedAttempt<HubSpotError>) {
    let now = now()
    guard let closing = window.withLock({ $0.closing(at: now) }) else { return }
    let time = closing.end.time(from: now)
    guard time <= Self.longestWait else {
      throw FailedAttempt(.rateLimited(closing.limit, retryAfter: time))
    }
    do {
      try await retry.pause(time)
    } catch {
      throw FailedAttempt(.cancelled)
    }
  }

  /// Closes the window where the reply says that this was its last call.
  private func note(_ answer: HTTPAnswer) {
    guard answer.header("X-HubSpot-RateLimit-Remaining").flatMap({ Int($0) }) == 0 else { return }
    let interval = answer.header("X-HubSpot-RateLimit-Interval-Milliseconds").flatMap { Int64($0) } ?? 10_000
    close(for: .milliseconds(min(max(interval, 0), 60_000)), .secondly)
  }

  private func close(for time: Duration, _ limit: HubSpotError.Limit) {
    let end = now().adding(time)
    window.withLock { $0.close(until: end, limit: limit) }
  }
}
