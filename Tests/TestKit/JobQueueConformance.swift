import Jobs
import Testing
import Values

/// What every driver of ``JobQueue`` must do, as checks that know only the protocol.
///
///     @Test(arguments: JobQueueConformance.cases)
///     func conforms(_ check: JobQueueConformanceCase) async throws {
///       try await check.run(JobQueueSubject(queue: freshQueue, clock: clock))
///     }
package enum JobQueueConformance {
  /// All checks. Each takes a queue of its own, without any job.
  package static let cases: [JobQueueConformanceCase] =
    pushing + order + fairness + endings + leases + cancelling + operating + ofNoAccount + model

  /// An account of the checks.
  package static let anna = account("anna")
  /// Another account of the checks.
  package static let bert = account("bert")

  static func account(_ name: String) -> AccountID {
    guard let id = AccountID(name) else { preconditionFailure("\(name) is no account id") }
    return id
  }
}

/// One check of a driver.
package struct JobQueueConformanceCase: Sendable, CustomTestStringConvertible {
  /// What is checked, in words.
  package let name: String

  /// Runs the check on a fresh, empty queue.
  package let run: @Sendable (JobQueueSubject) async throws -> Void

  init(_ name: String, _ run: @escaping @Sendable (JobQueueSubject) async throws -> Void) {
    self.name = name
    self.run = run
  }

  /// What is checked, in words.
  package var testDescription: String { name }
}

/// A job of the checks, which does nothing.
package struct SampleJob: AccountJob {
  /// Its name.
  package static let name = "sample"
  /// Its queue.
  package static let queue = QueueName.samples
  /// Three attempts.
  package static let retryPolicy = RetryPolicy(maximumAttempts: 3)

  /// Whose job it is.
  package let accountID: AccountID
  /// What tells it apart.
  package let number: Int
  /// What makes it the same as another.
  package var uniqueKey: String?

  /// Makes a job that is told apart by its number.
  package init(_ number: Int = 0, of accountID: AccountID = JobQueueConformance.anna, key: String? = nil) {
    self.accountID = accountID
    self.number = number
    uniqueKey = key
  }
}

/// A job of another kind in the same queue.
struct OtherJob: AccountJob {
  static let name = "other"
  static let queue = QueueName.samples
  var accountID = JobQueueConformance.anna
}

/// A job of no account.
struct SharedJob: InstallationJob {
  static let name = "shared"
  static let queue = QueueName.samples
  var number = 0
  var uniqueKey: String?
}

/// A driver with the clock it goes by.
package struct JobQueueSubject: Sendable {
  /// The driver.
  package let queue: any JobQueue
  /// Its clock.
  package let clock: ManualClock

  /// Takes both.
  package init(queue: any JobQueue, clock: ManualClock) {
    self.queue = queue
    self.clock = clock
  }

  /// Pushes samples of an account with numbers, and returns their ids.
  @discardableResult
  func push(
    _ numbers: [Int], of accountID: AccountID = JobQueueConformance.anna, priority: Int = 5, in seconds: Int64? = nil
  ) async throws -> [JobID] {
    let options = PushOptions(priority: priority, runAt: seconds.map { clock.now().adding(seconds: $0) })
    return try await queue.push(numbers.map { SampleJob($0, of: accountID) }, options).map(\.id)
  }

  /// Pushes one sample with a key.
  @discardableResult
  func push(key: String, of accountID: AccountID = JobQueueConformance.anna) async throws -> Pushed {
    try #require(try await queue.push([SampleJob(0, of: accountID, key: key)]).first)
  }

  /// Claims samples.
  func claim(
    _ limit: Int = 100, owner: String = "worker", accountLimit: Int = .max, held: [AccountID?: Int] = [:],
    names: Set<String> = [SampleJob.name]
  ) async throws -> [ClaimedJob] {
    try await queue.claim(
      ClaimRequest(
        queue: SampleJob.queue, names: names, limit: limit, owner: owner, accountLimit: accountLimit, held: held))
  }

  /// Claims one sample, which must be there.
  func claimOne() async throws -> ClaimedJob {
    try #require(try await claim(1).first)
  }

  /// Ends one hold.
  @discardableResult
  func settle(_ job: ClaimedJob, _ ending: Settlement.Ending) async throws -> Bool {
    try await queue.settle([Settlement(job.lease, ending)]) == [true]
  }

  /// The job as it is kept.
  func record(_ id: JobID, of accountID: AccountID = JobQueueConformance.anna) async throws -> JobRecord {
    try #require(try await queue.job(id, of: accountID))
  }

  /// How often attempts have ended in a way.
  func count(_ outcome: JobOutcome) async throws -> Int {
    try await queue.counters().filter { $0.key.outcome == outcome }.reduce(0) { $0 + $1.count }
  }
}

extension ClaimedJob {
  var id: JobID { lease.id }
}

extension JobFailure {
  static let sample = JobFailure(class: "sample_failure", reason: "it was meant to", text: "sample")
}

extension QueueName {
  package static let samples = QueueName(rawValue: "samples")
  package static let otherSamples = QueueName(rawValue: "other-samples")
}
