import Jobs
import Testing
import Values

extension JobQueueConformance {
  static let endings = [
    JobQueueConformanceCase("completed, with its report") { subject in
      try await subject.push([1])
      let job = try await subject.claimOne()
      #expect((job.attempt, job.maximumAttempts) == (1, 3))
      let running = try await subject.record(job.id)
      #expect((running.state, running.leaseOwner) == (.running, "worker"))
      #expect(running.leaseUntil == subject.clock.now().adding(seconds: 60))
      #expect(try await subject.settle(job, .completed(JobReport("3 ads"))))
      let record = try await subject.record(job.id)
      #expect((record.state, record.report, record.finishedAt) == (.completed, "3 ads", subject.clock.now()))
      #expect((record.leaseOwner, record.leaseUntil) == (nil, nil))
      #expect(try await subject.count(.completed) == 1)
      #expect(try await !subject.settle(job, .completed(nil)), "once")
      #expect(try await subject.count(.completed) == 1)
    },
    JobQueueConformanceCase("tried again until the attempts are used up, then dead") { subject in
      try await subject.push([1])
      for attempt in 1...3 {
        let job = try await subject.claimOne()
        #expect(job.attempt == attempt)
        #expect(try await subject.settle(job, .retry(at: subject.clock.now().adding(seconds: 10), .sample)))
        let record = try await subject.record(job.id)
        #expect(record.state == (attempt < 3 ? .scheduled : .dead))
        #expect(record.failure?.failureClass == "sample_failure")
        #expect(try await subject.claim().isEmpty)
        subject.clock.advance(seconds: 10)
      }
      let record = try #require(try await subject.queue.list(JobFilter(state: .dead)).first)
      #expect(record.failure?.reason == "all 3 attempts failed")
      #expect(record.failure?.text == "sample")
      #expect(try await subject.count(.retried) == 2)
      #expect(try await subject.count(.dead) == 1)
    },
    JobQueueConformanceCase("dead at once, with what is kept of the error") { subject in
      try await subject.push([1])
      let job = try await subject.claimOne()
      let text = String(repeating: "ä", count: 1_500)
      try await subject.settle(job, .dead(JobFailure(class: "gone", reason: "the deal was deleted", text: text)))
      let failure = try #require(try await subject.record(job.id).failure)
      #expect((failure.failureClass, failure.reason) == ("gone", "the deal was deleted"))
      #expect(failure.text.utf8.count == JobLimits.failureBytes)
    },
    JobQueueConformanceCase("a pause takes the job and its account back without counting the attempt") { subject in
      try await subject.push([1, 2])
      let mine = try await subject.push([3], of: bert)
      let job = try await subject.claimOne()
      try await subject.settle(job, .pauseAccount(until: subject.clock.now().adding(seconds: 30), .sample))
      #expect(try await subject.record(job.id).attempt == 0)
      #expect(try await subject.claim().map(\.id) == mine)
      subject.clock.advance(seconds: 30)
      #expect(try await subject.claim().count == 2)
      #expect(try await subject.count(.paused) == 1)
    },
    JobQueueConformanceCase("released: ready at once, in its old place, the attempt not counted") { subject in
      let ids = try await subject.push([1, 2])
      let job = try await subject.claimOne()
      #expect(try await subject.settle(job, .release))
      let again = try await subject.claimOne()
      #expect((again.id, again.attempt) == (ids[0], 1))
      #expect(again.lease.token > job.lease.token)
      #expect(try await !subject.settle(job, .completed(nil)), "the first hold has ended")
    },
    JobQueueConformanceCase("a job that comes back while its twin waits makes way for it") { subject in
      try await subject.push(key: "a")
      let job = try await subject.claimOne()
      let twin = try await subject.push(key: "a")
      #expect(twin.isNew)
      try await subject.settle(job, .retry(at: subject.clock.now(), .sample))
      #expect(try await subject.record(job.id).state == .cancelled)
      #expect(try await subject.count(.superseded) == 1)
      #expect(try await subject.claim().map(\.id) == [twin.id])
    },
  ]

