/// Where a job stands.
public enum JobState: String, Sendable, CaseIterable {
  /// It waits for a worker.
  case available
  /// It waits for its time: delayed, put off, or between two attempts.
  case scheduled
  /// A worker holds it.
  case running
  /// It was done.
  case completed
  /// Somebody called it off, or another of the same key stands for it.
  case cancelled
  /// It failed for good.
  case dead

  /// Whether the job waits to be run.
  public var isWaiting: Bool { self == .available || self == .scheduled }

  /// Whether nothing more happens to the job by itself.
  public var isFinal: Bool { self == .completed || self == .cancelled || self == .dead }

  /// Whether a job may go from this state straight to `next`.
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
