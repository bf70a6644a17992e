import Jobs
import Web

/// Why a job cannot be shown, retried or cancelled.
package enum JobOperatorError: FeatureError, Equatable {
  /// The account has no job with this id.
  case unknown(JobID)
  /// The queue does not allow it.
  case refused(JobQueueError)

  init(_ error: JobQueueError) {
    if case .unknownJob(let id) = error { self = .unknown(id) } else { self = .refused(error) }
  }

  package var code: String {
    switch self {
    case .unknown: "not_found"
    case .refused: "job_state"
    }
  }

  package var description: String {
    switch self {
    case .unknown(let id): "job \(id) does not exist"
    case .refused(let error): "\(error)"
    }
  }
}
