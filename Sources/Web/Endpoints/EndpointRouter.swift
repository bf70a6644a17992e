import HTTPTypes
import Hummingbird
import NIOCore
import RemoteAPIs
import ServiceLifecycle
import Storage

/// Identifies the caller by a request's token.
package protocol Authenticator: Sendable {
  /// Returns the owner of a bearer token and counts the request towards the account's rate.
  ///
  /// Throws where the token is not valid, the account is disabled, or it exceeds its request rate. The error is an
  /// ``APIErrorConvertible``.
  func principal(bearerToken: String?) async throws -> Principal

  /// Throws the same errors where `principal` may no longer write, as seen by `transaction`: what was known of the
  /// caller at the start of the request may be out of date.
  func prove(_ principal: Principal, in transaction: any Transaction) throws
}

/// Puts endpoints on Hummingbird's router: identifies the caller, limits the body, and gives every error the same form.
package struct EndpointRouter: Sendable {
  private let endpoints: [Endpoint]
  private let authenticator: any Authenticator
  private let metrics: RequestMetrics

  package init(endpoints: [Endpoint], authenticator: any Authenticator, metrics: RequestMetrics) {
    self.endpoints = endpoints
    self.authenticator = authenticator
    self.metrics = metrics
  }

  /// The router with a route for each endpoint, and one for HEAD wherever there is one for GET; any other method on a
  /// known path is answered with 405.
  package func router() -> Router<ServerContext> {
    let router = Router(context: ServerContext.self, options: .autoGenerateHeadEndpoints)
    for endpoint in endpoints {
      router.group().add(middleware: FailureMiddleware(endpoint.operationID, metrics))
        .on(RouterPath(endpoint.path), method: endpoint.method.http) { request, context in
          try await respond(to: request, context, as: endpoint)
        }
    }
    // A router's own middleware applies to routes added after it: here only to requests without a route.
    router.add(middleware: FailureMiddleware(RequestMetrics.noOperation, metrics))
    router.add(middleware: UnroutedMiddleware(endpoints: endpoints))
    return router
  }

  private func respond(
    to request: Request, _ context: ServerContext, as endpoint: Endpoint
  ) async throws -> Response {
    let principal = try await self.principal(of: request, for: endpoint.access)
    let parameters = try RequestReading.pathParameters(context.parameters, of: endpoint)
    let query = try RequestReading.query(of: request, for: endpoint)
    let body = endpoint.request == nil ? [] : try await RequestReading.body(of: request, context, for: endpoint)
    let pieces = try endpoint.upload.map { try RequestReading.pieces(of: request, context, for: $0) }
    let call = Call(
      principal: principal, pathParameters: parameters, queryParameters: query, target: request.uri.string,
      headers: RequestReading.headers(of: request, for: endpoint), body: body, pieces: pieces)
    let scope = principal.map(scope(of:)) ?? .all
    let reply = try await AccountScope.$current.withValue(scope) { try await endpoint.handle(call) }
    var headers: HTTPFields = [.contentType: reply.contentType]
    for (name, value) in reply.headers {
      if let field = HTTPField.Name(name) { headers[field] = value }
    }
    for cookie in reply.cookies { headers.append(HTTPField(name: .setCookie, value: cookie.setting)) }
    return Response(
      status: HTTPResponse.Status(code: reply.status ?? endpoint.success.rawValue), headers: headers,
      body: ResponseBody(reply.body, scope: scope))
  }

  /// The scope of a caller's request: it sees only the caller's account, and each write proves that the caller may
  /// write.
  private func scope(of principal: Principal) -> AccountScope {
    .account(principal.accountID) { [authenticator] in try authenticator.prove(principal, in: $0) }
  }

  private func principal(of request: Request, for access: Endpoint.Access) async throws -> Principal? {
    let token = RequestReading.bearerToken(request)
    switch access {
    case .open: return nil
    case .token(let expected):
      guard let expected else { return nil }
      guard let token, expected.isSame(as: token) else {
        throw APIError(
          .unauthorized, "unauthorized", "send the token of this server's metrics as 'Authorization: Bearer TOKEN'"
        ).counted(as: .metricsToken)
      }
      return nil
    case .role(let needed):
      let principal = try await authenticator.principal(bearerToken: token)
      guard principal.role >= needed else {
        throw APIError(
          .forbidden, "forbidden", "this needs a key of role \(needed.rawValue); yours is \(principal.role.rawValue)")
      }
      return principal
    }
  }
}

extension ResponseBody {
  /// A body that is read while it is sent is read in the caller's scope.
  fileprivate init(_ body: ReplyBody, scope: AccountScope) {
    switch body {
    case .bytes(let bytes): self.init(byteBuffer: ByteBuffer(bytes: bytes))
    case .pieces(let pieces, let length):
      self.init(contentLength: length) { writer in
        try await AccountScope.$current.withValue(scope) { try await writer.write(pieces) }
        try await writer.finish(nil)
      }
    case .events(let pieces):
      self.init { writer in
        try await AccountScope.$current.withValue(scope) { try await writer.writeUntilShutdown(pieces) }
        try await writer.finish(nil)
      }
    }
  }
}

extension ResponseBodyWriter {
  fileprivate mutating func write(_ pieces: some AsyncSequence<[UInt8], any Error>) async throws {
    for try await piece in pieces { try await write(ByteBuffer(bytes: piece)) }
  }

  fileprivate mutating func writeUntilShutdown(
    _ pieces: some AsyncSequence<[UInt8], any Error> & Sendable
  ) async throws {
    try await write(pieces.cancelOnGracefulShutdown())
  }
}

extension Endpoint.Method {
  fileprivate var http: HTTPRequest.Method {
    switch self {
    case .get: .get
    case .post: .post
    case .put: .put
    case .patch: .patch
    case .delete: .delete
    }
  }
}
