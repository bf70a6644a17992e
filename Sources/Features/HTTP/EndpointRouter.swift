import Database
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Finds out who calls by the token of a request.
public protocol Authenticator: Sendable {
  /// Returns the owner of a bearer token and counts the request against the account's rate.
  ///
  /// Throws an ``APIError``: 401 for a token that is not valid, 403 where the account is disabled, 429 where the account
  /// sends more requests than it may.
  func principal(bearerToken: String?) async throws -> Principal
}

/// Puts endpoints on Hummingbird's router: checks the caller, bounds the body, and gives every failure one shape.
public struct EndpointRouter: Sendable {
  /// The largest body that is read, in bytes.
  public static let bodyLimit = 4 << 20

  private let endpoints: [Endpoint]
  private let authenticator: any Authenticator

  /// Takes what is to be served and who tells callers apart.
  public init(endpoints: [Endpoint], authenticator: any Authenticator) {
    self.endpoints = endpoints
    self.authenticator = authenticator
  }

  /// The router with a route for each endpoint; any other method on a known path is answered 405.
  public func router() -> Router<BasicRequestContext> {
    let router = Router(context: BasicRequestContext.self)
    router.add(middleware: FailureMiddleware(endpoints: endpoints))
    for endpoint in endpoints {
      router.on(RouterPath(endpoint.path), method: endpoint.method.http) { request, context in
        try await respond(to: request, context: context, as: endpoint)
      }
    }
    return router
  }

  private func respond(
    to request: Request, context: BasicRequestContext, as endpoint: Endpoint
  ) async throws -> Response {
    let principal = try await self.principal(of: request, for: endpoint.access)
    let body = endpoint.request == nil ? [] : try await self.body(of: request)
    var parameters: [String: String] = [:]
    for name in endpoint.parameterNames { parameters[name] = context.parameters.get(name) }
    let call = Call(
      principal: principal, pathParameters: parameters, queryParameters: try Self.query(of: request, for: endpoint),
      target: request.uri.string, headers: Self.headers(of: request, for: endpoint), body: body)
    let scope = principal.map { AccountScope.account($0.accountID) } ?? .all
    let reply = try await AccountScope.$current.withValue(scope) { try await endpoint.handle(call) }
    var headers: HTTPFields = [.contentType: reply.contentType]
    for (name, value) in reply.headers {
      if let field = HTTPField.Name(name) { headers[field] = value }
    }
    return Response(
      status: HTTPResponse.Status(code: endpoint.success.rawValue), headers: headers,
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body)))
  }

  /// The query's parameters. Throws an ``APIError`` of status 422 for one that the endpoint does not know; where an
  /// endpoint knows none, the query is left alone.
  private static func query(of request: Request, for endpoint: Endpoint) throws -> [String: String] {
    guard !endpoint.query.isEmpty else { return [:] }
    var parameters: [String: String] = [:]
    for (name, value) in request.uri.queryParameters {
      guard endpoint.query.contains(where: { $0.name == name }) else {
        let known = endpoint.query.map(\.name).joined(separator: ", ")
        throw APIError.invalid(
          field: String(name), value: String(value), rule: "is not a parameter here; the parameters are \(known)")
      }
      parameters[String(name)] = String(value)
    }
    return parameters
  }

  private static func headers(of request: Request, for endpoint: Endpoint) -> [String: String] {
    endpoint.headers.reduce(into: [:]) { headers, name in
      guard let field = HTTPField.Name(name), let value = request.headers[field] else { return }
      headers[name] = value
    }
  }

  private func principal(of request: Request, for access: Endpoint.Access) async throws -> Principal? {
    guard case .role(let needed) = access else { return nil }
    let principal = try await authenticator.principal(bearerToken: Self.bearerToken(request))
    guard principal.role >= needed else {
      throw APIError(
        .forbidden, "forbidden", "this needs a key of role \(needed.rawValue); yours is \(principal.role.rawValue)")
    }
    return principal
  }

  private static func bearerToken(_ request: Request) -> String? {
    guard let header = request.headers[.authorization] else { return nil }
    let parts = header.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
    return String(parts[1])
  }

  private func body(of request: Request) async throws -> [UInt8] {
    let type = request.headers[.contentType]?.split(separator: ";").first.map { $0.lowercased() } ?? ""
    guard type.trimming(" ") == "application/json" else {
      throw APIError(
        .unsupportedMediaType, "unsupported_media_type", "the body must be application/json, not '\(type)'")
    }
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > Self.bodyLimit {
      throw Self.tooLarge
    }
    do {
      let buffer = try await request.body.collect(upTo: Self.bodyLimit)
      return Array(buffer.readableBytesView)
    } catch is NIOTooManyBytesError {
      throw Self.tooLarge
    }
  }

  private static let tooLarge = APIError(
    .contentTooLarge, "content_too_large", "the body must have at most \(bodyLimit) bytes")
}

