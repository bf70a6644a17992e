import Accounts
import DecisionEngine
import Decisions
import Jobs
import Measurement
import Operations
import Platforms
import RemoteAPIs
import Testing
import Values
import Web

/// What features refuse, as the API answers it and as a job that meets it ends.
struct FeatureErrorTests {
  /// An error, its answer, and how long after which a job that meets it is tried again.
  struct Case: Sendable, CustomTestStringConvertible {
    let error: any FeatureError & APIErrorConvertible
    let answer: APIError
    let retry: Retry

    enum Retry: Sendable {
      case never, asUsual
      case after(Int)
    }

    init(_ error: any FeatureError & APIErrorConvertible, _ answer: APIError, _ retry: Retry = .never) {
      self.error = error
      self.answer = answer
      self.retry = retry
    }

    var testDescription: String { "\(error.code): \(error)" }
  }

  private static func cases() throws -> [Case] {
    let acme = try #require(AccountID("acme"))
    let (usd, day) = (Currency.usd, try #require(CalendarDay("2026-05-01")))
    let job = try #require(JobID("00000000-0000-7000-8000-000000000000"))
    let decision = try #require(DecisionID("acme:0"))
    return [
      Case(AccountError.unknown(acme), APIError(.notFound, "not_found", "account acme does not exist")),
      Case(AccountError.exists(acme), APIError(.conflict, "account_exists", "account acme exists already")),
      Case(
        AccountError.rowsLeft(acme, table: "deals"),
        APIError(.conflict, "rows_left", "rows of account acme in deals cannot be removed")),
      Case(
        ConfigurationError.changed(version: 3),
        APIError(
          .preconditionFailed, "precondition_failed",
          "the configuration is at version 3; read it again and check whether the change still applies")),
      Case(
        ConfigurationError.currencyInUse(acme, usd, wanted: try #require(Currency("EUR"))),
        APIError(.conflict, "currency_in_use", "account acme has amounts in USD; make another account for EUR")),
      Case(
        AuthenticationError.rateLimited(RequestRate(perMinute: 60, burst: 1), seconds: 7),
        APIError(
          .tooManyRequests, "rate_limited", "the account may send 60 requests a minute; try again in 7 s", retryAfter: 7
        ).counted(as: .rateLimited), .after(7)),
      Case(
        AuthenticationError.expiredKey,
        APIError(
          .unauthorized, "unauthorized", "send a valid key as 'Authorization: Bearer KEY'; see geminivideo keys create"
        ).counted(as: .expiredKey)),
      Case(
        APIKeyError.tooMany(acme),
        APIError(
          .conflict, "too_many_keys", "account acme has \(APIKey.countLimit) keys; revoke some of them first")),
      Case(
        DealError.stageInUse("demo"),
        APIError(
          .conflict, "stage_in_use", "deals are in the stage demo; keep it in the account's stages",
          details: [FieldProblem(field: "stages", value: "demo", rule: "must contain every stage that deals are in")])
      ),
      Case(
        AdError.figuresTooOld(acme, end: day, ageDays: 20, limitDays: 14),
        APIError(
          .conflict, "figures_too_old",
          "the figures of account acme end on 2026-05-01, 20 days ago, and figures_limit_days is 14: import newer "
            + "figures, or decide as of a past day, such as decide --date 2026-05-01"), .asUsual),
      Case(
        AdError.noAds,
        APIError.invalid(
          field: "ad_states", value: "no ads", rule: "at least one ad is needed; import figures first")),
      Case(
        DecisionError.selection(.minimumBudgetsExceedTotal(required: 300, total: 250), usd),
        APIError.invalid(
          field: "total_budget", value: "2.50",
          rule: "the minimum budgets alone need 3.00 USD: raise the total to that or more, or leave out or pause some "
            + "ads")),
      Case(
        DecisionError.unknownPolicyVersion(decision, "lag_aware/9"),
        APIError(
          .conflict, "unknown_policy_version",
          "decision acme:0 was made by lag_aware/9, which this release does not know: replay it with a newer one")),
      Case(JobOperatorError.unknown(job), APIError(.notFound, "not_found", "job \(job) does not exist")),
      Case(
        JobOperatorError.refused(.notAllowed(job, state: .running)),
        APIError(.conflict, "job_state", "job \(job) is running, which does not allow this")),
      Case(
        HubSpotIntakeError.tooBusy,
        APIError(
          .serviceUnavailable, "too_busy", "too many webhooks are waiting; send it again later"), .asUsual),
      Case(
        HubSpotIntakeError.unreadable(.invalidField(index: 2, field: "portalId", value: "x", rule: "must be a number")),
        APIError.invalid(field: "[2].portalId", value: "x", rule: "must be a number")),
      Case(
        ComputeOverload.ofAll,
        APIError(
          .serviceUnavailable, "compute_busy", "too many computations are waiting; try again", retryAfter: 5
        ).counted(as: .computeBusy), .after(5)),
    ]
  }

  @Test("An error's code and sentence are those of its answer, and of a job that ends by it")
  func answers() throws {
    for example in try Self.cases() {
      let error = example.error
      #expect(error.apiError == example.answer, "\(example.testDescription)")
      switch example.retry {
      case .never: #expect(error.verdict == .discard(class: error.code, reason: error.description))
      case .asUsual: #expect(error.verdict == .retry(class: error.code))
      case .after(let seconds): #expect(error.verdict == .retry(class: error.code, after: .seconds(seconds)))
      }
    }
  }
}
