import Jobs
import Testing
import Values

extension JobQueueConformance {
  /// Random sequences of operations, on the driver and on ``MemoryJobQueue`` beside it: both tell the same.
  static let model = (1...12).map { seed in
    JobQueueConformanceCase("random operations, seed \(seed)") { subject in
      var comparison = JobQueueComparison(subject, seed: UInt64(seed))
      for step in 1...150 { try await comparison.step(step) }
    }
  }
}

/// A driver and the model, led through the same operations.
private struct JobQueueComparison {
  private let subject: JobQueueSubject
  private let model: JobQueueSubject
  private var random: SeededRandom
  private var twins: [(subject: JobID, model: JobID, account: AccountID?)] = []
  private var held: [(subject: ClaimedJob, model: ClaimedJob)] = []

  init(_ subject: JobQueueSubject, seed: UInt64) {
    self.subject = subject
    model = JobQueueSubject(
      queue: MemoryJobQueue(clock: subject.clock.now, generator: SeededRandom(seed: 1)), clock: subject.clock)
    random = SeededRandom(seed: seed)
  }

  mutating func step(_ number: Int) async throws {
    switch random.int(in: 1...20) {
    case 1...6: try await push(number)
    case 7...10: try await claim()
    case 11...15: try await settle()
    case 16: try await onBoth { try await $0.queue.cancel($1, of: $2).rawValue }
    case 17:
      try await onBoth { subject, id, account in
        try await subject.queue.retry(id, of: account)
        return "retried"
      }
    case 18: try await pause()
    case 19: subject.clock.advance(seconds: Int64(random.int(in: 1...40)))
    default: try await heartbeat()
    }
    try await compare("after step \(number)")
  }

  private mutating func push(_ number: Int) async throws {
    let owner = random.int(in: 1...5)
    let options = PushOptions(
      priority: random.int(in: 4...5),
      runAt: random.int(in: 1...4) == 1 ? subject.clock.now().adding(seconds: Int64(random.int(in: 1...30))) : nil)
    let keys = (1...random.int(in: 1...4)).map { _ in
      random.int(in: 1...2) == 1 ? "key-\(random.int(in: 1...3))" : nil
    }
    switch owner {
    case 1...2: try await push(keys.map { SampleJob(number, of: JobQueueConformance.anna, key: $0) }, options)
    case 3...4: try await push(keys.map { SampleJob(number, of: JobQueueConformance.bert, key: $0) }, options)
    default: try await push(keys.map { SharedJob(number: number, uniqueKey: $0) }, options)
    }
  }

  private mutating func push(_ jobs: [some Job], _ options: PushOptions) async throws {
    let pushed = zip(try await subject.queue.push(jobs, options), try await model.queue.push(jobs, options))
    for (mine, theirs) in pushed {
      #expect(mine.isNew == theirs.isNew)
      if mine.isNew { twins.append((mine.id, theirs.id, jobs[0].owner)) }
    }
  }

  private mutating func claim() async throws {
    let limit = random.int(in: 1...5)
    let accountLimit = random.int(in: 1...5)
    let names: Set = [SampleJob.name, SharedJob.name]
    let mine = try await subject.claim(limit, accountLimit: accountLimit, names: names)
    let theirs = try await model.claim(limit, accountLimit: accountLimit, names: names)
    #expect(mine.map { index(of: $0.id) } == theirs.map { modelIndex(of: $0.id) })
    #expect(mine.map(\.attempt) == theirs.map(\.attempt))
    held += Array(zip(mine, theirs))
  }

  private mutating func settle() async throws {
    guard !held.isEmpty else { return }
    let job = held.remove(at: random.int(in: 0...(held.count - 1)))
    let later = subject.clock.now().adding(seconds: Int64(random.int(in: 0...30)))
    let endings: [Settlement.Ending] = [
      .completed(JobReport("done")), .retry(at: later, .sample), .dead(.sample), .pauseAccount(until: later, .sample),
      .release, .cancelled,
    ]
    let ending = endings[random.int(in: 0...(endings.count - 1))]
    let answers = (try await subject.settle(job.subject, ending), try await model.settle(job.model, ending))
    #expect(answers.0 == answers.1)
  }

  private mutating func pause() async throws {
    let end = subject.clock.now().adding(seconds: Int64(random.int(in: 1...20)))
    if random.int(in: 1...3) == 1 {
      let answers = (
        try await subject.queue.resume(JobQueueConformance.bert, in: SampleJob.queue),
        try await model.queue.resume(JobQueueConformance.bert, in: SampleJob.queue)
      )
      #expect(answers.0 == answers.1)
      return
    }
    for queue in [subject.queue, model.queue] {
      try await queue.pause(JobQueueConformance.bert, in: SampleJob.queue, until: end, reason: "sample")
    }
  }

  private func heartbeat() async throws {
    let mine = try await subject.queue.heartbeat(held.map(\.subject.lease), for: .seconds(50))
    #expect(try await mine == (model.queue.heartbeat(held.map(\.model.lease), for: .seconds(50))))
  }

  /// Does the same to a random job on both, and compares what comes of it or the kind of refusal.
  private mutating func onBoth(_ body: (JobQueueSubject, JobID, AccountID?) async throws -> String) async throws {
    guard !twins.isEmpty else { return }
    let twin = twins[random.int(in: 0...(twins.count - 1))]
    var outcomes: [String] = []
    for (side, id) in [(subject, twin.subject), (model, twin.model)] {
      do {
        outcomes.append(try await body(side, id, twin.account))
      } catch let error as JobQueueError {
        switch error {
        case .notAllowed(_, let state): outcomes.append("not allowed: \(state)")
        case .twinWaits(let other): outcomes.append("twin \(index(of: other) ?? modelIndex(of: other) ?? -1)")
        default: throw error
        }
      }
    }
    #expect(outcomes[0] == outcomes[1])
  }

  private func compare(_ when: Comment) async throws {
    let mine = try await subject.queue.list(JobFilter(limit: JobLimits.page))
    let theirs = try await model.queue.list(JobFilter(limit: JobLimits.page))
    #expect(mine.map { Comparable($0, index(of: $0.id)) } == theirs.map { Comparable($0, modelIndex(of: $0.id)) }, when)
    #expect(try await subject.queue.counters() == model.queue.counters(), when)
    #expect(try await subject.queue.counts() == model.queue.counts(), when)
  }

  private func index(of id: JobID) -> Int? { twins.firstIndex { $0.subject == id } }

  private func modelIndex(of id: JobID) -> Int? { twins.firstIndex { $0.model == id } }

  /// What of a job must be the same on both sides.
  private struct Comparable: Equatable {
    let index: Int?
    let state: JobState
    let figures: [Int64]
    let moments: [Instant?]
    let failure: JobFailure?
    let report: String?
    let isCancelRequested: Bool

    init(_ job: JobRecord, _ index: Int?) {
      self.index = index
      state = job.state
      figures = [Int64(job.priority), job.turn, Int64(job.attempt), job.leaseToken]
      moments = [job.runAt, job.createdAt, job.startedAt, job.finishedAt, job.leaseUntil]
      failure = job.failure
      report = job.report
      isCancelRequested = job.isCancelRequested
    }
  }
}
