import Formats

/// The OpenAPI 3.1 description of the API, made from its endpoints. Pages for people with a browser
/// (``Endpoint/isPage``) are not part of it.
package struct OpenAPIDocument: Sendable {
  package let json: JSONValue

  /// Describes `endpoints` as version `version` of the API.
  package init(endpoints all: [Endpoint], version: String) {
    let endpoints = all.filter { !$0.isPage }
    var components = APIError.schema.components
    for endpoint in endpoints {
      for schema in [endpoint.request, endpoint.response].compactMap({ $0 }) {
        components.merge(schema.components) { first, _ in first }
      }
    }
    let paths = Dictionary(grouping: endpoints, by: \.path).sorted { $0.key < $1.key }
    json = [
      "openapi": "3.1.0",
      "info": [
        "title": "GeminiVideo", "version": .string(version),
        "description":
          "Budget decisions for Meta ads that know what became of the leads. Amounts are in major units of the account's currency, ratios are ratios, instants are RFC 3339 in UTC. HEAD is answered wherever GET is. A JSON body has at most \(Endpoint.usualBodyLimit) bytes where its operation says nothing else.",
        "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
      ],
      "servers": [["url": "/"]],
      "paths": .object(
        JSONObject(
          paths.map { path, operations in
            let members = operations.map { (key: $0.method.rawValue.lowercased(), value: Self.operation($0)) }
            return (key: path, value: .object(JSONObject(members)))
          })),
      "components": [
        "schemas": .object(JSONObject(components.sorted { $0.key < $1.key }.map { (key: $0, value: $1) })),
        "securitySchemes": [
          "api_key": [
            "type": "http", "scheme": "bearer",
            "description": "A key made by `geminivideo keys create --account A --role ROLE`.",
          ],
          "metrics_token": [
            "type": "http", "scheme": "bearer", "description": "The server's `METRICS_TOKEN`, where it has one.",
          ],
        ],
      ],
    ]
  }

  private static func operation(_ endpoint: Endpoint) -> JSONValue {
    var members: [(key: String, value: JSONValue)] = [
      ("operationId", .string(endpoint.operationID)), ("summary", .string(endpoint.summary)),
      ("tags", .array([.string(endpoint.tag)])),
    ]
    let parameters =
      endpoint.parameterNames.map(parameter) + endpoint.query.map(parameter) + endpoint.headers.map(header)
    if !parameters.isEmpty { members.append(("parameters", .array(parameters))) }
    if let request = endpoint.request {
      let limit = endpoint.bodyLimit == Endpoint.usualBodyLimit ? nil : endpoint.bodyLimit
      members.append(("requestBody", body(["application/json": ["schema": request.json]], limit: limit)))
    }
    if let upload = endpoint.upload {
      let content = upload.mediaTypes.map { (key: $0, value: JSONValue.object([:])) }
      members.append(("requestBody", body(.object(JSONObject(content)), limit: upload.limit)))
    }
    switch endpoint.access {
    case .open: break
    case .token: members.append(("security", [["metrics_token": []], .object([:])]))
    case .role: members.append(("security", [["api_key": []]]))
    }
    members.append(("responses", responses(of: endpoint)))
    return .object(JSONObject(members))
  }

  /// `limit` is the largest body in bytes; nil for the usual one.
  private static func body(_ content: JSONValue, limit: Int?) -> JSONValue {
    guard let limit else { return ["required": true, "content": content] }
    return ["description": .string("At most \(limit) bytes."), "required": true, "content": content]
  }

  private static func parameter(_ name: String) -> JSONValue {
    [
      "name": .string(name), "in": "path", "required": true,
      "schema": ["type": "string", "minLength": 1, "maxLength": 128],
    ]
  }

  private static func parameter(_ parameter: QueryParameter) -> JSONValue {
    ["name": .string(parameter.name), "in": "query", "required": false, "schema": parameter.schema.json]
  }

  private static func header(_ name: String) -> JSONValue {
    ["name": .string(name), "in": "header", "required": false, "schema": ["type": "string", "maxLength": 1024]]
  }

  private static func responses(of endpoint: Endpoint) -> JSONValue {
    let failures = endpoint.failures.map { status in
      (key: "\(status.rawValue)", value: answer(status.meaning, APIError.schema, headers: status.headers))
    }
    let success = answer(
      endpoint.success.meaning, endpoint.response, type: endpoint.responseType, headers: endpoint.answerHeaders)
    return .object(JSONObject([(key: "\(endpoint.success.rawValue)", value: success)] + failures))
  }

  private static func answer(
    _ description: String, _ schema: Schema, type: String = "application/json", headers: [AnswerHeader]
  ) -> JSONValue {
    let content: JSONValue = .object(JSONObject([(key: type, value: .object(JSONObject([("schema", schema.json)])))]))
    guard !headers.isEmpty else { return ["description": .string(description), "content": content] }
    let fields = headers.map { header -> (key: String, value: JSONValue) in
      (key: header.name, value: ["required": true, "schema": header.schema.json])
    }
    return ["description": .string(description), "headers": .object(JSONObject(fields)), "content": content]
  }
}

extension Endpoint {
  /// Every error status of this operation, given what it takes and who may call it.
  var failures: [APIError.Status] {
    var statuses: [APIError.Status] = [.badRequest]
    switch access {
    case .open: break
    case .token: statuses += [.unauthorized, .tooManyRequests]
    case .role: statuses += [.unauthorized, .forbidden, .tooManyRequests]
    }
    if !parameterNames.isEmpty { statuses.append(.notFound) }
    if !query.isEmpty { statuses.append(.unprocessableContent) }
    if upload != nil { statuses += [.requestTimeout, .contentTooLarge, .unsupportedMediaType] }
    if request != nil {
      statuses += [.requestTimeout, .contentTooLarge, .unsupportedMediaType, .unprocessableContent]
    }
    statuses += otherAnswers + [.serviceUnavailable]
    return Set(statuses).sorted { $0.rawValue < $1.rawValue }
  }
}

extension Endpoint.Success {
  /// What the status means, for the API's description.
  fileprivate var meaning: String {
    switch self {
    case .ok: "Done."
    case .accepted: "Stored, and will be done."
    }
  }
}

extension APIError.Status {
  /// The headers that errors with this status always have.
  fileprivate var headers: [AnswerHeader] {
    switch self {
    case .tooManyRequests: [AnswerHeader("Retry-After", .integer("Seconds to wait.", 1...86_400))]
    default: []
    }
  }

  /// What the status means, for the API's description.
  fileprivate var meaning: String {
    switch self {
    case .badRequest: "The request is not well formed."
    case .unauthorized: "The API key is missing or not valid."
    case .forbidden: "The account is disabled, the API key is for another one, or its role is not sufficient."
    case .notFound: "It does not exist."
    case .methodNotAllowed: "The path allows only other methods."
    case .requestTimeout: "The request's body did not arrive in time."
    case .conflict: "The current state does not allow it."
    case .preconditionFailed: "It is no longer the version that If-Match names."
    case .contentTooLarge: "The body is too large."
    case .unsupportedMediaType: "The body is not application/json."
    case .unprocessableContent: "A field violates a rule; the answer names each such field."
    case .tooManyRequests: "The account exceeds its request rate; Retry-After says when to try again."
    case .internalServerError: "A fault of the server."
    case .serviceUnavailable: "The database does not answer at the moment."
    }
  }
}
