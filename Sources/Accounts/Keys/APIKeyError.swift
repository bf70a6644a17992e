import Jobs
import Values
import Web

/// Why an API key cannot be created, shown or replaced.
package enum APIKeyError: FeatureError, Equatable {
  /// A field of the key violates a rule.
  case invalid(FieldProblem)
  /// The account has no key with this id.
  case unknown(String)
  /// The account has the maximum number of keys.
  case tooMany(AccountID)
  /// The key is revoked or expired.
  case ended(String)

  package var code: String {
    switch self {
    case .invalid: "invalid_field"
    case .unknown: "not_found"
    case .tooMany: "too_many_keys"
    case .ended: "key_ended"
    }
  }

  package var description: String {
    switch self {
    case .invalid(let problem): problem.description
    case .unknown(let id): "key \(id) does not exist"
    case .tooMany(let account): "account \(account) has \(APIKey.countLimit) keys; revoke some of them first"
    case .ended(let id): "key \(id) is revoked or expired; make a new one with keys create"
    }
  }
}

/// Why a request with or without a key is refused.
package enum AuthenticationError: FeatureError, Equatable {
  /// No key was sent.
  case noKey
  /// The key is unknown or revoked.
  case unknownKey
  case expiredKey
  /// The key's account is disabled.
  case disabledAccount(AccountID)
  /// The account has exceeded its request rate, and may send the next request after this many seconds.
  case rateLimited(RequestRate, seconds: Int)

  package var code: String {
    switch self {
    case .noKey, .unknownKey, .expiredKey: "unauthorized"
    case .disabledAccount: "account_disabled"
    case .rateLimited: "rate_limited"
    }
  }

  /// The description does not reveal in what way a key is wrong.
  package var description: String {
    switch self {
    case .noKey, .unknownKey, .expiredKey:
      "send a valid key as 'Authorization: Bearer KEY'; see geminivideo keys create"
    case .disabledAccount(let account): "account \(account) is disabled; ask who runs this server"
    case .rateLimited(let rate, let seconds):
      "the account may send \(rate.perMinute) requests a minute; try again in \(seconds) s"
    }
  }

  package var verdict: JobVerdict {
    switch self {
    case .rateLimited(_, let seconds): .retry(class: code, after: .seconds(seconds))
    case .noKey, .unknownKey, .expiredKey, .disabledAccount: .discard(class: code, reason: description)
    }
  }
}
