import Jobs
import Values

/// The jobs of a ``MemoryJobQueue`` and their rules, as a value.
struct MemoryJobs {
  struct Line: Hashable {
    let queue: QueueName
    let priority: Int
  }

  /// An account's place in a line; that of no account under nil.
  struct Place: Hashable {
    let line: Line
    let accountID: AccountID?
  }

  struct PauseKey: Hashable {
    let accountID: AccountID?
    let queue: QueueName
  }

  private(set) var jobs: [JobID: JobRecord] = [:]
  private(set) var counters: [JobCounter.Key: Int] = [:]
  private var turns: [Place: Int64] = [:]
  private var floors: [Line: Int64] = [:]
  private var pauses: [PauseKey: Instant] = [:]

  mutating func push(_ draft: JobDraft, _ options: PushOptions, id: JobID, at now: Instant) -> Pushed {
    if let twin = twin(accountID: draft.accountID, name: draft.name, uniqueKey: draft.uniqueKey) {
      return Pushed(id: twin, isNew: false)
    }
    var job = JobRecord(of: draft, id: id, options, at: now)
    if job.state == .available { job.turn = takeTurn(for: job) }
    jobs[id] = job
    return Pushed(id: id, isNew: true)
  }

  mutating func claim(_ request: ClaimRequest, at now: Instant) -> [ClaimedJob] {
    expire(in: request.queue, at: now)
    promote(in: request.queue, at: now)
    var held = request.held
    var claimed: [ClaimedJob] = []
    let line = jobs.values.filter {
      $0.queue == request.queue && $0.state == .available && request.names.contains($0.name)
    }.sorted { ($0.priority, $0.turn, $0.id) < ($1.priority, $1.turn, $1.id) }
    for var job in line where claimed.count < request.limit {
      if let end = endOfPause(of: job), end > now {
        (job.state, job.runAt) = (.scheduled, end)
        jobs[job.id] = job
      } else if held[job.accountID, default: 0] < request.accountLimit {
        held[job.accountID, default: 0] += 1
        claimed.append(take(job, request, at: now))
      }
    }
    return claimed
  }

  private func endOfPause(of job: JobRecord) -> Instant? {
    [job.queue, .every].compactMap { pauses[PauseKey(accountID: job.accountID, queue: $0)] }.max()
  }

  mutating func heartbeat(_ lease: Lease, until end: Instant) -> LeaseStatus {
    guard var job = held(by: lease) else { return .lost }
    job.leaseUntil = end
    jobs[job.id] = job
    return job.isCancelRequested ? .cancelRequested : .held
  }

  mutating func settle(_ settlement: Settlement, at now: Instant) -> Bool {
    guard let job = held(by: settlement.lease) else { return false }
    land(job, JobTransition(settlement.ending, facts(of: job)), at: now)
    if case .pauseAccount(let end, _) = settlement.ending { pause(job.accountID, in: job.queue, until: end) }
    return true
  }

  mutating func retry(_ id: JobID, of accountID: AccountID?, at now: Instant) throws -> QueueName {
    guard var job = job(id, of: accountID) else { throw JobQueueError.unknownJob(id) }
    guard job.state.canMove(to: .available), job.state != .running else {
      throw JobQueueError.notAllowed(id, state: job.state)
    }
    if let twin = twin(accountID: accountID, name: job.name, uniqueKey: job.uniqueKey), twin != id {
      throw JobQueueError.twinWaits(twin)
    }
    if job.state.isFinal { job.attempt = 0 }
    (job.state, job.runAt, job.finishedAt) = (.available, now, nil)
    job.turn = takeTurn(for: job)
    jobs[id] = job
    return job.queue
  }

  mutating func cancel(_ id: JobID, of accountID: AccountID?, at now: Instant) throws -> JobState {
    guard var job = job(id, of: accountID) else { throw JobQueueError.unknownJob(id) }
    if job.state == .running {
      job.isCancelRequested = true
    } else {
      guard job.state.canMove(to: .cancelled) else { throw JobQueueError.notAllowed(id, state: job.state) }
      (job.state, job.finishedAt) = (.cancelled, now)
      count(.cancelled, of: job, failureClass: nil)
    }
    jobs[id] = job
    return job.state
  }

  mutating func pause(_ accountID: AccountID?, in queue: QueueName, until end: Instant) {
    let key = PauseKey(accountID: accountID, queue: queue)
    pauses[key] = max(pauses[key] ?? end, end)
  }