/// Turns whatever an endpoint throws into the API's one error shape.
private struct FailureMiddleware: RouterMiddleware {
  let endpoints: [Endpoint]

  func handle(
    _ request: Request, context: BasicRequestContext,
    next: (Request, BasicRequestContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as APIError {
      return Response(error, headers: error.status == .unauthorized ? [.wwwAuthenticate: "Bearer"] : [:])
    } catch let error as HTTPError where error.status == .notFound {
      return unrouted(request)
    } catch let error as HTTPError {
      return Response(APIError(.badRequest, "bad_request", error.body ?? error.status.reasonPhrase))
    } catch let error as DatabaseError {
      context.logger.error("database failure", metadata: ["error": "\(error)"])
      return Response(Self.answer(to: error))
    } catch {
      context.logger.error("unexpected failure", metadata: ["error": "\(error)"])
      return Response(APIError(.internalServerError, "internal", "this is a fault of the server; it has been logged"))
    }
  }

  /// The answer where no route takes the request: the path is unknown, or takes other methods.
  private func unrouted(_ request: Request) -> Response {
    let methods = endpoints.filter { $0.matches(path: request.uri.path) }.map(\.method.rawValue)
    guard !methods.isEmpty else {
      return Response(APIError(.notFound, "not_found", "there is nothing at this path; see /openapi.json"))
    }
    let allow = methods.sorted().joined(separator: ", ")
    return Response(
      APIError(.methodNotAllowed, "method_not_allowed", "this path takes \(allow)"), headers: [.allow: allow])
  }

  private static func answer(to error: DatabaseError) -> APIError {
    switch error {
    case .busy, .unavailable:
      APIError(.serviceUnavailable, "database_unavailable", "the database does not answer; try again", retryAfter: 1)
    case .unwritable:
      APIError(
        .serviceUnavailable, "database_unwritable",
        "the database cannot be written until its operator has seen to its disk; try again later", retryAfter: 10)
    default:
      APIError(.internalServerError, "internal", "this is a fault of the server; it has been logged")
    }
  }
}

extension Response {
  /// The answer that refuses a request.
  fileprivate init(_ error: APIError, headers: HTTPFields = [:]) {
    var headers = headers
    headers[.contentType] = "application/json"
    if let seconds = error.retryAfter { headers[.retryAfter] = "\(seconds)" }
    self.init(
      status: HTTPResponse.Status(code: error.status.rawValue), headers: headers,
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: error.body)))
  }
}

extension Endpoint {
  /// Whether `path` has the form of this endpoint's.
  fileprivate func matches(path: String) -> Bool {
    let (own, given) = (self.path.split(separator: "/"), path.split(separator: "/"))
    return own.count == given.count && zip(own, given).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
  }
}

extension Endpoint.Method {
  fileprivate var http: HTTPRequest.Method {
    switch self {
    case .get: .get
    case .post: .post
    case .put: .put
    }
  }
}

extension String {
  fileprivate func trimming(_ character: Character) -> Substring {
    var text = self[...]
    while text.first == character { text = text.dropFirst() }
    while text.last == character { text = text.dropLast() }
    return text
  }
}
