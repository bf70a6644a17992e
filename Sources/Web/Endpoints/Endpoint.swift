import Formats
import RemoteAPIs
import Values

/// A request that has been checked: it is well-formed HTTP, its caller is known and its size is bounded.
package struct Call: Sendable {
  /// The caller; nil on open endpoints.
  package let principal: Principal?
  /// The values of the path's parameters, by name.
  package let pathParameters: [String: String]
  /// The query's parameters that the endpoint knows, by name, decoded.
  package let queryParameters: [String: String]
  /// The request target as received: the path and, after a `?`, the query.
  package let target: String
  /// The values of those headers that the endpoint reads, by their names in lower case.
  package let headers: [String: String]
  /// The body's bytes; empty where the endpoint takes none, or takes an ``Upload``.
  package let body: [UInt8]
  /// The body of an ``Upload`` as it arrives; nil for other endpoints.
  package let pieces: BodyPieces?

  package init(
    principal: Principal?, pathParameters: [String: String], queryParameters: [String: String] = [:],
    target: String = "", headers: [String: String] = [:], body: [UInt8], pieces: BodyPieces? = nil
  ) {
    self.principal = principal
    self.pathParameters = pathParameters
    self.queryParameters = queryParameters
    self.target = target
    self.headers = headers
    self.body = body
    self.pieces = pieces
  }

  /// The caller of an endpoint that requires one.
  package func caller() throws -> Principal {
    guard let principal else { throw APIError(.unauthorized, "unauthorized", "this needs an API key") }
    return principal
  }

  /// The account in the path, which must be the caller's own.
  package func ownAccount() throws -> AccountID {
    try caller().ownAccount(named: pathParameters["account_id"] ?? "", field: "account_id")
  }
}

/// A query parameter of an endpoint; every one is optional.
package struct QueryParameter: Sendable {
  package let name: String
  /// The values that it takes.
  package let schema: Schema

  package init(_ name: String, _ schema: Schema) {
    self.name = name
    self.schema = schema
  }
}

/// A header of an endpoint's answer other than its media type.
package struct AnswerHeader: Sendable {
  package let name: String
  /// What it contains.
  package let schema: Schema

  package init(_ name: String, _ schema: Schema) {
    self.name = name
    self.schema = schema
  }
}

/// An answer with the endpoint's success status and a body.
package struct Reply: Sendable {
  package let body: ReplyBody
  /// The body's media type.
  package let contentType: String
  /// Headers other than the media type, by name; the endpoint describes each as an ``AnswerHeader``.
  package private(set) var headers: [String: String]
  /// The status of a page or redirect; nil for the endpoint's success status.
  var status: Int?
  /// The cookies that a page sets.
  var cookies: [Cookie] = []

  init(body: ReplyBody, contentType: String, headers: [String: String] = [:]) {
    self.body = body
    self.contentType = contentType
    self.headers = headers
  }

  /// Answers with JSON.
  package init(json: [UInt8]) {
    self.init(bytes: json, contentType: "application/json")
  }

  /// Answers with text of another media type.
  package init(text: String, contentType: String) {
    self.init(bytes: Array(text.utf8), contentType: contentType)
  }

  init(bytes: [UInt8], contentType: String) {
    self.init(body: .bytes(bytes), contentType: contentType)
  }

  /// Answers with a body that is read piece by piece while it is sent; `length` is its bytes, where known.
  package init(pieces: BodyPieces, length: Int? = nil, contentType: String) {
    self.init(body: .pieces(pieces, length: length), contentType: contentType)
  }

  /// The same answer with a header.
  package func with(_ header: String, _ value: String) -> Reply {
    var reply = self
    reply.headers[header] = value
    return reply
  }

  /// Answers with an object whose members `write` writes.
  package static func object(_ write: (inout JSONWriter) throws -> Void) rethrows -> Reply {
    var json = JSONWriter(reservingCapacity: 1024)
    try json.object(write)
    return Reply(json: json.bytes)
  }
}

/// One operation of the API: its name, who may call it, its input, its output and what it does.
///
/// The router and the OpenAPI document are both made from the same list of these, so they cannot disagree.
package struct Endpoint: Sendable {
  /// Who may call.
  package enum Access: Sendable {
    /// Anybody.
    case open
    /// Callers that send this token; anybody where it is nil.
    case token(Secret?)
    /// Callers with a key of at least this role.
    case role(Role)
  }

  /// The methods of this API's operations.
  package enum Method: String, Hashable, Sendable {
    /// Reads.
    case get = "GET"
    /// Performs an action.
    case post = "POST"
    /// Replaces a thing by what the body says.
    case put = "PUT"
    /// Changes a part of a thing.
    case patch = "PATCH"
    /// Removes a thing.
    case delete = "DELETE"
  }

  /// The success statuses of this API's operations.
  package enum Success: Int, Sendable {
    /// It is done.
    case ok = 200
    /// It has been stored and will be done.
    case accepted = 202
  }

  /// The HTTP method.
  package let method: Method
  /// The path, with parameters in braces.
  package let path: String
  /// The operation's name for client generators.
  package let operationID: String
  /// The operation in a sentence.
  package let summary: String
  /// The group it is listed under.
  package let tag: String
  /// The names in braces in ``path``.
  package let parameterNames: [String]
  /// Who may call.
  package let access: Access
  /// The query parameters that the operation accepts.
  package let query: [QueryParameter]
  /// Headers that the operation reads, by their names in lower case.
  package let headers: [String]
  /// The schema of the request's body; nil where it has none.
  package let request: Schema?
  /// The largest JSON body that is accepted, in bytes.
  package let bodyLimit: Int
  /// The body that the operation reads piece by piece instead of a JSON body.
  package let upload: Upload?
  /// The success status.
  package let success: Success
  /// The schema of the answer.
  package let response: Schema
  /// The media type of the answer.
  package let responseType: String
  package let answerHeaders: [AnswerHeader]
  /// Error statuses that the operation can answer with, besides the usual ones.
  package let otherAnswers: [APIError.Status]
  /// Whether it is for people with a browser, and so not part of the API's document; see ``page``.
  package internal(set) var isPage = false
  /// What the operation does.
  package let handle: @Sendable (Call) async throws -> Reply

  package init(
    _ method: Method, _ path: String, operationID: String, summary: String, tag: String, access: Access,
    query: [QueryParameter] = [], headers: [String] = [], request: Schema? = nil,
    bodyLimit: Int = Self.usualBodyLimit, upload: Upload? = nil, success: Success = .ok,
    response: Schema, responseType: String = "application/json", answerHeaders: [AnswerHeader] = [],
    otherAnswers: [APIError.Status] = [],
    handle: @escaping @Sendable (Call) async throws -> Reply
  ) {
    self.method = method
    self.path = path
    parameterNames = path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    self.operationID = operationID
    self.summary = summary
    self.tag = tag
    self.access = access
    self.query = query
    self.headers = headers
    self.request = request
    self.bodyLimit = bodyLimit
    self.upload = upload
    self.success = success
    self.response = response
    self.responseType = responseType
    self.answerHeaders = answerHeaders
    self.otherAnswers = otherAnswers
    self.handle = handle
  }

  /// The largest body of an operation that takes a single thing: 256 KiB.
  package static let usualBodyLimit = 256 << 10

  /// The largest body of an operation that takes thousands of things: 4 MiB.
  package static let largeBodyLimit = 4 << 20
}