  mutating func resume(_ accountID: AccountID, in queue: QueueName, at now: Instant) -> Bool {
    let key = PauseKey(accountID: accountID, queue: queue)
    guard let end = pauses.removeValue(forKey: key), end > now else { return false }
    for var job in jobs.values
    where job.accountID == accountID && [job.queue, .every].contains(queue) && job.state == .scheduled
      && job.runAt == end
    {
      job.runAt = now
      jobs[job.id] = job
    }
    return true
  }

  mutating func prune(_ retention: JobRetention, limit: Int, at now: Instant) -> Int {
    pauses = pauses.filter { $0.value > now }
    let old = jobs.values.filter { job in
      let age = job.state == .completed ? retention.completed : retention.others
      return job.finishedAt.map { $0 <= now.adding(.zero - age) } ?? false
    }.sorted { $0.id < $1.id }.prefix(max(0, limit))
    for job in old { jobs[job.id] = nil }
    return old.count
  }

  private mutating func expire(in queue: QueueName, at now: Instant) {
    let expired = jobs.values.filter { job in
      job.queue == queue && job.state == .running && job.leaseUntil.map { $0 <= now } ?? false
    }.sorted { ($0.leaseUntil ?? now, $0.id) < ($1.leaseUntil ?? now, $1.id) }
    for job in expired { land(job, JobTransition(expired: facts(of: job)), at: now) }
  }

  private mutating func promote(in queue: QueueName, at now: Instant) {
    let due = jobs.values.filter { $0.queue == queue && $0.state == .scheduled && $0.runAt <= now }
      .sorted { ($0.runAt, $0.id) < ($1.runAt, $1.id) }
    for var job in due {
      job.state = .available
      job.turn = takeTurn(for: job)
      jobs[job.id] = job
    }
  }

  private mutating func take(_ job: JobRecord, _ request: ClaimRequest, at now: Instant) -> ClaimedJob {
    var job = job
    job.state = .running
    job.attempt += 1
    job.leaseToken += 1
    (job.startedAt, job.leaseOwner, job.leaseUntil) = (now, request.owner, now.adding(request.lease))
    jobs[job.id] = job
    let line = Line(queue: job.queue, priority: job.priority)
    floors[line] = FairTurn.floor(floors[line] ?? 0, afterClaimOf: job.turn)
    return ClaimedJob(job)
  }

  private mutating func land(_ job: JobRecord, _ transition: JobTransition, at now: Instant) {
    var job = job
    (job.state, job.attempt, job.report) = (transition.state, transition.attempt, transition.report)
    (job.leaseOwner, job.leaseUntil, job.isCancelRequested) = (nil, nil, false)
    job.finishedAt = transition.state.isFinal ? now : nil
    job.runAt = transition.runAt ?? job.runAt
    job.failure = transition.failure ?? job.failure
    jobs[job.id] = job
    count(transition.outcome, of: job, failureClass: transition.failure?.failureClass)
  }

  private mutating func takeTurn(for job: JobRecord) -> Int64 {
    let line = Line(queue: job.queue, priority: job.priority)
    let place = Place(line: line, accountID: job.accountID)
    let turn = FairTurn.next(after: turns[place], floor: floors[line] ?? 0)
    turns[place] = turn
    return turn
  }

  private mutating func count(_ outcome: JobOutcome, of job: JobRecord, failureClass: String?) {
    let key = JobCounter.Key(queue: job.queue, name: job.name, outcome: outcome, failureClass: failureClass ?? "")
    counters[key, default: 0] += 1
  }

  private func held(by lease: Lease) -> JobRecord? {
    guard let job = job(lease.id, of: lease.accountID), job.state == .running, job.leaseToken == lease.token else {
      return nil
    }
    return job
  }

  private func facts(of job: JobRecord) -> JobTransition.Facts {
    JobTransition.Facts(
      attempt: job.attempt, maximumAttempts: job.maximumAttempts, isCancelRequested: job.isCancelRequested,
      hasTwin: twin(accountID: job.accountID, name: job.name, uniqueKey: job.uniqueKey) != nil)
  }

  private func twin(accountID: AccountID?, name: String, uniqueKey: String?) -> JobID? {
    guard let uniqueKey else { return nil }
    return jobs.values.first {
      $0.accountID == accountID && $0.name == name && $0.uniqueKey == uniqueKey && $0.state.isWaiting
    }?.id
  }
}
