import Formats
import RemoteAPIs
import Values

/// A request that passed the gate: it is well-formed HTTP, its caller is known and its size is bounded.
public struct Call: Sendable {
  /// Who calls; nil on open endpoints.
  public let principal: Principal?
  /// The values of the path's parameters, by name.
  public let pathParameters: [String: String]
  /// The query's parameters that the endpoint knows, by name, decoded.
  public let queryParameters: [String: String]
  /// What was asked for as it stood in the request: the path and, after a `?`, the query.
  public let target: String
  /// The values of those headers that the endpoint reads, by their names in lower case.
  public let headers: [String: String]
  /// The body's bytes; empty where the endpoint takes none.
  public let body: [UInt8]

  /// Makes a call from its parts.
  public init(
    principal: Principal?, pathParameters: [String: String], queryParameters: [String: String] = [:],
    target: String = "", headers: [String: String] = [:], body: [UInt8]
  ) {
    self.principal = principal
    self.pathParameters = pathParameters
    self.queryParameters = queryParameters
    self.target = target
    self.headers = headers
    self.body = body
  }

  /// The caller of an endpoint that demands one.
  public func caller() throws -> Principal {
    guard let principal else { throw APIError(.unauthorized, "unauthorized", "this needs an API key") }
    return principal
  }

  /// The account in the path, if it is the caller's own.
  public func ownAccount() throws -> AccountID {
    try caller().ownAccount(named: pathParameters["account_id"] ?? "", field: "account_id")
  }
}

/// A parameter of an endpoint's query; every one may be left out.
public struct QueryParameter: Sendable {
  /// The name.
  public let name: String
  /// What values it takes.
  public let schema: Schema

  /// Describes a parameter.
  public init(_ name: String, _ schema: Schema) {
    self.name = name
    self.schema = schema
  }
}

/// A header of an endpoint's answer besides its media type.
public struct AnswerHeader: Sendable {
  /// The name.
  public let name: String
  /// What it holds.
  public let schema: Schema

  /// Describes a header.
  public init(_ name: String, _ schema: Schema) {
    self.name = name
    self.schema = schema
  }
}

/// An answer of the endpoint's own status of success, with a body.
public struct Reply: Sendable {
  /// The body's bytes.
  public let body: [UInt8]
  /// The body's media type.
  public let contentType: String
  /// Headers besides the media type, by name; the endpoint describes each as an ``AnswerHeader``.
  public private(set) var headers: [String: String] = [:]

  /// Answers with JSON.
  public init(json: [UInt8]) {
    body = json
    contentType = "application/json"
  }

  /// Answers with text of another type.
  public init(text: String, contentType: String) {
    body = Array(text.utf8)
    self.contentType = contentType
  }

  /// The same answer with a header.
  public func with(_ header: String, _ value: String) -> Reply {
    var reply = self
    reply.headers[header] = value
    return reply
  }

  /// Answers with what `write` puts into an object.
  public static func object(_ write: (inout JSONWriter) throws -> Void) rethrows -> Reply {
    var json = JSONWriter(reservingCapacity: 1024)
    try json.object(write)
    return Reply(json: json.bytes)
  }
}

/// One operation of the API: what it is called, who may call it, what goes in, what comes out and what it does.
///
/// The router and the OpenAPI document are both made from the same list of these, so they cannot disagree.
public struct Endpoint: Sendable {
  /// Who may call.
  public enum Access: Sendable {
    /// Anybody.
    case open
    /// Whoever sends this token; anybody where it is nil.
    case token(Secret?)
    /// A key of at least this role.
    case role(Role)
  }

  /// The methods that operations of this API have.
  public enum Method: String, Hashable, Sendable {
    /// Reads.
    case get = "GET"
    /// Does something.
    case post = "POST"
    /// Changes a thing to what the body says.
    case put = "PUT"
  }

  /// The statuses that operations of this API answer with when they have done what they were asked.
  public enum Success: Int, Sendable {
    /// It is done.
    case ok = 200
    /// It is kept and will be done.
    case accepted = 202
  }

  /// The HTTP method.
  public let method: Method
  /// The path, with parameters in braces.
  public let path: String
  /// The operation's name for client generators.
  public let operationID: String
  /// The operation in a sentence.
  public let summary: String
  /// The group it is listed under.
  public let tag: String
  /// The names in braces in ``path``.
  public let parameterNames: [String]
  /// Who may call.
  public let access: Access
  /// The parameters of the query that the operation knows.
  public let query: [QueryParameter]
  /// Headers that the operation reads, by their names in lower case.
  public let headers: [String]
  /// The schema of the request's body; nil where it has none.
  public let request: Schema?
  /// The largest body that is read, in bytes.
  public let bodyLimit: Int
  /// The status of success.
  public let success: Success
  /// The schema of the answer.
  public let response: Schema
  /// The media type of the answer.
  public let responseType: String
  /// The headers of the answer.
  public let answerHeaders: [AnswerHeader]
  /// Answers besides the usual ones that the operation can give.
  public let otherAnswers: [APIError.Status]
  /// What the operation does.
  public let handle: @Sendable (Call) async throws -> Reply

  /// Describes an operation.
  public init(
    _ method: Method, _ path: String, operationID: String, summary: String, tag: String, access: Access,
    query: [QueryParameter] = [], headers: [String] = [], request: Schema? = nil,
    bodyLimit: Int = Self.usualBodyLimit, success: Success = .ok,
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
    self.success = success
    self.response = response
    self.responseType = responseType
    self.answerHeaders = answerHeaders
    self.otherAnswers = otherAnswers
    self.handle = handle
  }

  /// The largest body of an operation that takes single things: 256 KiB.
  public static let usualBodyLimit = 256 << 10

  /// The largest body of an operation that takes thousands of things: 4 MiB.
  public static let largeBodyLimit = 4 << 20
}
