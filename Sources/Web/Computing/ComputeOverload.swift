import Jobs

/// Why a computation is not taken: too much waits already.
package enum ComputeOverload: FeatureError, Equatable {
  /// Of the account itself: so many microseconds of computing.
  case ofAccount(waiting: Int)
  /// Of all accounts.
  case ofAll

  /// The whole seconds after which there should be room again.
  private var seconds: Int {
    switch self {
    case .ofAccount(let microseconds): microseconds / 1_000_000 + 1
    case .ofAll: 5
    }
  }

  package var code: String { "compute_busy" }

  package var description: String {
    switch self {
    case .ofAccount: "the account's earlier requests are still being computed; try again in \(seconds) s"
    case .ofAll: "too much waits to be computed; try again"
    }
  }

  package var verdict: JobVerdict { .retry(class: code, after: .seconds(seconds)) }
}

extension ComputeOverload: APIErrorConvertible {
  package var apiError: APIError {
    let status: APIError.Status =
      switch self {
      case .ofAccount: .tooManyRequests
      case .ofAll: .serviceUnavailable
      }
    return APIError(status, self, retryAfter: seconds).counted(as: .computeBusy)
  }
}
