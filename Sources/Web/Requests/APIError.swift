import Formats

/// An error answer, in the one form that all errors of this API have.
package struct APIError: Error, Equatable, Sendable {
  /// The error statuses of this API, by their HTTP codes.
  package enum Status: Int, Hashable, Sendable {
    /// The request is not well formed.
    case badRequest = 400
    /// The caller is not identified.
    case unauthorized = 401
    /// The caller is not allowed to do this.
    case forbidden = 403
    /// The thing is not there.
    case notFound = 404
    /// The path allows only other methods.
    case methodNotAllowed = 405
    /// The request did not arrive in time.
    case requestTimeout = 408
    /// The current state does not allow it.
    case conflict = 409
    /// The thing is no longer in the version that the caller knows.
    case preconditionFailed = 412
    /// The body is too large.
    case contentTooLarge = 413
    /// The body is of the wrong kind.
    case unsupportedMediaType = 415
    /// A field violates a rule.
    case unprocessableContent = 422
    /// The account exceeds its request rate.
    case tooManyRequests = 429
    /// A fault of the server.
    case internalServerError = 500
    /// Something that the server needs does not answer at the moment.
    case serviceUnavailable = 503
  }

  package let status: Status
  /// A stable word for programs, such as `invalid_field`.
  package let code: String
  /// What happened and what to do, for people.
  package let message: String
  /// The fields at fault, where there are any.
  package let details: [FieldProblem]
  /// Whole seconds after which trying again makes sense, where that is known.
  package let retryAfter: Int?
  /// The reason under which it is counted, where it is counted; not shown to the caller.
  package private(set) var refusal: Refusal?

  package init(
    _ status: Status, _ code: String, _ message: String, details: [FieldProblem] = [], retryAfter: Int? = nil
  ) {
    self.status = status
    self.code = code
    self.message = message
    self.details = details
    self.retryAfter = retryAfter
  }

  /// The answer for a feature's error.
  package init(
    _ status: Status, _ error: some FeatureError, details: [FieldProblem] = [], retryAfter: Int? = nil
  ) {
    self.init(status, error.code, error.description, details: details, retryAfter: retryAfter)
  }

  /// The same answer, counted as `refusal`.
  package func counted(as refusal: Refusal) -> APIError {
    var error = self
    error.refusal = refusal
    return error
  }

  /// 422 for one field.
  package static func invalid(field: String, value: String, rule: String) -> APIError {
    InvalidInput.fields([FieldProblem(field: field, value: value, rule: rule)]).apiError
  }

  /// 404 for a thing that does not exist, or that this key may not see.
  package static func notFound(_ what: String) -> APIError {
    APIError(.notFound, "not_found", "\(what) does not exist")
  }

  /// The answer's JSON.
  package var body: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.key("error")
      json.object { json in
        json.member("code", code)
        json.member("message", message)
        json.key("details")
        json.array { json in
          for problem in details {
            json.object { json in
              json.member("field", problem.field)
              json.member("value", problem.value)
              json.member("rule", problem.rule)
            }
          }
        }
      }
    }
    return json.bytes
  }

  /// The JSON schema of ``body``.
  static let schema = Schema.object(
    required: [
      (
        "error",
        .object(
          required: [
            ("code", .string("A stable word for programs.")),
            ("message", .string("What happened and what to do.")),
            (
              "details",
              .array(
                of: .object(required: [
                  ("field", .string("The path of the field.")),
                  ("value", .string("The value as it was given.")),
                  ("rule", .string("What it must be.")),
                ]))
            ),
          ])
      )
    ]
  ).named("Error")
}

/// An error that has an answer in the API. Any other error is a fault of the server.
package protocol APIErrorConvertible: Error {
  /// The answer.
  var apiError: APIError { get }
}

extension APIError: APIErrorConvertible {
  package var apiError: APIError { self }
}
