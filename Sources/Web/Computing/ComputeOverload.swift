import Jobs

/// Why a computation is refused: too much is waiting already.
package enum ComputeOverload: FeatureError, Equatable {
  /// This many microseconds of the account's own computations are waiting.
  case ofAccount(waiting: Int)
  /// Too many computations of all accounts are waiting.
  case ofAll

  /// Whole seconds after which there should be room again.
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
    case .ofAll: "too many computations are waiting; try again"
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
