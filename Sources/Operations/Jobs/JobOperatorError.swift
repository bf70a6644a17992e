import Jobs
import Web

/// Why a job is not shown, not tried again or not called off.
package enum JobOperatorError: FeatureError, Equatable {
  /// The account has no job of this id.
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
