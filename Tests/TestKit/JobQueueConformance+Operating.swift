import Jobs
import Testing
import Values

extension JobQueueConformance {
  static let operating = [
    JobQueueConformanceCase("dead, cancelled and scheduled jobs are retried at once") { subject in
      let ids = try await subject.push([1, 2]) + (try await subject.push([3], in: 600))
      let job = try await subject.claimOne()
      try await subject.settle(job, .dead(.sample))
      try await subject.queue.cancel(ids[1], of: anna)
      for id in ids { try await subject.queue.retry(id, of: anna) }
      let record = try await subject.record(ids[0])
      #expect((record.state, record.attempt, record.finishedAt) == (.available, 0, nil))
      #expect(Set(try await subject.claim().map(\.id)) == Set(ids))
      await #expect(throws: JobQueueError.notAllowed(ids[0], state: .running)) {
        try await subject.queue.retry(ids[0], of: anna)
      }
      await #expect(throws: JobQueueError.unknownJob(ids[0])) { try await subject.queue.retry(ids[0], of: bert) }
    },
    JobQueueConformanceCase("a completed job is not retried, nor one whose twin waits") { subject in
      try await subject.push(key: "a")
      let job = try await subject.claimOne()
      try await subject.settle(job, .dead(.sample))
      let twin = try await subject.push(key: "a")
      await #expect(throws: JobQueueError.twinWaits(twin.id)) { try await subject.queue.retry(job.id, of: anna) }
      let second = try await subject.claimOne()
      try await subject.settle(second, .completed(nil))
      await #expect(throws: JobQueueError.notAllowed(twin.id, state: .completed)) {
        try await subject.queue.retry(twin.id, of: anna)
      }
      try await subject.queue.retry(job.id, of: anna)
      #expect(try await subject.claim().map(\.id) == [job.id])
    },
    JobQueueConformanceCase("a pause that is lifted lets the jobs run at once, delayed ones in their time") { subject in
      let end = subject.clock.now().adding(seconds: 600)
      try await subject.push([1, 2, 3])
      let later = try await subject.push([4], in: 700)
      let job = try await subject.claimOne()
      try await subject.settle(job, .pauseAccount(until: end, .sample))
      #expect(try await subject.claim().isEmpty)
      #expect(try await !subject.queue.resume(bert, in: SampleJob.queue))
      #expect(try await subject.queue.resume(anna, in: SampleJob.queue))
      #expect(try await !subject.queue.resume(anna, in: SampleJob.queue), "once")
      #expect(try await subject.claim().count == 3)
      #expect(try await subject.record(later[0]).state == .scheduled)
    },
    JobQueueConformanceCase("lists narrow down and page, newest first") { subject in
      let mine = try await subject.push([1, 2, 3])
      let other = try await subject.push([4], of: bert)
      let delayed = try await subject.push([5], in: 60)
      let list = { (filter: JobFilter) in try await subject.queue.list(filter).map(\.id) }
      #expect(try await list(JobFilter()) == Array((mine + other + delayed).reversed()))
      #expect(try await list(JobFilter(accountID: bert)) == other)
      #expect(try await list(JobFilter(state: .scheduled)) == delayed)
      #expect(try await list(JobFilter(queue: .otherSamples)).isEmpty)
      #expect(try await list(JobFilter(name: "other")).isEmpty)
      #expect(try await list(JobFilter(queue: SampleJob.queue, name: "sample", limit: 2)) == [delayed[0], other[0]])
      #expect(try await list(JobFilter(before: other[0], limit: 2)) == [mine[2], mine[1]])
      #expect(JobFilter(limit: 9_999).limit == JobLimits.page)
    },
    JobQueueConformanceCase("counts by queue and state, and the age of the oldest that waits") { subject in
      #expect(try await subject.queue.counts().isEmpty)
      #expect(try await subject.queue.oldestWaiting().isEmpty)
      let start = subject.clock.now()
      try await subject.push([1, 2, 3])
      subject.clock.advance(seconds: 10)
      try await subject.push([4], in: 60)
      let jobs = try await subject.claim(2)
      try await subject.settle(jobs[0], .completed(nil))
      let counts = try await subject.queue.counts()
      #expect(counts.map(\.state) == [.available, .completed, .running, .scheduled])
      #expect(counts.map(\.count) == [1, 1, 1, 1])
      #expect(try await subject.queue.oldestWaiting() == [SampleJob.queue: start])
    },
    JobQueueConformanceCase("what has ended is removed in its time, in bounded batches") { subject in
      try await subject.push(Array(1...6))
      let jobs = try await subject.claim(5)
      for job in jobs.prefix(3) { try await subject.settle(job, .completed(nil)) }
      try await subject.settle(jobs[3], .dead(.sample))
      try await subject.queue.cancel(jobs[4].id, of: anna)
      try await subject.settle(jobs[4], .cancelled)
      let prune = { try await subject.queue.prune(.standard, limit: $0) }
      subject.clock.advance(seconds: 7 * 86_400 - 1)
      #expect(try await prune(100) == 0)
      subject.clock.advance(seconds: 1)
      #expect(try await prune(2) == 2)
      #expect(try await prune(2) == 1)
      subject.clock.advance(seconds: 23 * 86_400)
      #expect(try await prune(100) == 2)
      #expect(try await subject.queue.list(JobFilter()).map(\.state) == [.available])
    },
    JobQueueConformanceCase("a push wakes those who wait for its queue") { subject in
      let signal = subject.queue.signal(for: [SampleJob.queue])
      async let woken: Void = signal.wait()
      try await subject.push([1])
      await woken
    },
  ]
}
