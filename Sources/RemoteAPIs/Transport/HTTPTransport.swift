import HTTPTypes

/// Sends calls to remote APIs and returns their replies: over a network in production, from a script in tests.
public protocol HTTPTransport: Sendable {
  /// Sends one call and waits for the whole reply, whatever its status. Redirects are returned like any other reply.
  func send(_ call: HTTPCall) async throws(TransportError) -> HTTPAnswer

  /// Sends one call and passes the body of a 2xx reply to `receive` piece by piece; the next piece is read once
  /// `receive` has returned. The body of any other reply is in the result, as ``send(_:)`` would return it.
  ///
  /// Throws a ``TransportError``, or what `receive` throws; pieces received before that have been processed.
  func download(
    _ call: HTTPCall, receive: @escaping @Sendable ([UInt8]) async throws -> Void
  ) async throws -> HTTPAnswer
}

extension HTTPTransport {
  /// Passes the body on in one piece, for transports that hold it whole.
  public func download(
    _ call: HTTPCall, receive: @escaping @Sendable ([UInt8]) async throws -> Void
  ) async throws -> HTTPAnswer {
    var answer = try await send(call)
    guard (200...299).contains(answer.status) else { return answer }
    try await receive(answer.body)
    answer.body = []
    return answer
  }
}

/// The body of a call.
public enum HTTPBody: Sendable {
  /// A body held in memory; empty for no body.
  case bytes([UInt8])
  /// A body of `length` bytes that is read piece by piece while it is sent, so that it is never held in memory whole.
  case stream(length: Int64, pieces: any AsyncSequence<[UInt8], any Error> & Sendable)
}

/// One call to a remote API.
public struct HTTPCall: Sendable {
  public var method: HTTPRequest.Method
  /// The full URL, with its path and query escaped.
  public var url: String
  /// Header fields besides the authorization.
  public var headers: HTTPFields
  /// Sent as `Authorization: Bearer ...`, and never printed.
  public var bearerToken: Secret?
  /// Appended to the query of ``url`` when it is sent, and never printed: for an API that accepts secrets nowhere else.
  /// Its values must be escaped.
  public var secretQuery: Secret?
  /// The body, empty where there is none.
  public var body: HTTPBody
  /// How long the whole call may take, from connecting to the last byte of the reply.
  public var timeLimit: Duration
  /// The most bytes that the reply's body may have.
  public var largestAnswer: Int

  /// The defaults allow 30 seconds and a reply of 8 MiB.
  public init(
    _ method: HTTPRequest.Method, _ url: String, headers: HTTPFields = [:], bearerToken: Secret? = nil,
    body: HTTPBody = .bytes([]), timeLimit: Duration = .seconds(30), largestAnswer: Int = 8 << 20
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.bearerToken = bearerToken
    self.body = body
    self.timeLimit = timeLimit
    self.largestAnswer = largestAnswer
  }

  /// Sets a header field that has no constant in `HTTPField.Name`. Does nothing where `name` is not a valid field name.
  public mutating func setHeader(_ name: String, _ value: String) {
    guard let name = HTTPField.Name(name) else { return }
    headers[name] = value
  }
}

/// The reply to one call.
public struct HTTPAnswer: Equatable, Sendable {
  /// The HTTP status code.
  public var status: Int
  /// The header fields; names are case-insensitive.
  public var headers: HTTPFields
  /// The whole body.
  public var body: [UInt8]

  public init(status: Int, headers: HTTPFields = [:], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// The value of a header field that has no constant in `HTTPField.Name`; nil where it is missing.
  public func header(_ name: String) -> String? {
    HTTPField.Name(name).flatMap { headers[$0] }
  }
}
