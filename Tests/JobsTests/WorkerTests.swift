import Storage
import TestKit
import Testing
import Values

@testable import Jobs

@Suite("Workers", .timeLimit(.minutes(15)))
struct WorkerTests {
  private static let anna = JobQueueConformance.anna

  private func push(_ count: Int, to queue: any JobQueue) async throws -> [JobID] {
    try await queue.push((0..<count).map { SampleJob($0) }).map(\.id)
  }

  @Test("works off all that is ready, and only that")
  func workOff() async throws {
    let subject = WorkerSubject()
    let seen = Shared<[Int]>([])
    let worker = subject.worker { job, _ in
      seen.change { $0.append(job.number) }
      return JobReport("number \(job.number)")
    }
    _ = try await push(20, to: subject.queue)
    try await subject.queue.push(
      [SampleJob(99)], PushOptions(runAt: subject.clock.now().adding(seconds: 5)))
    #expect(try await worker.workOff() == 20)
    #expect(seen.current.sorted() == Array(0..<20))
    #expect(try await subject.queue.list(JobFilter(state: .completed)).last?.report == "number 0")
    #expect(try await worker.workOff() == 0)
    subject.clock.advance(seconds: 5)
    #expect(try await worker.workOff() == 1)
  }

  @Test("what a handler throws decides the job's way")
  func verdicts() async throws {
    let subject = WorkerSubject()
    let end = subject.clock.now().adding(seconds: 500)
    let errors: [any Error] = [
      PlainError(), JudgedError(verdict: .retry(class: "rate_limited", after: .seconds(40))),
      JudgedError(verdict: .discard(class: "gone", reason: "the deal is gone")), CancellationError(),
    ]
    let worker = subject.worker(settings: WorkerSettings(accountShare: 4)) { job, _ in throw errors[job.number] }
    let ids = try await push(4, to: subject.queue)
    let now = subject.clock.now()
    _ = try await subject.queue.claim(
      ClaimRequest(queue: SampleJob.queue, names: [], limit: 0, owner: "nobody"))
    #expect(try await worker.workOff() >= 4)
    let records = try await subject.queue.list(JobFilter()).reversed().map { $0 }
    #expect(records.map(\.id) == ids)
    #expect(records.map(\.failure?.failureClass) == ["PlainError", "rate_limited", "gone", "CancellationError"])
    #expect((now...now.adding(seconds: 1)).contains(records[0].runAt))
    #expect(records[1].runAt == now.adding(seconds: 40))
    #expect((records[2].state, records[2].failure?.reason) == (.dead, "the deal is gone"))
    let pausing = subject.worker { _, _ in
      throw JudgedError(verdict: .pauseAccount(class: "quota", until: end, reason: "the day's quota is used up"))
    }
    let paused = try await push(1, to: subject.queue)
    _ = try await pausing.workOff()
    let record = try #require(try await subject.queue.job(paused[0], of: Self.anna))
    #expect((record.state, record.runAt, record.attempt) == (.scheduled, end, 0))
  }

  @Test("a job whose data cannot be read is dead, not tried again")
  func unreadable() async throws {
    let subject = WorkerSubject()
    let id = try #require(try await subject.queue.push([Misfit()]).first?.id)
    let worker = subject.worker { _, _ in nil }
    #expect(try await worker.workOff() == 1)
    let record = try #require(try await subject.queue.job(id, of: Self.anna))
    #expect((record.state, record.failure?.failureClass) == (.dead, "unreadable_payload"))
  }

