import Jobs
import Testing
import Values

extension JobQueueConformance {
  static let pushing = [
    JobQueueConformanceCase("a job is kept as it was pushed") { subject in
      let id = try #require(try await subject.push([7], priority: 2).first)
      let record = try await subject.record(id)
      #expect(record.state == .available)
      #expect(record.payload == #"{"accountID":"anna","number":7}"#)
      #expect((record.priority, record.attempt, record.maximumAttempts) == (2, 0, 3))
      #expect((record.runAt, record.createdAt) == (subject.clock.now(), subject.clock.now()))
      #expect(try await subject.queue.job(id, of: bert) == nil, "another account's")
    },
    JobQueueConformanceCase("ids sort by the order of the pushes") { subject in
      let ids = try await subject.push(Array(1...50)) + (try await subject.push(Array(1...50)))
      #expect(ids == ids.sorted())
      #expect(Set(ids).count == 100)
    },
    JobQueueConformanceCase("a key that waits is the same job; one that runs or has ended is not") { subject in
      let first = try await subject.push(key: "deal-1")
      #expect(first.isNew)
      let second = try await subject.push(key: "deal-1")
      #expect((second.id, second.isNew) == (first.id, false))
      #expect(try await subject.push(key: "deal-2").isNew)
      #expect(try await subject.push(key: "deal-1", of: bert).isNew, "another account's")
      let claimed = try await subject.claimOne()
      #expect(claimed.id == first.id)
      let third = try await subject.push(key: "deal-1")
      #expect(third.isNew, "the first runs")
      #expect(try await subject.push(key: "deal-1").id == third.id)
    },
    JobQueueConformanceCase("a key that is delayed is the same job") { subject in
      let delayed = PushOptions(runAt: subject.clock.now().adding(seconds: 60))
      let first = try await subject.queue.push([SampleJob(key: "a")], delayed)
      #expect(try await subject.push(key: "a").id == first.first?.id)
    },
    JobQueueConformanceCase("the same key twice in one push is one job") { subject in
      let pushed = try await subject.queue.push([SampleJob(1, key: "a"), SampleJob(2, key: "a")])
      #expect(pushed.map(\.isNew) == [true, false])
      #expect(Set(pushed.map(\.id)).count == 1)
    },
    JobQueueConformanceCase("what is too large or has no name is refused whole") { subject async throws in
      let large = SampleJob(1, key: String(repeating: "k", count: 201))
      await #expect(throws: JobQueueError.self) { try await subject.queue.push([SampleJob(), large]) }
      await #expect(throws: JobQueueError.self) { try await subject.queue.push([SampleJob(key: "")]) }
      let payload = LargeJob(text: String(repeating: "x", count: JobLimits.payloadBytes))
      await #expect(throws: JobQueueError.self) { try await subject.queue.push([payload]) }
      #expect(try await subject.queue.list(JobFilter()).isEmpty)
    },
    JobQueueConformanceCase("pushing nothing") { subject async throws in
      #expect(try await subject.queue.push([SampleJob]()).isEmpty)
    },
  ]

  static let order = [
    JobQueueConformanceCase("first by priority, then by turn") { subject in
      let last = try await subject.push([1, 2], priority: 9)
      let middle = try await subject.push([3, 4])
      let first = try await subject.push([5], priority: 0)
      #expect(try await subject.claim().map(\.id) == first + middle + last)
      #expect(try await subject.claim().isEmpty, "all are held")
    },
    JobQueueConformanceCase("a delayed job waits for its time, a queue for its own workers") { subject in
      let ids = try await subject.push([1], in: 60)
      #expect(try await subject.record(ids[0]).state == .scheduled)
      #expect(try await subject.claim().isEmpty)
      subject.clock.advance(seconds: 59)
      #expect(try await subject.claim().isEmpty)
      subject.clock.advance(seconds: 1)
      let elsewhere = ClaimRequest(queue: .otherSamples, names: [SampleJob.name], limit: 9, owner: "worker")
      #expect(try await subject.queue.claim(elsewhere).isEmpty)
      #expect(try await subject.claim().map(\.id) == ids)
    },
    JobQueueConformanceCase("a moment that has passed is now") { subject in
      let ids = try await subject.push([1], in: -60)
      #expect(try await subject.record(ids[0]).runAt == subject.clock.now())
      #expect(try await subject.claim().map(\.id) == ids)
    },
    JobQueueConformanceCase("only kinds that the worker knows") { subject in
      let other = try await subject.queue.push([OtherJob()]).map(\.id)
      let sample = try await subject.push([1])
      #expect(try await subject.claim(names: []).isEmpty)
      #expect(try await subject.claim().map(\.id) == sample)
      #expect(try await subject.claim().isEmpty)
      #expect(try await subject.record(other[0]).state == .available)
      #expect(try await subject.claim(names: ["other", "sample"]).map(\.id) == other)
    },
    JobQueueConformanceCase("no more than asked for") { subject in
      let ids = try await subject.push([1, 2, 3])
      #expect(try await subject.claim(0).isEmpty)
      #expect(try await subject.claim(2).map(\.id) == Array(ids.prefix(2)))
    },
    JobQueueConformanceCase("many claims at once never give a job twice") { subject in
      let ids = try await subject.push(Array(1...300)) + (try await subject.push(Array(1...100), of: bert))
      let claimed = try await withThrowingTaskGroup { group in
        for worker in 0..<40 {
          group.addTask { try await subject.claim(13, owner: "worker-\(worker)").map(\.id) }
        }
        var claimed: [JobID] = []
        for try await ids in group { claimed += ids }
        return claimed
      }
      #expect(claimed.count == 400)
      #expect(Set(claimed) == Set(ids))
    },
  ]

