import HTTPTypes

/// What carries a call to a remote API and brings its answer: a network in production, a script in tests.
public protocol HTTPTransport: Sendable {
  /// Sends one call and waits for the whole answer, whatever its status. Redirects are answers like any other.
  func send(_ call: HTTPCall) async throws(TransportError) -> HTTPAnswer

  /// Sends one call and hands the body of a 2xx answer to `receive` piece by piece; the next piece is read once
  /// `receive` has returned. The body of any other answer is in the result, as ``send(_:)`` would return it.
  ///
  /// Throws a ``TransportError``, or what `receive` throws; pieces that were received before that stay received.
  func download(
    _ call: HTTPCall, receive: @escaping @Sendable ([UInt8]) async throws -> Void
  ) async throws -> HTTPAnswer
}

extension HTTPTransport {
  /// Hands over the body in one piece, for transports that hold it whole.
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
  /// A body that is held whole; no bytes for no body.
  case bytes([UInt8])
  /// A body of `length` bytes that is read piece by piece while it is sent, so that it is never held whole.
  case stream(length: Int64, pieces: any AsyncSequence<[UInt8], any Error> & Sendable)
}

/// One call to a remote API.
public struct HTTPCall: Sendable {
  /// What is asked for.
  public var method: HTTPRequest.Method
  /// The full address, its path and query escaped.
  public var url: String
  /// Header fields besides the authorization.
  public var headers: HTTPFields
  /// Sent as `Authorization: Bearer ...`, and kept out of everything that is printed.
  public var bearerToken: Secret?
  /// Appended to the query of ``url`` as it is sent, and kept out of everything that is printed: for an API that takes
  /// secrets nowhere else. Its values are escaped.
  public var secretQuery: Secret?
  /// The body, empty where there is none.
  public var body: HTTPBody
  /// How long all of it may take, from connecting to the last byte of the answer.
  public var timeLimit: Duration
  /// The most bytes that the answer's body may have.
  public var largestAnswer: Int

  /// Makes a call that may take 30 seconds and be answered with 8 MiB where nothing else is said.
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

  /// Sets a header field that has no name of its own in `HTTPField.Name`. Does nothing where `name` is no field's name.
  public mutating func setHeader(_ name: String, _ value: String) {
    guard let name = HTTPField.Name(name) else { return }
    headers[name] = value
  }
}

/// The answer to one call.
public struct HTTPAnswer: Equatable, Sendable {
  /// The HTTP status code.
  public var status: Int
  /// The header fields, found by name in any case.
  public var headers: HTTPFields
  /// The whole body.
  public var body: [UInt8]

  /// Makes an answer from its parts.
  public init(status: Int, headers: HTTPFields = [:], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// The value of a header field that has no name of its own in `HTTPField.Name`; nil where it is missing.
  public func header(_ name: String) -> String? {
    HTTPField.Name(name).flatMap { headers[$0] }
  }
}
