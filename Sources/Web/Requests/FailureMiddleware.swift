import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Storage

/// Converts whatever an endpoint throws to an error answer, and counts and logs its requests. Each endpoint has its own
/// instance, so that the counts need not be looked up.
struct FailureMiddleware: RouterMiddleware {
  private let metrics: RequestMetrics
  private let series: RequestSeries

  /// Counts under the name `operation`.
  init(_ operation: String, _ metrics: RequestMetrics) {
    self.metrics = metrics
    series = metrics.series(of: operation)
  }

  func handle(
    _ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
  ) async throws -> Response {
    let start = ContinuousClock.now
    var response = await answer(request, context, next)
    if request.method == .head { response = response.createHeadResponse() }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    series.count(status: response.status.code, seconds: seconds)
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
    } catch let error as HTTPError {
      return Response(APIError(.badRequest, "bad_request", error.body ?? error.status.reasonPhrase))
    } catch is CancellationError {
      context.logger.debug("the request was abandoned")
      return Response(APIError(.serviceUnavailable, "stopping", "the server is stopping; try again", retryAfter: 1))
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

  private static func answer(to error: DatabaseError) -> APIError {
    switch error {
    case .busy, .unavailable:
      APIError(.serviceUnavailable, "database_unavailable", "the database does not answer; try again", retryAfter: 1)
    case .unwritable:
      APIError(
        .serviceUnavailable, "database_unwritable",
        "the database cannot be written until its operator has fixed its disk; try again later", retryAfter: 10)
    default:
      internalFault
    }
  }

  private static let internalFault = APIError(
    .internalServerError, "internal", "this is a fault of the server; it has been logged")
}

extension Response {
  /// An error answer.
  init(_ error: APIError, headers: HTTPFields = [:]) {
    var headers = headers
    headers[.contentType] = "application/json"
    if let seconds = error.retryAfter { headers[.retryAfter] = "\(seconds)" }
    self.init(
      status: HTTPResponse.Status(code: error.status.rawValue), headers: headers,
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: error.body)))
  }
}
