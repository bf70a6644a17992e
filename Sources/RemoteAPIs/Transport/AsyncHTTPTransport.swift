import AsyncHTTPClient
import HTTPTypes
import NIOCore
import NIOHTTP1
import Values

/// HTTP/1.1 over the network, with TLS for `https` URLs. Connections are reused.
public final class AsyncHTTPTransport: HTTPTransport {
  /// The transport of a process that runs until it exits: it need not be shut down.
  public static let shared = AsyncHTTPTransport()

  private let client: HTTPClient

  /// Makes a transport that stops trying to connect after `connectTimeout`.
  ///
  /// It must be shut down with ``shutDown()`` before it is released.
  public init(connectTimeout: Duration = .seconds(5)) {
    var configuration = HTTPClient.Configuration(
      redirectConfiguration: .disallow, timeout: .init(connect: TimeAmount(connectTimeout)))
    configuration.httpVersion = .http1Only
    // The caller decides about retries: it knows what a repeated call may cost.
    configuration.connectionPool.retryConnectionEstablishment = false
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  /// Closes all connections; calls in progress fail.
  public func shutDown() async {
    // Fails only where it has already been shut down.
    try? await client.shutdown()
  }

  /// Sends one call and waits for the whole reply.
  public func send(_ call: HTTPCall) async throws(TransportError) -> HTTPAnswer {
    do {
      return try await withinTimeLimit(of: call) { [client] in try await Self.exchange(call, client, receive: nil) }
    } catch let error as TransportError {
      throw error
    } catch {
      throw .connectionFailed(String("\(error)".prefix(200)))
    }
  }

  /// Sends one call and passes the body of a 2xx reply on piece by piece.
  public func download(
    _ call: HTTPCall, receive: @escaping @Sendable ([UInt8]) async throws -> Void
  ) async throws -> HTTPAnswer {
    try await withinTimeLimit(of: call) { [client] in try await Self.exchange(call, client, receive: receive) }
  }

  /// The client's own deadline ends with the reply's head: a body that trickles in needs one too.
  private func withinTimeLimit(
    of call: HTTPCall, _ exchange: @escaping @Sendable () async throws -> HTTPAnswer
  ) async throws -> HTTPAnswer {
    let first = await withTaskGroup(of: Result<HTTPAnswer, any Error>.self) { group in
      group.addTask {
        do {
          return .success(try await exchange())
        } catch {
          return .failure(error)
        }
      }
      group.addTask {
        let isOver = (try? await Task.sleep(for: call.timeLimit)) != nil
        return .failure(isOver ? TransportError.timedOut(limit: call.timeLimit) : TransportError.cancelled)
      }
      let first = await group.next()
      group.cancelAll()
      return first
    }
    guard let first else { throw TransportError.cancelled }
    return try first.get()
  }

  /// Without `receive` the reply's body is in the result, whatever its status.
  private static func exchange(
    _ call: HTTPCall, _ client: HTTPClient, receive: (@Sendable ([UInt8]) async throws -> Void)?
  ) async throws -> HTTPAnswer {
    let response: HTTPClientResponse
    do {
      response = try await client.execute(request(for: call), timeout: TimeAmount(call.timeLimit))
    } catch {
      throw headFailure(error, call)
    }
    var answer = HTTPAnswer(status: Int(response.status.code), headers: fields(response.headers))
    if let receive, (200...299).contains(answer.status) {
      try await hand(response.body, of: call, to: receive)
    } else {
      answer.body = try await collect(response.body, of: call)
    }
    // The body of a cancelled task ends early, without an error.
    if Task.isCancelled { throw TransportError.cancelled }
    return answer
  }

  private static func collect(_ body: HTTPClientResponse.Body, of call: HTTPCall) async throws -> [UInt8] {
    do {
      return Array(try await body.collect(upTo: call.largestAnswer).readableBytesView)
    } catch {
      throw bodyFailure(error, call)
    }
  }

  private static func hand(
    _ body: HTTPClientResponse.Body, of call: HTTPCall, to receive: @Sendable ([UInt8]) async throws -> Void
  ) async throws {
    var pieces = body.makeAsyncIterator()
    var count = 0
    while true {
      let piece: ByteBuffer?
      do {
        piece = try await pieces.next()
      } catch {
        throw bodyFailure(error, call)
      }
      guard let piece, !Task.isCancelled else { return }
      count += piece.readableBytes
      guard count <= call.largestAnswer else { throw TransportError.tooLarge(limit: call.largestAnswer) }
      try await receive(Array(piece.readableBytesView))
    }
  }

  private static func request(for call: HTTPCall) -> HTTPClientRequest {
    let secrets = call.secretQuery.map { (call.url.contains("?") ? "&" : "?") + $0.text } ?? ""
    var request = HTTPClientRequest(url: call.url + secrets)
    request.method = HTTPMethod(rawValue: call.method.rawValue)
    for field in call.headers { request.headers.add(name: field.name.rawName, value: field.value) }
    if let token = call.bearerToken {
      // Set as a field so that nothing in the token can end the header line.
      let field = HTTPField(name: .authorization, value: "Bearer \(token.text)")
      request.headers.add(name: "Authorization", value: field.value)
    }
    switch call.body {
    case .bytes(let bytes): if !bytes.isEmpty { request.body = .bytes(bytes) }
    case .stream(let length, let pieces): request.body = .stream(Buffers(pieces), length: .known(length))
    }
    return request
  }

  private static func fields(_ headers: HTTPHeaders) -> HTTPFields {
    var fields = HTTPFields()
    for (name, value) in headers {
      guard let name = HTTPField.Name(name) else { continue }
      fields.append(HTTPField(name: name, value: value))
    }
    return fields
  }

  private static func headFailure(_ error: any Error, _ call: HTTPCall) -> TransportError {
    let timeouts: [HTTPClientError] = [
      .connectTimeout, .deadlineExceeded, .readTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout,
    ]
    switch error {
    case is CancellationError: return .cancelled
    case let error as HTTPClientError where error == .cancelled: return .cancelled
    case let error as HTTPClientError where timeouts.contains(error): return .timedOut(limit: call.timeLimit)
    case let error as HTTPClientError:
      let isAddress = [.invalidURL, .emptyHost, .emptyScheme].contains(error) || unsupportsScheme(error, call)
      return isAddress ? .invalidCall(error.shortDescription) : .connectionFailed(error.shortDescription)
    default: return .connectionFailed(String("\(error)".prefix(200)))
    }
  }

  private static func unsupportsScheme(_ error: HTTPClientError, _ call: HTTPCall) -> Bool {
    error == .unsupportedScheme(String(call.url.prefix { $0 != ":" }))
  }

  private static func bodyFailure(_ error: any Error, _ call: HTTPCall) -> TransportError {
    switch error {
    case is CancellationError: .cancelled
    case is NIOTooManyBytesError: .tooLarge(limit: call.largestAnswer)
    case let error as HTTPClientError where error == .cancelled: .cancelled
    case let error as HTTPClientError where error == .deadlineExceeded: .timedOut(limit: call.timeLimit)
    default: .truncated
    }
  }
}

/// The pieces of a body in the client's own form.
private struct Buffers: AsyncSequence, Sendable {
  private let pieces: any AsyncSequence<[UInt8], any Error> & Sendable

  init(_ pieces: any AsyncSequence<[UInt8], any Error> & Sendable) {
    self.pieces = pieces
  }

  struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate var pieces: any AsyncIteratorProtocol<[UInt8], any Error>

    mutating func next() async throws -> ByteBuffer? {
      try await pieces.next(isolation: nil).map { ByteBuffer(bytes: $0) }
    }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pieces: pieces.makeAsyncIterator()) }
}
