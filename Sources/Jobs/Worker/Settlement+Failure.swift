import Values

extension Settlement.Ending {
  /// What happens to a job whose attempt ended with `error`. Whether it has another attempt is decided by ``JobTransition``.
  init(
    _ error: any Error, attempt: Int, policy: RetryPolicy, now: Instant,
    using generator: inout some RandomNumberGenerator
  ) {
    let text = String(describing: error)
    switch (error as? any JobError)?.verdict {
    case .discard(let failureClass, let reason):
      self = .dead(JobFailure(class: failureClass, reason: reason, text: text))
    case .pauseAccount(let failureClass, let end, let reason):
      self = .pauseAccount(until: end, JobFailure(class: failureClass, reason: reason, text: text))
    case .retry(let failureClass, let wait):
      let delay = wait ?? policy.delay(afterAttempt: attempt, failureClass: failureClass, using: &generator)
      self = .retry(at: now.adding(max(.zero, delay)), .again(failureClass, text))
    case nil:
      let failureClass = String(describing: type(of: error))
      let delay = policy.delay(afterAttempt: attempt, failureClass: failureClass, using: &generator)
      self = .retry(at: now.adding(delay), .again(failureClass, text))
    }
  }
}

extension JobFailure {
  fileprivate static func again(_ failureClass: String, _ text: String) -> JobFailure {
    JobFailure(class: failureClass, reason: "the attempt failed", text: text)
  }
}