  static let fairness = [
    JobQueueConformanceCase("ten thousand jobs of one account do not delay another's one") { subject in
      try await subject.push(Array(1...10_000))
      _ = try await subject.claim(50)
      let mine = try await subject.push([1], of: bert)
      #expect(try await subject.claim(2).map(\.id).contains(mine[0]))
    },
    JobQueueConformanceCase("accounts take turns, and one that rested has saved none") { subject in
      try await subject.push(Array(1...20))
      #expect(try await subject.claim(10).count == 10)
      try await subject.push(Array(1...20), of: bert)
      let owners = try await subject.claim(20).map(\.lease.accountID)
      #expect(owners.filter { $0 == anna }.count == 10)
      #expect(owners.prefix(10).filter { $0 == anna }.count == 5)
    },
    JobQueueConformanceCase("an urgent job of a full line does not push others back") { subject in
      try await subject.push(Array(1...1_000))
      try await subject.push([1], priority: 0)
      _ = try await subject.claim(5)
      let mine = try await subject.push([1], of: bert)
      #expect(try await subject.claim(3).map(\.id).contains(mine[0]))
    },
    JobQueueConformanceCase("delayed jobs have no better turn than those pushed when they are due") { subject in
      try await subject.push(Array(1...100), in: 60)
      subject.clock.advance(seconds: 60)
      try await subject.push(Array(1...3), of: bert)
      let owners = try await subject.claim(6).map(\.lease.accountID)
      #expect(owners.filter { $0 == bert }.count == 3)
    },
    JobQueueConformanceCase("no account holds more of a worker than its share") { subject in
      try await subject.push(Array(1...10))
      try await subject.push([1], of: bert)
      let first = try await subject.claim(4, accountLimit: 3)
      #expect(first.filter { $0.lease.accountID == anna }.count == 3)
      #expect(first.filter { $0.lease.accountID == bert }.count == 1)
      #expect(try await subject.claim(4, accountLimit: 3, held: [anna: 3]).isEmpty)
      #expect(try await subject.claim(4, accountLimit: 3, held: [anna: 2]).count == 1)
    },
    JobQueueConformanceCase("a paused account waits, others do not") { subject in
      let now = subject.clock.now()
      try await subject.push(Array(1...700))
      try await subject.queue.pause(anna, in: SampleJob.queue, until: now.adding(seconds: 60), reason: "quota")
      try await subject.queue.pause(anna, in: SampleJob.queue, until: now.adding(seconds: 30), reason: "shorter")
      let mine = try await subject.push([1], of: bert)
      #expect(try await subject.claim(5).map(\.id) == mine)
      subject.clock.advance(seconds: 59)
      #expect(try await subject.claim(5).isEmpty)
      subject.clock.advance(seconds: 1)
      #expect(try await subject.claim(5).count == 5)
    },
    JobQueueConformanceCase("a pause of every queue holds for each, and ends apart from that of one") { subject in
      let now = subject.clock.now()
      try await subject.queue.pause(anna, in: .every, until: now.adding(seconds: 900), reason: "disabled")
      try await subject.queue.pause(anna, in: SampleJob.queue, until: now.adding(seconds: 30), reason: "quota")
      try await subject.push([1, 2])
      let mine = try await subject.push([3], of: bert)
      #expect(try await subject.claim(5).map(\.id) == mine)
      subject.clock.advance(seconds: 30)
      #expect(try await subject.claim(5).isEmpty, "the shorter pause does not end the longer one")
      #expect(try await subject.queue.resume(anna, in: .every))
      #expect(try await subject.queue.resume(anna, in: .every) == false)
      #expect(try await subject.claim(5).count == 2)
    },
  ]
}

/// A job whose data may be too large.
private struct LargeJob: AccountJob {
  static let name = "large"
  static let queue = QueueName.samples
  var accountID = JobQueueConformance.anna
  let text: String
}