  @Test("an effect and the job's completion are kept together, once")
  func exactlyOnce() async throws {
    try await withJobDatabase { database, clock in
      _ = try await database.write { try $0.execute("CREATE TABLE effects (number INTEGER NOT NULL)") }
      let queue = DatabaseJobQueue(database: database, clock: clock.now)
      let rival = JobQueueSubject(queue: queue, clock: clock)
      var registry = JobRegistry()
      registry.register(SampleJob.self) { job, context in
        if context.attempt == 1 {
          // Somebody else takes the job over while this handler is at work.
          clock.advance(seconds: 60)
          _ = try await rival.queue.claim(
            ClaimRequest(queue: SampleJob.queue, names: [SampleJob.name], limit: 1, owner: "rival"))
        }
        try await database.write { transaction in
          try transaction.execute("INSERT INTO effects (number) VALUES (\(job.number))")
          try context.finish(report: JobReport("kept"), in: transaction)
        }
        return nil
      }
      let worker = Worker(
        queue: queue, registry: registry, queues: [SampleJob.queue: 1], workerID: "worker", clock: clock.now)
      let ids = try await queue.push([SampleJob(1)]).map(\.id)
      #expect(try await worker.workOff() == 1)
      let effects = { try await database.read { try $0.query("SELECT number FROM effects").count } }
      #expect(try await effects() == 0, "the rival holds the job")
      clock.advance(seconds: 60)
      #expect(try await worker.workOff() == 1)
      #expect(try await effects() == 1)
      let record = try #require(try await queue.job(ids[0], of: Self.anna))
      #expect((record.state, record.report) == (.completed, "kept"))
      #expect(try await queue.counters().first { $0.key.outcome == .completed }?.count == 1)
    }
  }

  @Test("runs until it is cancelled, woken by pushes")
  func run() async throws {
    let subject = WorkerSubject()
    let done = AsyncStream.makeStream(of: Int.self)
    let worker = subject.worker { job, _ in
      done.continuation.yield(job.number)
      return nil
    }
    let running = Task { await worker.run() }
    await subject.sleep.waitForSleeper(.seconds(1))
    _ = try await push(3, to: subject.queue)
    var seen: Set<Int> = []
    for await number in done.stream where seen.insert(number).inserted && seen.count == 3 { break }
    running.cancel()
    await running.value
    #expect(try await subject.states() == [.completed, .completed, .completed])
  }

  @Test("on the way out it lets running jobs finish in their time")
  func gracefulStop() async throws {
    let subject = WorkerSubject()
    let gate = Gate()
    let begun = AsyncStream.makeStream(of: Void.self)
    let worker = subject.worker { _, _ in
      begun.continuation.yield()
      try await gate.pass()
      return nil
    }
    _ = try await push(1, to: subject.queue)
    let running = Task { await worker.run() }
    for await _ in begun.stream { break }
    running.cancel()
    await subject.sleep.waitForSleeper(.seconds(30))
    _ = try await push(1, to: subject.queue)
    gate.open()
    await running.value
    #expect(try await subject.states() == [.completed, .available], "nothing more is claimed")
  }

  @Test("after the grace period it hands jobs back at once, the attempt not counted")
  func stopAfterGrace() async throws {
    let subject = WorkerSubject()
    let begun = AsyncStream.makeStream(of: Void.self)
    let worker = subject.worker { _, _ in
      begun.continuation.yield()
      try await Gate().pass()
      return nil
    }
    let ids = try await push(1, to: subject.queue)
    let running = Task { await worker.run() }
    for await _ in begun.stream { break }
    running.cancel()
    await subject.sleep.waitForSleeper(.seconds(30))
    subject.sleep.end(.seconds(30))
    await running.value
    let record = try #require(try await subject.queue.job(ids[0], of: Self.anna))
    #expect((record.state, record.attempt) == (.available, 0))
  }

  @Test("a heartbeat sees that a job was cancelled, and stops its handler")
  func cancelled() async throws {
    let subject = WorkerSubject()
    let begun = AsyncStream.makeStream(of: Void.self)
    let ended = AsyncStream.makeStream(of: Void.self)
    let worker = subject.worker { _, _ in
      begun.continuation.yield()
      defer { ended.continuation.yield() }
      try await Gate().pass()
      return nil
    }
    let ids = try await push(1, to: subject.queue)
    let running = Task { await worker.run() }
    for await _ in begun.stream { break }
    #expect(try await subject.queue.cancel(ids[0], of: Self.anna) == .running)
    await subject.sleep.waitForSleeper(.seconds(20))
    subject.sleep.end(.seconds(20))
    for await _ in ended.stream { break }
    running.cancel()
    await running.value
    #expect(try await subject.states() == [.cancelled])
  }

