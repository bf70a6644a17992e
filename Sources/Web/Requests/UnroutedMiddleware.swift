import HTTPTypes
import Hummingbird

/// Answers requests without a route: their path is unknown, or allows only other methods.
struct UnroutedMiddleware: RouterMiddleware {
  let endpoints: [Endpoint]

  func handle(
    _ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
  ) async throws -> Response {
    let methods = endpoints.filter { $0.matches(path: request.uri.path) }.flatMap(\.method.all)
    guard !methods.isEmpty else {
      return Response(APIError(.notFound, "not_found", "there is nothing at this path; see /openapi.json"))
    }
    let allow = methods.sorted().joined(separator: ", ")
    return Response(
      APIError(.methodNotAllowed, "method_not_allowed", "this path allows \(allow)"), headers: [.allow: allow])
  }
}

extension Endpoint {
  /// Whether `path` matches this endpoint's.
  fileprivate func matches(path: String) -> Bool {
    let (own, given) = (self.path.split(separator: "/"), path.split(separator: "/"))
    return own.count == given.count && zip(own, given).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
  }
}

extension Endpoint.Method {
  /// The names of the methods that it answers: HEAD wherever GET.
  fileprivate var all: [String] {
    self == .get ? ["GET", "HEAD"] : [rawValue]
  }
}
