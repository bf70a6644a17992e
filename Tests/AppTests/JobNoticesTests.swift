import AppTestKit
import Database
import Jobs
import TestKit
import Testing

@testable import App

/// How workers hear of jobs that other processes leave.
@Suite(.timeLimit(.minutes(1)))
struct JobNoticesTests {
  @Test("A push by another process wakes the workers of its queue", .enabled(if: TestDatabase.isPostgres))
  func wakes() async throws {
    let test = try await TestSystem()
    let notices = try #require(JobNotices(test.system))
    let signal = test.system.jobs.signal(for: [SampleJob.queue])
    let listening = Task { await notices.run() }
    await signal.wait()
    let elsewhere = try test.openDatabaseAgain()
    let other = DatabaseJobQueue(database: elsewhere, clock: test.clock.now)
    try await other.push([SampleJob(1)])
    await signal.wait()
    #expect(try await test.system.jobs.list(JobFilter()).count == 1)
    listening.cancel()
    await listening.value
    await elsewhere.shutDown()
  }

  @Test("A file tells of nothing", .enabled(if: !TestDatabase.isPostgres))
  func silent() async throws {
    #expect(JobNotices(try await TestSystem().system) == nil)
  }
}
