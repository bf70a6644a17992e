import Accounts
import App
import Formats
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Storage
import Testing
import Values
import Web

/// The API of a ``TestSystem`` as a client sees it.
package struct TestAPI: Sendable {
  /// The transport.
  package let client: any TestClientProtocol
  /// The key that requests are sent with; nil for none.
  package let key: String?

  /// Takes a transport and a key.
  package init(client: any TestClientProtocol, key: String?) {
    self.client = client
    self.key = key
  }

  /// The same client with another key.
  package func with(key: String?) -> TestAPI {
    TestAPI(client: client, key: key)
  }

  /// Sends a request whose body is `bytes`.
  package func send(
    _ method: HTTPRequest.Method, _ path: String, bytes: [UInt8]? = nil, contentType: String? = "application/json",
    authorization: String? = nil, headers: HTTPFields = [:]
  ) async throws -> Answer {
    var headers = headers
    if let authorization = authorization ?? key.map({ "Bearer \($0)" }) { headers[.authorization] = authorization }
    if bytes != nil, let contentType { headers[.contentType] = contentType }
    return try await client.execute(
      uri: path, method: method, headers: headers, body: bytes.map { ByteBuffer(bytes: $0) }
    ) { response in
      Answer(
        status: response.status.code, headers: response.headers, bytes: Array(response.body.readableBytesView))
    }
  }

  /// Sends a request whose body is `body`.
  package func send(_ method: HTTPRequest.Method, _ path: String, _ body: String) async throws -> Answer {
    try await send(method, path, bytes: Array(body.utf8))
  }

  /// Posts `body`.
  package func post(_ path: String, _ body: String) async throws -> Answer {
    try await send(.post, path, body)
  }
}

/// An answer of the API.
package struct Answer: Sendable {
  /// The HTTP status.
  package let status: Int
  /// The headers.
  package let headers: HTTPFields
  /// The body.
  package let bytes: [UInt8]

  /// The body as JSON.
  package var json: JSONValue {
    get throws { try JSONValue(parsing: bytes) }
  }

  /// The body of an answer of status 200, as JSON.
  package func done(sourceLocation: SourceLocation = #_sourceLocation) throws -> JSONValue {
    try #require(status == 200, "\(text)", sourceLocation: sourceLocation)
    #expect(headers[.contentType] == "application/json", sourceLocation: sourceLocation)
    return try json
  }

  /// What a refusal says, its shape checked: an object `error` with `code`, `message` and `details`.
  package func refusal(sourceLocation: SourceLocation = #_sourceLocation) throws -> Refusal {
    #expect(headers[.contentType] == "application/json", sourceLocation: sourceLocation)
    let members = try json.at("error").keys
    #expect(try json.keys == ["error"], sourceLocation: sourceLocation)
    #expect(members == ["code", "message", "details"], sourceLocation: sourceLocation)
    let details = try #require(try json.at("error.details").arrayValue, sourceLocation: sourceLocation)
    for detail in details { #expect(detail.keys == ["field", "value", "rule"], sourceLocation: sourceLocation) }
    return Refusal(
      status: status, code: try json.text("error.code"), message: try json.text("error.message"),
      fields: details.compactMap { $0["field"]?.stringValue })
  }

  /// The body.
  package var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// What an answer of the one error shape says.
package struct Refusal: Hashable, Sendable {
  /// The HTTP status.
  package let status: Int
  /// The stable word for programs.
  package let code: String
  /// The words for people.
  package let message: String
  /// The fields at fault.
  package let fields: [String]
}

extension TestSystem {
  /// The system's router, as the server has it.
  package func router() -> Router<ServerContext> {
    EndpointRouter(endpoints: system.endpoints, authenticator: system.keys, metrics: system.requestMetrics).router()
  }

  /// Gives `body` a client with a key of `role`; `live` sends its requests through a socket, and `log` is told what the
  /// server logs.
  package func serving<Result: Sendable>(
    as role: Role = .admin, live: Bool = false, log: CollectingLogHandler? = nil,
    _ body: @escaping @Sendable (TestAPI) async throws -> Result
  ) async throws -> Result {
    let key = try await system.keys.create(for: account, role: role)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    if let log { logger = Logger(label: "test") { _ in log } }
    let application = Application(
      router: router(), configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
      logger: logger)
    return try await application.test(live ? .live : .router) { try await body(TestAPI(client: $0, key: key)) }
  }
}
