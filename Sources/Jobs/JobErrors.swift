import Storage
import Values

/// An error that says what to do with the job that failed with it.
public protocol JobError: Error {
  /// What to do with the job.
  var verdict: JobVerdict { get }
}

/// What to do with a job that failed.
public enum JobVerdict: Sendable, Hashable {
  /// Try again: after the given time, or as the job's ``RetryPolicy`` says.
  case retry(class: String, after: Duration? = nil)
  /// No attempt can succeed: the job becomes dead at once.
  case discard(class: String, reason: String)
  /// The account's jobs in this queue must wait. This one is returned, and the attempt does not count.
  case pauseAccount(class: String, until: Instant, reason: String)
}

/// Another worker has the job by now, or it has ended: what was done for it must not be committed.
public struct LeaseLost: Error, Hashable, Sendable, CustomStringConvertible {
  public let id: JobID

  package init(id: JobID) {
    self.id = id
  }

  /// What happened.
  public var description: String { "job \(id) is no longer held by this worker" }
}

/// An attempt took longer than ``Job/timeLimit``.
struct AttemptTimedOut: JobError, CustomStringConvertible {
  let limit: Duration

  var description: String { "the attempt took longer than its \(limit.components.seconds) seconds" }

  var verdict: JobVerdict { .retry(class: "timed_out") }
}

/// What a queue refuses.
public enum JobQueueError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The job's JSON has more bytes than ``JobLimits/payloadBytes``.
  case payloadTooLarge(name: String, bytes: Int)
  /// The job's name, queue or unique key is empty or too long.
  case invalidName(String)
  /// No worker of this program runs jobs of this name.
  case unknownKind(String)
  /// More jobs at once than ``JobLimits/batch``.
  case batchTooLarge(Int)
  /// The account, or the installation, has no job with this id.
  case unknownJob(JobID)
  /// The job's state does not allow it.
  case notAllowed(JobID, state: JobState)
  /// Another job with the same key is waiting already.
  case twinWaits(JobID)

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .payloadTooLarge(let name, let bytes):
      "a \(name) job has \(bytes) bytes of at most \(JobLimits.payloadBytes): store the data elsewhere and push its id"
    case .invalidName(let name):
      """
      "\(name.cut(toBytes: JobLimits.nameBytes))" cannot be used: names have 1 to \(JobLimits.nameBytes) bytes, \
      queues 1 to 64, unique keys 1 to \(JobLimits.uniqueKeyBytes)
      """
    case .unknownKind(let name):
      "no worker of this program runs jobs of the kind \(name.cut(toBytes: JobLimits.nameBytes)): it would never run"
    case .batchTooLarge(let count): "\(count) jobs are more than \(JobLimits.batch) at once: push them in parts"
    case .unknownJob(let id): "there is no job \(id) of this account"
    case .notAllowed(let id, let state): "job \(id) is \(state.rawValue), which does not allow this"
    case .twinWaits(let id): "job \(id), which does the same, is waiting already"
    }
  }
}

/// Another release may have written the row, and a worker of that release may claim the job next, so it is tried again.
extension UnreadableRow: JobError {
  public var verdict: JobVerdict { .retry(class: "unreadable_row") }
}
