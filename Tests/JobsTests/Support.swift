import Jobs
import Storage
import Synchronization
import TestKit
import Values

/// A value that handlers and tests share.
final class Shared<Value: Sendable>: Sendable {
  private let value: Mutex<Value>

  init(_ value: Value) {
    self.value = Mutex(value)
  }

  var current: Value { value.withLock { $0 } }

  func change(_ body: (inout Value) -> Void) {
    value.withLock { body(&$0) }
  }
}

/// A sleep that ends when the test says so, or when its task is cancelled.
final class ManualSleep: Sendable {
  private struct Sleeper {
    let duration: Duration
    let end: AsyncStream<Void>.Continuation
  }

  private let sleepers = Mutex<[Sleeper]>([])
  private let begun: AsyncStream<Duration>
  private let beginning: AsyncStream<Duration>.Continuation

  init() {
    (begun, beginning) = AsyncStream.makeStream(of: Duration.self)
  }

  @Sendable func rest(_ duration: Duration) async throws {
    let (stream, end) = AsyncStream.makeStream(of: Void.self)
    sleepers.withLock { $0.append(Sleeper(duration: duration, end: end)) }
    beginning.yield(duration)
    for await _ in stream { break }
    try Task.checkCancellation()
  }

  /// Returns once somebody has begun to sleep for `duration`.
  func waitForSleeper(_ duration: Duration) async {
    for await begun in begun where begun == duration { return }
  }

  /// Ends all sleeps of `duration`.
  func end(_ duration: Duration) {
    let ended = sleepers.withLock { sleepers in
      let ended = sleepers.filter { $0.duration == duration }
      sleepers.removeAll { $0.duration == duration }
      return ended
    }
    for sleeper in ended { sleeper.end.finish() }
  }
}

/// A gate that handlers wait at until the test opens it, or their task is cancelled.
struct Gate: Sendable {
  private let stream: AsyncStream<Void>
  private let opening: AsyncStream<Void>.Continuation

  init() {
    (stream, opening) = AsyncStream.makeStream(of: Void.self)
  }

  func open() { opening.yield() }

  func pass() async throws {
    for await _ in stream { break }
    try Task.checkCancellation()
  }
}

/// An error that says nothing of what to do.
struct PlainError: Error {}

/// An error with a verdict.
struct JudgedError: JobError {
  let verdict: JobVerdict
}

/// A queue with a clock and a worker on it.
struct WorkerSubject {
  let clock = ManualClock()
  let sleep = ManualSleep()
  let events = Shared<[String]>([])
  let queue: MemoryJobQueue

  init() {
    queue = MemoryJobQueue(clock: clock.now, generator: SeededRandom(seed: 3))

  }

  func worker(
    places: Int = 4, settings: WorkerSettings = WorkerSettings(gracePeriod: .seconds(30)),
    queue other: (any JobQueue)? = nil,
    _ handler: @escaping @Sendable (SampleJob, JobContext) async throws -> JobReport?
  ) -> Worker {
    var registry = JobRegistry()
    registry.register(SampleJob.self, handler)
    return Worker(
      queue: other ?? queue, registry: registry, queues: [SampleJob.queue: places], workerID: "worker",
      settings: settings, clock: clock.now, generator: SeededRandom(seed: 5), sleep: sleep.rest
    ) { [events] event in events.change { $0.append("\(event)") } }
  }

  func states() async throws -> [JobState] {
    try await queue.list(JobFilter()).reversed().map(\.state)
  }
}

/// A database that can be made to fail.
struct FlakyDatabase: Database {
  let database: any Database
  let isBroken = Shared(false)

  var dialect: Dialect { database.dialect }

  func read<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    try await database.read(body)
  }

  func write<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    if isBroken.current { throw DatabaseError.busy("broken for the test") }
    return try await database.write(body)
  }
}
