import Formats

/// An answer that refuses a request, in the one shape that every error of this API has.
package struct APIError: Error, Equatable, Sendable {
  /// The statuses that this API answers with when it refuses, by their HTTP codes.
  package enum Status: Int, Hashable, Sendable {
    /// The request is not well formed.
    case badRequest = 400
    /// Nobody knows who calls.
    case unauthorized = 401
    /// The caller may not do this.
    case forbidden = 403
    /// The thing is not there.
    case notFound = 404
    /// The path takes other methods.
    case methodNotAllowed = 405
    /// The request did not come in time.
    case requestTimeout = 408
    /// The present state does not allow it.
    case conflict = 409
    /// The thing is no longer as the caller knew it.
    case preconditionFailed = 412
    /// The body is too large.
    case contentTooLarge = 413
    /// The body is of the wrong kind.
    case unsupportedMediaType = 415
    /// A field breaks a rule.
    case unprocessableContent = 422
    /// The account sends more requests than it may.
    case tooManyRequests = 429
    /// A fault of the server.
    case internalServerError = 500
    /// Something the server needs does not answer now.
    case serviceUnavailable = 503
  }

  /// What kind of refusal this is.
  package let status: Status
  /// A stable word for programs, such as `invalid_field`.
  package let code: String
  /// What happened and what to do, for people.
  package let message: String
  /// The fields at fault, where there are any.
  package let details: [FieldProblem]
  /// Whole seconds after which trying again makes sense, where that is known.
  package let retryAfter: Int?
  /// What it is counted as, where it is counted; not told to the caller.
  package private(set) var refusal: Refusal?

  /// Makes an answer from its parts.
  package init(
    _ status: Status, _ code: String, _ message: String, details: [FieldProblem] = [], retryAfter: Int? = nil
  ) {
    self.status = status
    self.code = code
    self.message = message
    self.details = details
    self.retryAfter = retryAfter
  }

  /// The answer that says what a feature's error says.
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

  /// 404 for a thing that is not there, or not this key's.
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
                  ("field", .string("Where the field stands.")),
                  ("value", .string("The value as it was given.")),
                  ("rule", .string("What it must be.")),
                ]))
            ),
          ])
      )
    ]
  ).named("Error")
}

/// An error that the API has an answer to. Any other is a fault of the server.
package protocol APIErrorConvertible: Error {
  /// The answer.
  var apiError: APIError { get }
}

extension APIError: APIErrorConvertible {
  /// Itself.
  package var apiError: APIError { self }
}
