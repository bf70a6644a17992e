import AsyncHTTPClient
import HTTPTypes
import NIOCore
import NIOHTTP1
import Values

/// Calls over the network by HTTP/1.1, with TLS for `https` addresses. Connections are kept and used again.
public final class AsyncHTTPTransport: HTTPTransport {
  /// The transport of a process that runs until its end: it need not be shut down.
  public static let shared = AsyncHTTPTransport()

  private let client: HTTPClient

  /// Makes a transport that gives up on connecting after `connectTimeout`.
  ///
  /// It must be shut down with ``shutDown()`` before it is let go.
  public init(connectTimeout: Duration = .seconds(5)) {
    var configuration = HTTPClient.Configuration(
      redirectConfiguration: .disallow, timeout: .init(connect: TimeAmount(connectTimeout)))
    configuration.httpVersion = .http1Only
    // The caller decides about trying again: it knows what the call may cost.
    configuration.connectionPool.retryConnectionEstablishment = false
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  /// Closes all connections; calls under way fail.
  public func shutDown() async {
    // Fails only where it has been shut down already.
    try? await client.shutdown()
  }

  /// Sends one call and waits for the whole answer.
  public func send(_ call: HTTPCall) async throws(TransportError) -> HTTPAnswer {
    let client = client
    // The client's own deadline ends with the answer's head: a body that trickles in needs one too.
    let first = await withTaskGroup(of: Result<HTTPAnswer, TransportError>.self) { group in
      group.addTask { await Self.exchange(call, client) }
      group.addTask {
        let isOver = (try? await Task.sleep(for: call.timeLimit)) != nil
        return .failure(isOver ? .timedOut(limit: call.timeLimit) : .cancelled)
      }
      let first = await group.next()
      group.cancelAll()
      return first
    }
    guard let first else { throw .cancelled }
    return try first.get()
  }

  private static func exchange(_ call: HTTPCall, _ client: HTTPClient) async -> Result<HTTPAnswer, TransportError> {
    let response: HTTPClientResponse
    do {
      response = try await client.execute(request(for: call), timeout: TimeAmount(call.timeLimit))
    } catch {
      return .failure(headFailure(error, call))
    }
    do {
      let body = try await response.body.collect(upTo: call.largestAnswer)
      // A cancelled task's body ends early and without an error.
      if Task.isCancelled { return .failure(.cancelled) }
      return .success(
        HTTPAnswer(
          status: Int(response.status.code), headers: fields(response.headers), body: Array(body.readableBytesView)))
    } catch {
      return .failure(bodyFailure(error, call))
    }
  }

  private static func request(for call: HTTPCall) -> HTTPClientRequest {
    var request = HTTPClientRequest(url: call.url)
    request.method = HTTPMethod(rawValue: call.method.rawValue)
    for field in call.headers { request.headers.add(name: field.name.rawName, value: field.value) }
    if let token = call.bearerToken {
      // Made as a field so that nothing in the token can end the header line.
      let field = HTTPField(name: .authorization, value: "Bearer \(token.text)")
      request.headers.add(name: "Authorization", value: field.value)
    }
    if !call.body.isEmpty { request.body = .bytes(call.body) }
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
