import Values

/// The next state of a job whose lease ends: a decision that all drivers share.
package struct JobTransition: Hashable {
  /// What the decision depends on.
  package struct Facts: Hashable {
    /// The number of the attempt that ends.
    let attempt: Int
    let maximumAttempts: Int
    let isCancelRequested: Bool
    /// Whether another job with the same key is waiting.
    let hasTwin: Bool

    package init(attempt: Int, maximumAttempts: Int, isCancelRequested: Bool, hasTwin: Bool) {
      self.attempt = attempt
      self.maximumAttempts = maximumAttempts
      self.isCancelRequested = isCancelRequested
      self.hasTwin = hasTwin
    }
  }

  package private(set) var state: JobState
  package private(set) var outcome: JobOutcome
  package private(set) var attempt: Int
  /// The moment from which it may run; nil leaves it unchanged.
  package private(set) var runAt: Instant?
  /// Nil keeps the failure of an earlier attempt.
  package private(set) var failure: JobFailure?
  package private(set) var report: String?

  /// The way of a job whose worker says how it ended.
  package init(_ ending: Settlement.Ending, _ facts: Facts) {
    switch ending {
    case .completed(let report):
      self.init(.completed, .completed, facts)
      self.report = report?.text
    case .cancelled:
      self.init(.cancelled, .cancelled, facts)
    case .dead(let failure):
      self.init(.dead, .dead, facts, failure)
    case .retry(_, let failure) where facts.attempt >= facts.maximumAttempts && !facts.isCancelRequested:
      let reason =
        facts.maximumAttempts == 1 ? "its only attempt failed" : "all \(facts.maximumAttempts) attempts failed"
      self.init(.dead, .dead, facts, JobFailure(class: failure.failureClass, reason: reason, text: failure.text))
    case .retry(let moment, let failure):
      self.init(waiting: .scheduled, .retried, facts, failure)
      if state.isWaiting { runAt = moment }
    case .pauseAccount(let end, let failure):
      self.init(waiting: .scheduled, .paused, facts, failure)
      if state.isWaiting { (runAt, attempt) = (end, facts.attempt - 1) }
    case .release:
      self.init(waiting: .available, .released, facts, nil)
      if state.isWaiting { attempt = facts.attempt - 1 }
    }
  }

  /// The next state of a job whose lease expired.
  package init(expired facts: Facts) {
    let failure = JobFailure(class: "worker_lost", reason: "the worker stopped answering", text: "")
    if facts.attempt >= facts.maximumAttempts && !facts.isCancelRequested {
      self.init(.dead, .dead, facts, failure)
    } else {
      self.init(waiting: .available, .expired, facts, failure)
    }
  }

  /// The job waits again, unless it was cancelled meanwhile or a twin is waiting in its place.
  private init(waiting state: JobState, _ outcome: JobOutcome, _ facts: Facts, _ failure: JobFailure?) {
    if facts.isCancelRequested {
      self.init(.cancelled, .cancelled, facts, failure)
    } else if facts.hasTwin {
      let reason = "another job with the same key is waiting in its place"
      self.init(
        .cancelled, .superseded, facts,
        JobFailure(class: failure?.failureClass ?? "superseded", reason: reason, text: failure?.text ?? ""))
    } else {
      self.init(state, outcome, facts, failure)
    }
  }

  private init(_ state: JobState, _ outcome: JobOutcome, _ facts: Facts, _ failure: JobFailure? = nil) {
    self.state = state
    self.outcome = outcome
    attempt = facts.attempt
    self.failure = failure
  }
}