  static let leases = [
    JobQueueConformanceCase("a hold that expires goes to the next worker") { subject in
      try await subject.push([1])
      let first = try await subject.claimOne()
      subject.clock.advance(seconds: 59)
      #expect(try await subject.claim().isEmpty)
      subject.clock.advance(seconds: 1)
      let second = try await subject.claimOne()
      #expect((second.id, second.attempt) == (first.id, 2))
      #expect(try await !subject.settle(first, .completed(nil)))
      #expect(try await subject.queue.heartbeat([first.lease, second.lease], for: .seconds(60)) == [.lost, .held])
      #expect(try await subject.settle(second, .completed(nil)))
      #expect(try await subject.count(.expired) == 1)
      #expect(try await subject.count(.completed) == 1)
    },
    JobQueueConformanceCase("a heartbeat holds on") { subject in
      try await subject.push([1])
      let job = try await subject.claimOne()
      for _ in 1...5 {
        subject.clock.advance(seconds: 59)
        #expect(try await subject.queue.heartbeat([job.lease], for: .seconds(60)) == [.held])
        #expect(try await subject.claim().isEmpty)
      }
      #expect(try await subject.queue.heartbeat([], for: .seconds(60)) == [])
    },
    JobQueueConformanceCase("a job whose workers all stop answering is dead") { subject in
      let ids = try await subject.push([1])
      for _ in 1...3 {
        _ = try await subject.claimOne()
        subject.clock.advance(seconds: 60)
      }
      #expect(try await subject.claim().isEmpty)
      let record = try await subject.record(ids[0])
      #expect(record.state == .dead)
      #expect(record.failure?.reason == "the worker stopped answering")
    },
    JobQueueConformanceCase("a settlement of another account's lease changes nothing") { subject in
      try await subject.push([1])
      try await subject.push([1], of: bert)
      let jobs = try await subject.claim()
      #expect(try await subject.queue.settle(jobs.map { Settlement($0.lease, .completed(nil)) }) == [true, true])
      #expect(try await subject.queue.settle(jobs.map { Settlement($0.lease, .release) }) == [false, false])
    },
  ]

  static let cancelling = [
    JobQueueConformanceCase("waiting jobs are cancelled at once") { subject in
      let ids = try await subject.push([1]) + (try await subject.push([2], in: 60))
      for id in ids { #expect(try await subject.queue.cancel(id, of: anna) == .cancelled) }
      subject.clock.advance(seconds: 60)
      #expect(try await subject.claim().isEmpty)
      #expect(try await subject.count(.cancelled) == 2)
      await #expect(throws: JobQueueError.notAllowed(ids[0], state: .cancelled)) {
        try await subject.queue.cancel(ids[0], of: anna)
      }
      await #expect(throws: JobQueueError.unknownJob(ids[0])) { try await subject.queue.cancel(ids[0], of: bert) }
    },
    JobQueueConformanceCase("a running job's worker is asked to stop") { subject in
      try await subject.push([1])
      let job = try await subject.claimOne()
      #expect(try await subject.queue.cancel(job.id, of: anna) == .running)
      #expect(try await subject.queue.heartbeat([job.lease], for: .seconds(60)) == [.cancelRequested])
      #expect(try await subject.settle(job, .cancelled))
      #expect(try await subject.record(job.id).state == .cancelled)
    },
    JobQueueConformanceCase("a running job that is cancelled is not tried again, but may be done") { subject in
      try await subject.push([1, 2, 3, 4])
      let jobs = try await subject.claim()
      for job in jobs { try await subject.queue.cancel(job.id, of: anna) }
      try await subject.settle(jobs[0], .retry(at: subject.clock.now(), .sample))
      try await subject.settle(jobs[1], .completed(nil))
      try await subject.settle(jobs[2], .release)
      subject.clock.advance(seconds: 60)
      #expect(try await subject.claim().isEmpty)
      var states: [JobState] = []
      for job in jobs { states.append(try await subject.record(job.id).state) }
      #expect(states == [.cancelled, .completed, .cancelled, .cancelled])
    },
    JobQueueConformanceCase("ended jobs are not cancelled") { subject in
      try await subject.push([1, 2])
      let jobs = try await subject.claim()
      try await subject.settle(jobs[0], .completed(nil))
      try await subject.settle(jobs[1], .dead(.sample))
      for (job, state) in zip(jobs, [JobState.completed, .dead]) {
        await #expect(throws: JobQueueError.notAllowed(job.id, state: state)) {
          try await subject.queue.cancel(job.id, of: anna)
        }
      }
    },
  ]
}
