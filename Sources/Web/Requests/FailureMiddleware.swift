import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Storage

/// Turns whatever an endpoint throws into the API's one error shape, and counts and logs requests.
struct FailureMiddleware: RouterMiddleware {
  private let endpoints: [Endpoint]
  /// Names of operations by path and method.
  private let operations: [String: [String: String]]
  private let metrics: RequestMetrics

  init(endpoints: [Endpoint], metrics: RequestMetrics) {
    self.endpoints = endpoints
    self.metrics = metrics
    operations = endpoints.reduce(into: [:]) { operations, endpoint in
      for method in endpoint.method.all {
        operations[RouterPath(endpoint.path).description, default: [:]][method] = endpoint.operationID
      }
    }
  }

  func handle(
    _ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
  ) async throws -> Response {
    let start = ContinuousClock.now
    var response = await answer(request, context, next)
    if request.method == .head { response = response.createHeadResponse() }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let operation = context.endpointPath.flatMap { operations[$0]?[request.method.rawValue] }
    metrics.count(
      operation ?? RequestMetrics.noOperation, status: response.status.code, seconds: seconds)
    context.logger.info(
      "request",
      metadata: [
        "method": "\(request.method.rawValue)", "path": "\(request.uri.path)", "status": "\(response.status.code)",
        "milliseconds": "\((seconds * 10_000).rounded() / 10)",
      ])
    return response
  }

  private func answer(
    _ request: Request, _ context: ServerContext, _ next: (Request, ServerContext) async throws -> Response
  ) async -> Response {
    do {
      return try await next(request, context)
    } catch let error as any APIErrorConvertible {
      let error = error.apiError
      if let refusal = error.refusal { metrics.count(refusal, logger: context.logger) }
      return Response(error, headers: error.status == .unauthorized ? [.wwwAuthenticate: "Bearer"] : [:])
    } catch let error as HTTPError where error.status == .notFound {
      return unrouted(request)
    } catch let error as HTTPError {
      return Response(APIError(.badRequest, "bad_request", error.body ?? error.status.reasonPhrase))
    } catch is CancellationError {
      context.logger.debug("the request was given up")
      return Response(APIError(.serviceUnavailable, "stopping", "the server stops; try again", retryAfter: 1))
    } catch let error as UnreadableRow {
      context.logger.error(
        "a stored row cannot be read",
        metadata: ["table": "\(error.table)", "key": "\(error.key)", "problem": "\(error.problem)"])
      return Response(Self.internalFault)
    } catch let error as DatabaseError {
      context.logger.error("database failure", metadata: ["error": "\(error)"])
      return Response(Self.answer(to: error))
    } catch {
      context.logger.error("unexpected failure", metadata: ["error": "\(error)"])
      return Response(Self.internalFault)
    }
  }

  /// The answer where no route takes the request: the path is unknown, or takes other methods.
  private func unrouted(_ request: Request) -> Response {
    let methods = endpoints.filter { $0.matches(path: request.uri.path) }.flatMap(\.method.all)
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
      internalFault
    }
  }

  private static let internalFault = APIError(
    .internalServerError, "internal", "this is a fault of the server; it has been logged")
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
  /// The names of the HTTP methods that it answers: HEAD goes wherever GET does.
  fileprivate var all: [String] {
    self == .get ? ["GET", "HEAD"] : [rawValue]
  }
}
