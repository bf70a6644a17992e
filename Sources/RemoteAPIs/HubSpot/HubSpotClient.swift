import Formats
import HTTPTypes
import Values

/// Reads deals, contacts and pipelines of one HubSpot account. It changes nothing there.
///
/// A call that fails at once is tried again at once, a few times; what needs longer is left to the caller, who learns
/// from `HubSpotError` when to come back. HubSpot's limit of calls is obeyed by waiting before it is broken.
public struct HubSpotClient: Sendable {
  /// How often a call is sent at most before its failure is handed on.
  public static let attempts = 3

  /// How long a call waits at most for HubSpot's window of calls to open.
  public static let longestWait: Duration = .seconds(10)

  /// The longest time that HubSpot may ask to wait for the client to repeat the call by itself.
  static let longestQuickWait: Duration = .seconds(2)

  private let transport: any HTTPTransport
  private let baseURL: String
  private let token: Secret
  private let now: @Sendable () -> Instant
  private let sleep: @Sendable (Duration) async throws -> Void
  private let uniform: @Sendable () -> Double
  private let timeLimit: Duration
  private let window = RateWindow()

  /// Makes a client that shows `token`, a private app's or OAuth access token.
  ///
  /// `baseURL` has no trailing slash; `timeLimit` is how long one attempt of a call may take.
  /// `sleep` waits, and throws where its task is cancelled; `uniform` draws from 0 to 1 and spreads repeated calls.
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
    self.sleep = sleep
    self.uniform = uniform
  }

  /// Asks for a record or a list. Values of `query` are escaped here.
  func get(_ path: String, query: [(name: String, value: String)] = []) async throws(HubSpotError) -> JSONField {
    let pairs = query.filter { !$0.value.isEmpty }.map { "\($0.name)=\(Self.escaped($0.value))" }
    let suffix = pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
    return try await answer(to: HTTPCall(.get, baseURL + path + suffix, bearerToken: token, timeLimit: timeLimit))
  }

  /// Asks by a body: searches and batches, which change nothing either.
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
    var attempt = 1
    while true {
      do throws(HubSpotFailure) {
        return try await answerOnce(to: call)
      } catch {
        guard error.isQuick, attempt < Self.attempts else { throw error.error }
        try await pause((error.error.retryAfter ?? .zero) + backoff(after: attempt))
      }
      attempt += 1
    }
  }

  private func answerOnce(to call: HTTPCall) async throws(HubSpotFailure) -> JSONField {
    try await waitForWindow()
    let answer: HTTPAnswer
    do {
      answer = try await transport.send(call)
    } catch {
      throw HubSpotFailure(error)
    }
    note(answer)
    guard answer.status == 200 || answer.status == 207 else {
      let failure = HubSpotFailure(answer, hiding: token)
      if case .rateLimited(let limit, let time?) = failure.error { close(for: time, limit) }
      throw failure
    }
    do {
      return JSONField(try JSONReader.read(answer.body) { try $0.readValue() }, at: "")
    } catch {
      let isCut = (error as? JSONError)?.rule == .unexpectedEnd
      throw HubSpotFailure(.unreadable("\(error)"), isQuick: isCut)
    }
  }

  private func waitForWindow() async throws(HubSpotFailure) {
    guard let rest = window.rest(at: now()) else { return }
    guard rest.time <= Self.longestWait else {
      throw HubSpotFailure(.rateLimited(rest.limit, retryAfter: rest.time), isQuick: false)
    }
    do {
      try await pause(rest.time)
    } catch {
      throw HubSpotFailure(error, isQuick: false)
    }
  }

  /// Closes the window where the answer says that it took the last call of it.
  private func note(_ answer: HTTPAnswer) {
    guard answer.header("X-HubSpot-RateLimit-Remaining").flatMap({ Int($0) }) == 0 else { return }
    let interval = answer.header("X-HubSpot-RateLimit-Interval-Milliseconds").flatMap { Int64($0) } ?? 10_000
    close(for: .milliseconds(min(max(interval, 0), 60_000)), .secondly)
  }

  private func close(for time: Duration, _ limit: HubSpotError.Limit) {
    let (seconds, attoseconds) = time.components
    let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    window.close(until: Instant(microseconds: now().microseconds + microseconds), limit: limit)
  }

  private func pause(_ time: Duration) async throws(HubSpotError) {
    do {
      try await sleep(time)
    } catch {
      throw .cancelled
    }
  }

  /// Full jitter: anything up to 250 ms after the first attempt, twice that after each further one.
  private func backoff(after attempt: Int) -> Duration {
    .milliseconds(250 << (attempt - 1)) * uniform()
  }

  private static func escaped(_ text: String) -> String {
    text.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"), UInt8(ascii: ","):
        return String(UnicodeScalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.utf8.count < 2 ? "%0" + digits : "%" + digits
      }
    }.joined()
  }
}
