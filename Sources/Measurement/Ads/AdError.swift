import Jobs
import Values
import Web

/// Why figures of ads cannot be stored, shown or used for decisions.
package enum AdError: FeatureError, Equatable {
  /// A figure violates a rule.
  case invalid(FieldProblem)
  /// The account has no ad with this id and with figures.
  case unknown(AdID, AccountID)
  /// The account has no ads.
  case noAds
  /// The account's figures end this many days ago, which is more than the limit for decisions.
  case figuresTooOld(AccountID, end: CalendarDay, ageDays: Int, limitDays: Int)
  /// None of the account's ads runs; the text says why.
  case noRunningAds(AccountID, leftOut: String)

  package var code: String {
    switch self {
    case .invalid, .noAds: "invalid_field"
    case .unknown: "not_found"
    case .figuresTooOld: "figures_too_old"
    case .noRunningAds: "no_running_ads"
    }
  }

  package var description: String {
    switch self {
    case .invalid(let problem): problem.description
    case .unknown(let adID, let account): "ad \(adID) of account \(account) does not exist"
    case .noAds: Self.noAdsProblem.description
    case .figuresTooOld(let account, let end, let ageDays, let limitDays):
      "the figures of account \(account) end on \(end), \(ageDays) days ago, and figures_limit_days is \(limitDays): "
        + "import newer figures, or decide as of a past day, such as decide --date \(end)"
    case .noRunningAds(let account, let leftOut):
      "no ad of account \(account) runs: \(leftOut). Import newer figures, or activate ads with "
        + "ads activate --account \(account) AD"
    }
  }

  /// Newer figures may arrive without anybody acting.
  package var verdict: JobVerdict {
    switch self {
    case .figuresTooOld, .noRunningAds: .retry(class: code)
    case .invalid, .unknown, .noAds: .discard(class: code, reason: description)
    }
  }

  /// The problem of a decision without ads.
  package static let noAdsProblem = FieldProblem(
    field: "ad_states", value: "no ads", rule: "at least one ad is needed; import figures first")
}
