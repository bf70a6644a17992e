import Logging
import Storage
import Synchronization
import Values

/// Runs jobs: claims what is ready, calls the handlers, and records the results.
public struct Worker: Sendable {
  let queue: any JobQueue
  let registry: JobRegistry
  let places: [QueueName: Int]
  let settings: WorkerSettings
  let workerID: String
  let clock: @Sendable () -> Instant
  let sleep: @Sendable (Duration) async throws -> Void
  let onEvent: @Sendable (WorkerEvent) -> Void
  private let logger: Logger
  let generator: SharedGenerator
  let held = HeldJobs()

  /// Makes a worker that has not started.
  ///
  /// - `queues` has for each queue how many jobs run at once.
  /// - `workerID` identifies this worker among all workers, for instance by host and process.
  /// - `sleep` waits for a time and throws when its task is cancelled.
  /// - `generator` supplies the random waits between attempts.
  /// - `logger` is what handlers log with, see ``JobContext/logger``.
  public init(
    queue: any JobQueue, registry: JobRegistry, queues: [QueueName: Int], workerID: String,
    settings: WorkerSettings = WorkerSettings(), clock: @escaping @Sendable () -> Instant,
    generator: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(),
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
    logger: Logger = Logger(label: "jobs") { _ in SwiftLogNoOpLogHandler() },
    onEvent: @escaping @Sendable (WorkerEvent) -> Void = { _ in }
  ) {
    self.queue = queue
    self.registry = registry
    places = queues.filter { $0.value > 0 }
    self.settings = settings
    self.workerID = workerID
    self.clock = clock
    self.sleep = sleep
    self.onEvent = onEvent
    self.logger = logger
    self.generator = SharedGenerator(generator)
  }

  /// Works until the task is cancelled. Then it claims nothing more, gives running jobs the grace period, cancels those
  /// that are left, and returns them to the queue as they stop; the attempt does not count.
  public func run() async {
    let stop = StopSwitch()
    // A separate task: cancelling this one must not cancel the handlers before their grace period is over.
    let work = Task {
      // Cancelled, and so ended, where this scope ends.
      async let _ = keepAlive()
      await withDiscardingTaskGroup { group in
        for served in servedQueues { group.addTask { await serve(served, until: stop) } }
      }
    }
    await withTaskCancellationHandler {
      await work.value
    } onCancel: {
      stop.turn()
    }
  }

  /// Runs everything that is ready now, without waiting for jobs due later, and returns how many attempts it made.
  ///
  /// Throws what the queue throws.
  @discardableResult
  public func workOff() async throws -> Int {
    var attempts = 0
    var attemptsBefore = -1
    while attempts > attemptsBefore {
      attemptsBefore = attempts
      for served in servedQueues {
        var claimed = try await exchange(served)
        while !claimed.isEmpty {
          attempts += claimed.count
          await withDiscardingTaskGroup { [claimed] group in
            for job in claimed { group.addTask { await work(on: job, in: served) } }
          }
          claimed = try await exchange(served)
        }
      }
    }
    return attempts
  }

  /// The queues that are served.
  var servedQueues: [ServedQueue] {
    places.sorted { $0.key < $1.key }.map { name, count in
      ServedQueue(name, places: count, signal: queue.signal(for: [name]))
    }
  }

  /// Records results and, unless the worker is stopping, claims as many jobs as there are free places.
  ///
  /// Where that fails, the results are kept for the next time.
  func exchange(_ served: ServedQueue, isStopping: Bool = false) async throws -> [ClaimedJob] {
    let ended = served.takeEnded()
    let counts = held.counts(in: served.name, without: ended.map(\.lease))
    let free = isStopping ? 0 : served.places - counts.values.reduce(0, +)
    guard free > 0 || !ended.isEmpty else { return [] }
    let request = ClaimRequest(
      queue: served.name, names: registry.names(in: served.name), limit: free, owner: workerID, lease: settings.lease,
      accountLimit: settings.accountLimit(ofPlaces: served.places), held: counts)
    do {
      let (answers, claimed) = try await queue.settle(ended, thenClaim: request)
      for (settlement, wasHeld) in zip(ended, answers) {
        held.remove(settlement.lease.id)
        onEvent(wasHeld ? .ended(settlement.lease, settlement.ending) : .leaseLost(settlement.lease))
      }
      held.add(claimed)
      return claimed
    } catch {
      served.end(ended)
      throw error
    }
  }

  /// Runs the handler of a job and queues its result.
  func work(on job: ClaimedJob, in served: ServedQueue) async {
    let context = JobContext(job, keeper: queue, logger: logger)
    if let ending = await ending(of: job, context) {
      served.end([Settlement(job.lease, ending)])
    } else {
      held.remove(job.lease.id)
      onEvent(context.isFinished ? .finishedByHandler(job.lease) : .leaseLost(job.lease))
    }
    served.signal.ring()
  }

  /// How the attempt ended; nil where the lease has ended already.
  private func ending(of job: ClaimedJob, _ context: JobContext) async -> Settlement.Ending? {
    // The queue hands over only names that are registered.
    guard let entry = registry[job.lease.name] else { return .release }
    let handler = Task {
      let scope = job.lease.accountID.map { AccountScope.account($0) } ?? .all
      return try await AccountScope.$current.withValue(scope) {
        try await entry.run(job.payload, context)
      }
    }
    held.started(job.lease.id, until: clock().adding(entry.timeLimit)) { handler.cancel() }
    let result = await withTaskCancellationHandler {
      await handler.result
    } onCancel: {
      handler.cancel()
    }
    switch result {
    case .success(let report): return context.isFinished ? nil : .completed(report)
    case .failure(is LeaseLost): return nil
    case .failure(let error):
      switch held.stopReason(of: job.lease.id) {
      case .leaseLost: return nil
      case .cancelRequested: return .cancelled
      case .timedOut: return self.ending(with: AttemptTimedOut(limit: entry.timeLimit), of: job, entry)
      case nil where Task.isCancelled: return .release
      case nil: return self.ending(with: error, of: job, entry)
      }
    }
  }

  private func ending(with error: any Error, of job: ClaimedJob, _ entry: JobRegistry.Entry) -> Settlement.Ending {
    generator.use { generator in
      Settlement.Ending(error, attempt: job.attempt, policy: entry.retryPolicy, now: clock(), using: &generator)
    }
  }
}
