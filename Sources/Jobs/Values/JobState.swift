public enum JobState: String, Sendable, CaseIterable {
  /// It waits for a worker.
  case available
  /// It is not due yet: delayed, deferred, or between two attempts.
  case scheduled
  /// A worker has leased it.
  case running
  /// It succeeded.
  case completed
  /// It was cancelled, or a twin replaced it.
  case cancelled
  /// It failed for good.
  case dead

  /// Whether the job waits to be run.
  public var isWaiting: Bool { self == .available || self == .scheduled }

  /// Whether the job stays in this state unless an operator acts.
  public var isFinal: Bool { self == .completed || self == .cancelled || self == .dead }

  /// Whether a job may go directly from this state to `next`.
  public func canMove(to next: JobState) -> Bool {
    switch (self, next) {
    case (.available, .running), (.available, .scheduled), (.available, .cancelled): true
    case (.scheduled, .available), (.scheduled, .cancelled): true
    case (.running, .completed), (.running, .scheduled), (.running, .available), (.running, .cancelled),
      (.running, .dead):
      true
    case (.cancelled, .available), (.dead, .available): true
    default: false
    }
  }
}
