import Jobs
import Testing
import Values

extension JobQueueConformance {
  static let ofNoAccount = [
    JobQueueConformanceCase("a job of no account goes the way of the others, and no account has it") { subject in
      let pushed = try await subject.queue.push([SharedJob(number: 1), SharedJob(number: 2)]).map(\.id)
      let mine = try await subject.push([3])
      let list = { (filter: JobFilter) in try await subject.queue.list(filter).map(\.id) }
      #expect(try await list(JobFilter()) == Array((pushed + mine).reversed()))
      #expect(try await list(JobFilter(isOfNoAccount: true)) == Array(pushed.reversed()))
      #expect(try await list(JobFilter(accountID: anna)) == mine)
      #expect(try await subject.queue.job(pushed[0], of: anna) == nil)
      #expect(try await subject.queue.job(mine[0], of: nil) == nil)
      await #expect(throws: JobQueueError.unknownJob(pushed[0])) {
        try await subject.queue.cancel(pushed[0], of: anna)
      }
      #expect(try await subject.queue.cancel(pushed[1], of: nil) == .cancelled)
      let job = try #require(try await subject.claim(names: [SharedJob.name]).first)
      #expect(job.lease.accountID == nil)
      #expect(job.payload == #"{"number":1}"#)
      #expect(try await subject.queue.heartbeat([job.lease], for: .seconds(60)) == [.held])
      try await subject.settle(job, .dead(.sample))
      try await subject.queue.retry(job.id, of: nil)
      let again = try #require(try await subject.claim(names: [SharedJob.name]).first)
      #expect((again.id, again.attempt) == (job.id, 1))
      try await subject.settle(again, .completed(JobReport("done")))
      let record = try #require(try await subject.queue.job(job.id, of: nil))
      #expect((record.accountID, record.state, record.report) == (nil, .completed, "done"))
      #expect(try await subject.record(mine[0]).state == .available)
    },
    JobQueueConformanceCase("of two jobs of no account with one key the second is the first") { subject in
      let pushed = try await subject.queue.push([SharedJob(uniqueKey: "k"), SharedJob(uniqueKey: "k")])
      #expect(pushed.map(\.isNew) == [true, false])
      #expect(try await subject.push(key: "k").isNew)
    },
    JobQueueConformanceCase("the jobs of no account take turns with the accounts, as one") { subject in
      try await subject.queue.push((1...20).map { SharedJob(number: $0) })
      let names: Set = [SampleJob.name, SharedJob.name]
      #expect(try await subject.claim(10, names: names).count == 10)
      try await subject.push(Array(1...20))
      let owners = try await subject.claim(20, names: names).map(\.lease.accountID)
      #expect(owners.prefix(10).filter { $0 == nil }.count == 5)
      #expect(
        try await subject.claim(10, accountLimit: 2, held: [nil: 2], names: names).map(\.lease.accountID) == [
          anna, anna,
        ])
      #expect(try await subject.claim(10, accountLimit: 2, held: [anna: 2], names: names).isEmpty)
    },
    JobQueueConformanceCase("where one of them has to wait, all of them do, and no account") { subject in
      let names: Set = [SampleJob.name, SharedJob.name]
      try await subject.queue.push([SharedJob(number: 1), SharedJob(number: 2)])
      let mine = try await subject.push([3])
      let job = try #require(try await subject.claim(1, names: names).first)
      try await subject.settle(job, .pauseAccount(until: subject.clock.now().adding(seconds: 60), .sample))
      let others = try await subject.claim(names: names)
      #expect(others.map(\.id) == mine)
      try await subject.settle(others[0], .completed(nil))
      subject.clock.advance(seconds: 60)
      #expect(try await subject.claim(names: names).map(\.lease.accountID) == [nil, nil])
    },
    JobQueueConformanceCase("a worker that is lost gives a job of no account to another") { subject in
      try await subject.queue.push([SharedJob()])
      let first = try #require(try await subject.claim(names: [SharedJob.name]).first)
      subject.clock.advance(seconds: 61)
      let second = try #require(try await subject.claim(names: [SharedJob.name]).first)
      #expect((second.id, second.attempt) == (first.id, 2))
      #expect(try await !subject.settle(first, .completed(nil)))
    },
  ]
}