  @Test("an attempt that takes longer than its kind may is stopped with a heartbeat, and tried again")
  func timedOut() async throws {
    let subject = WorkerSubject()
    let begun = AsyncStream.makeStream(of: Void.self)
    let ended = AsyncStream.makeStream(of: Void.self)
    let worker = subject.worker { _, _ in
      begun.continuation.yield()
      defer { ended.continuation.yield() }
      try await Gate().pass()
      return nil
    }
    let ids = try await push(1, to: subject.queue)
    let running = Task { await worker.run() }
    for await _ in begun.stream { break }
    subject.clock.advance(seconds: 899)
    await worker.beat()
    #expect(try await subject.states() == [.running])
    subject.clock.advance(seconds: 1)
    await worker.beat()
    for await _ in ended.stream { break }
    running.cancel()
    await running.value
    let record = try #require(try await subject.queue.job(ids[0], of: Self.anna))
    #expect((record.state, record.attempt) == (.scheduled, 1))
    #expect(record.failure?.failureClass == "timed_out")
  }

  @Test("what ended while the database cannot be written is recorded later")
  func flakyDatabase() async throws {
    try await withJobDatabase { database, clock in
      let flaky = FlakyDatabase(database: database)
      let queue = DatabaseJobQueue(database: flaky, clock: clock.now)
      let sleep = ManualSleep()
      let failed = AsyncStream.makeStream(of: Void.self)
      let ended = AsyncStream.makeStream(of: Void.self)
      var registry = JobRegistry()
      registry.register(SampleJob.self) { _, _ in
        flaky.isBroken.change { $0 = true }
        return nil
      }
      let worker = Worker(
        queue: queue, registry: registry, queues: [SampleJob.queue: 2], workerID: "worker", clock: clock.now,
        sleep: sleep.rest
      ) { event in
        switch event {
        case .queueFailed: failed.continuation.yield()
        case .ended: ended.continuation.yield()
        default: break
        }
      }
      try await queue.push([SampleJob(1)])
      let running = Task { await worker.run() }
      for await _ in failed.stream { break }
      await sleep.waitForSleeper(.seconds(1))
      #expect(try await queue.list(JobFilter()).map(\.state) == [.running])
      flaky.isBroken.change { $0 = false }
      sleep.end(.seconds(1))
      for await _ in ended.stream { break }
      running.cancel()
      await running.value
      #expect(try await queue.list(JobFilter()).map(\.state) == [.completed])
    }
  }

  @Test("a handler whose job went to somebody else is stopped, and what it did is not recorded")
  func takenOver() async throws {
    let subject = WorkerSubject()
    let begun = AsyncStream.makeStream(of: Void.self)
    let ended = AsyncStream.makeStream(of: Void.self)
    let worker = subject.worker(places: 1) { _, _ in
      begun.continuation.yield()
      defer { ended.continuation.yield() }
      try await Gate().pass()
      return nil
    }
    let ids = try await push(1, to: subject.queue)
    let running = Task { await worker.run() }
    for await _ in begun.stream { break }
    subject.clock.advance(seconds: 60)
    let rival = try await subject.queue.claim(
      ClaimRequest(queue: SampleJob.queue, names: [SampleJob.name], limit: 1, owner: "rival"))
    #expect(rival.map(\.lease.id) == ids)
    await subject.sleep.waitForSleeper(.seconds(20))
    subject.sleep.end(.seconds(20))
    for await _ in ended.stream { break }
    running.cancel()
    await running.value
    let record = try #require(try await subject.queue.job(ids[0], of: Self.anna))
    #expect((record.state, record.leaseOwner) == (.running, "rival"))
    #expect(subject.events.current.contains { $0.hasPrefix("leaseLost") })
  }

  @Test("slow jobs of one account leave a place to another's")
  func share() async throws {
    let subject = WorkerSubject()
    let gate = Gate()
    let done = AsyncStream.makeStream(of: AccountID.self)
    let worker = subject.worker(places: 3) { job, _ in
      if job.accountID == Self.anna { try await gate.pass() }
      done.continuation.yield(job.accountID)
      return nil
    }
    _ = try await push(10, to: subject.queue)
    let running = Task { await worker.run() }
    await subject.sleep.waitForSleeper(.seconds(1))
    try await subject.queue.push([SampleJob(1, of: JobQueueConformance.bert)])
    for await account in done.stream {
      #expect(account == JobQueueConformance.bert)
      break
    }
    running.cancel()
    await subject.sleep.waitForSleeper(.seconds(30))
    subject.sleep.end(.seconds(30))
    await running.value
  }
}

/// A job of the samples' name whose data is another.
private struct Misfit: AccountJob {
  static let name = SampleJob.name
  static let queue = SampleJob.queue
  var accountID = JobQueueConformance.anna
}
