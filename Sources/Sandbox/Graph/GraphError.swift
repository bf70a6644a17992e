import Formats

/// An error as the Graph API tells it.
struct GraphError: Error, Sendable {
  var status = 400
  var code: Int
  var subcode: Int?
  var message: String
  var type = "OAuthException"
  var isTransient = false
  var title: String?
  var userMessage: String?
  /// The parameter that is to blame.
  var blamedField: String?
  /// What else there is to be told, in place of what is to blame.
  var details: JSONValue?

  /// The error object, with the number that support would ask for.
  func json(trace: String) -> JSONValue {
    let blame = blamedField.map { JSONValue.string(#"{"blame_field_specs":[["\#($0)"]]}"#) }
    return [
      "error": .present([
        ("message", .string(message)), ("type", .string(type)), ("code", .integer(code)),
        ("error_data", details ?? blame), ("error_subcode", subcode.map { .integer($0) }),
        ("is_transient", .bool(isTransient)), ("error_user_title", title.map { .string($0) }),
        ("error_user_msg", userMessage.map { .string($0) }), ("fbtrace_id", .string(trace)),
      ])
    ]
  }

  /// A parameter that breaks a rule.
  static func invalid(_ message: String, subcode: Int? = nil, field: String? = nil) -> GraphError {
    GraphError(code: 100, subcode: subcode, message: "(#100) \(message)", blamedField: field)
  }

  /// An object that is not there, or that the token may not see.
  static func missing(_ id: String) -> GraphError {
    GraphError(
      code: 100, subcode: 33,
      message:
        "Unsupported request. Object with ID '\(id)' does not exist, cannot be loaded due to missing "
        + "permissions, or does not support this operation.",
      type: "GraphMethodException")
  }

  /// A path that leads nowhere.
  static func unknownPath(_ path: String) -> GraphError {
    GraphError(code: 2500, message: "Unknown path components: /\(path)")
  }

  /// A limit of calls that is used up for so many minutes.
  static func limited(insights: Bool) -> GraphError {
    GraphError(
      code: insights ? 80_000 : 80_004, subcode: 2_446_079,
      message:
        "(#\(insights ? 80_000 : 80_004)) There have been too many calls from this ad-account. Wait a bit and try "
        + "again.")
  }

  /// Something that passes.
  static let transient = GraphError(
    status: 500, code: 2,
    message: "An unexpected error has occurred. Please retry your request later.",
    isTransient: true)
}

extension GraphError {
  /// What Meta says of a change that it does not make.
  init(_ refusal: ChangeRefusal, id: String) {
    switch refusal {
    case .unknownObject: self = .missing(id)
    case .budgetOfAd:
      self = .invalid(
        "An ad has no budget: it is its ad set's or campaign's", field: "daily_budget")
    case .budgetOfCampaign:
      self = .invalid("Invalid parameter", subcode: 1_885_621, field: "daily_budget")
      title = "Cannot set a budget on the ad set"
      userMessage = "The ad set's campaign has a budget: change that one."
    case .budgetOfAdSets:
      self = .invalid("Invalid parameter", subcode: 1_885_621, field: "daily_budget")
      title = "Cannot set a budget on the campaign"
      userMessage = "The campaign's ad sets have budgets of their own: change those."
    case .budgetTooLow(let minimum):
      self = .invalid("Invalid parameter", subcode: 1_885_272, field: "daily_budget")
      title = "Budget is too low"
      userMessage = "The budget must be at least \(minimum) in the currency's smallest unit."
    case .budgetTooHigh(let maximum):
      self = .invalid("Invalid parameter", subcode: 1_885_261, field: "daily_budget")
      title = "Budget is too high"
      userMessage = "The budget must be at most \(maximum) in the currency's smallest unit."
    case .tooManyBudgetEdits(let until):
      self = GraphError(
        code: 613, subcode: 1_487_632,
        message: "(#613) Calls to this api have exceeded the rate limit.",
        title: "Budget was changed too often",
        userMessage: "The budget can be changed 4 times an hour, and not again before \(until).")
    case .tooManyAds:
      self = .invalid("An ad set has at most \(AdWorld.adsPerAdSet) ads", field: "adset_id")
    case .gone(let status):
      self = .invalid("The object is \(status.rawValue) and cannot be changed", field: "status")
    }
  }
}
