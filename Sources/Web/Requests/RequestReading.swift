import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Values

/// Reads the parts of a request before an endpoint is called, and refuses invalid ones with an ``APIError``.
enum RequestReading {
  /// The token of `Authorization: Bearer TOKEN`; nil where there is none.
  static func bearerToken(_ request: Request) -> String? {
    guard let header = request.headers[.authorization] else { return nil }
    let scheme = header.utf8.prefix { !isBlank($0) }
    guard scheme.count < header.utf8.count, scheme.elementsEqual("bearer".utf8, by: { $0 | 0x20 == $1 }) else {
      return nil
    }
    let token = header.utf8[scheme.endIndex...].drop(while: isBlank)
    guard let end = token.lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(Substring(token[...end]))
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  /// The values of the path's parameters, decoded once.
  static func pathParameters(_ parameters: Parameters, of endpoint: Endpoint) throws -> [String: String] {
    var values: [String: String] = [:]
    for name in endpoint.parameterNames {
      guard let text = parameters.get(name) else { continue }
      guard let value = text.removingPercentEncoding, PlainText.holds(value) else {
        throw APIError(
          .badRequest, "bad_request", "\(name) in the path is not a percent-encoded text",
          details: [
            FieldProblem(field: name, value: text, rule: "must be percent-encoded UTF-8 without control characters")
          ])
      }
      values[name] = value
    }
    return values
  }

  /// The query parameters. Throws an ``APIError`` with status 422 for one that the endpoint does not accept or that
  /// violates the rule of ``PlainText``; where an endpoint accepts none, the query is ignored.
  static func query(of request: Request, for endpoint: Endpoint) throws -> [String: String] {
    guard !endpoint.query.isEmpty else { return [:] }
    var parameters: [String: String] = [:]
    for (name, value) in request.uri.queryParameters {
      guard endpoint.query.contains(where: { $0.name == name }) else {
        let known = endpoint.query.map(\.name).joined(separator: ", ")
        throw APIError.invalid(
          field: String(name), value: String(value), rule: "is not a parameter here; the parameters are \(known)")
      }
      guard PlainText.holds(value) else {
        throw APIError.invalid(field: String(name), value: String(value), rule: PlainText.rule)
      }
      parameters[String(name)] = String(value)
    }
    return parameters
  }

  /// The values of the headers that the endpoint reads.
  static func headers(of request: Request, for endpoint: Endpoint) -> [String: String] {
    endpoint.headers.reduce(into: [:]) { headers, name in
      guard let field = HTTPField.Name(name), let value = request.headers[field] else { return }
      headers[name] = value
    }
  }

  /// The whole body of a request. What can be refused because of the head is refused before the body is requested.
  static func body(of request: Request, _ context: ServerContext, for endpoint: Endpoint) async throws -> [UInt8] {
    try checkHead(of: request, context, mediaTypes: ["application/json"], limit: endpoint.bodyLimit)
    do {
      let buffer = try await request.body.collect(upTo: endpoint.bodyLimit)
      return Array(buffer.readableBytesView)
    } catch is NIOTooManyBytesError {
      throw tooLarge(endpoint.bodyLimit)
    } catch {
      throw brokenBody(error)
    }
  }

  /// The body of a request as it arrives. What can be refused because of the head is refused here, the rest while
  /// reading.
  static func pieces(of request: Request, _ context: ServerContext, for upload: Upload) throws -> BodyPieces {
    try checkHead(of: request, context, mediaTypes: upload.mediaTypes, limit: upload.limit)
    return UploadPieces(body: request.body, limit: upload.limit)
  }

  private static func checkHead(
    of request: Request, _ context: ServerContext, mediaTypes: [String], limit: Int
  ) throws {
    let type = request.headers[.contentType] ?? ""
    guard mediaTypes.contains(name(ofMediaType: type)) else {
      throw APIError(
        .unsupportedMediaType, "unsupported_media_type",
        "the body must be \(mediaTypes.joined(separator: " or ")), not '\(type)'")
    }
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit { throw tooLarge(limit) }
    if request.headers[.expect] != nil { context.announceBodyReading() }
  }

  fileprivate static func tooLarge(_ limit: Int) -> APIError {
    APIError(.contentTooLarge, "content_too_large", "the body must have at most \(limit) bytes")
      .counted(as: .bodyTooLarge)
  }

  fileprivate static func brokenBody(_ error: any Error) -> APIError {
    if let error = error as? APIError { return error }
    // Invalid chunks, an unknown transfer coding, or a client that hung up: not a fault of the server.
    return APIError(.badRequest, "bad_request", "the body is not complete or not well-formed HTTP").counted(
      as: .malformedRequest)
  }

  /// A media type in lower case, without its parameters.
  private static func name(ofMediaType type: String) -> String {
    let name = type.utf8.prefix { $0 != UInt8(ascii: ";") }
    guard let first = name.firstIndex(where: { !isBlank($0) }), let last = name.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return Substring(name[first...last]).lowercased()
  }
}

/// A body as it arrives, with its limit enforced.
private struct UploadPieces: AsyncSequence, Sendable {
  let body: RequestBody
  let limit: Int

  struct AsyncIterator: AsyncIteratorProtocol {
    var pieces: RequestBody.AsyncIterator
    let limit: Int
    var count = 0

    mutating func next() async throws -> [UInt8]? {
      do {
        guard let piece = try await pieces.next() else { return nil }
        count += piece.readableBytes
        guard count <= limit else { throw RequestReading.tooLarge(limit) }
        return Array(piece.readableBytesView)
      } catch {
        throw RequestReading.brokenBody(error)
      }
    }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pieces: body.makeAsyncIterator(), limit: limit) }
}
