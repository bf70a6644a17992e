import Accounts
import Decisions
import Foundation
import Jobs
import Logging
import Operations
import Platforms
import ServiceLifecycle
import Values

/// Runs jobs until the process is told to stop, or until nothing is left to do; unfinished jobs are returned to the
/// queue.
package struct WorkerRole: Service {
  private let worker: Worker
  private let queue: DatabaseJobQueue
  private let names: [String]
  private let endsWhenDone: Bool
  private let logger: Logger

  /// Makes the worker of `system` with this many places in each queue.
  package init(
    _ system: System, queues: [QueueName: Int], settings: WorkerSettings, endsWhenDone: Bool = false, logger: Logger
  ) {
    let registry = system.jobRegistry
    queue = system.jobs
    names = queues.keys.flatMap(registry.names)
    self.endsWhenDone = endsWhenDone
    self.logger = logger
    worker = Worker(
      queue: system.jobs, registry: registry, queues: queues, workerID: Self.name, settings: settings,
      clock: system.clock, logger: logger, onEvent: { Self.log($0, logger) })
  }

  package func run() async throws {
    await cancelWhenGracefulShutdown {
      guard endsWhenDone else { return await worker.run() }
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await worker.run() }
        group.addTask { await waitUntilDone() }
        await group.next()
        group.cancelAll()
      }
    }
  }

  /// Returns once none of the jobs that this worker can run is waiting or running. Consecutive failures are logged
  /// once.
  private func waitUntilDone() async {
    var hasFailed = false
    while !Task.isCancelled {
      do {
        if try await isDone() { return }
        hasFailed = false
      } catch {
        if !hasFailed, !Task.isCancelled {
          logger.error("whether jobs are left cannot be seen", metadata: ["error": "\(error)"])
        }
        hasFailed = true
      }
      try? await Task.sleep(for: .milliseconds(200))
    }
  }

  private func isDone() async throws -> Bool {
    for name in names {
      for state in [JobState.running, .available, .scheduled] {
        guard try await queue.list(JobFilter(name: name, state: state, limit: 1)).isEmpty else { return false }
      }
    }
    return true
  }

  /// The name of this process among all workers.
  private static var name: String {
    let information = ProcessInfo.processInfo
    return "\(information.hostName):\(information.processIdentifier):\(UInt32.random(in: 0...UInt32.max))"
  }

  static func log(_ event: WorkerEvent, _ logger: Logger) {
    switch event {
    case .ended(let lease, .dead(let failure)):
      logger.error("job is dead", metadata: metadata(lease, failure))
    case .ended(let lease, .retry(_, let failure)):
      logger.notice("job failed and is tried again", metadata: metadata(lease, failure))
    case .ended(let lease, .pauseAccount(let until, let failure)):
      var metadata = metadata(lease, failure)
      metadata["until"] = "\(until)"
      logger.warning("the account's jobs have to wait", metadata: metadata)
    case .leaseLost(let lease): logger.warning("job went to another worker", metadata: ["job": "\(lease.id)"])
    case .queueFailed(let queue, let error):
      logger.error("jobs cannot be claimed or written", metadata: ["queue": "\(queue)", "error": "\(error)"])
    case .heartbeatFailed(let error):
      logger.error("jobs cannot be held", metadata: ["error": "\(error)"])
    case .ended, .finishedByHandler: break
    }
  }

  private static func metadata(_ lease: Lease, _ failure: JobFailure) -> Logger.Metadata {
    [
      "job": "\(lease.id)", "name": "\(lease.name)", "account": "\(lease.accountID?.value ?? "none")",
      "class": "\(failure.failureClass)", "error": "\(failure.text)",
    ]
  }
}

/// Pushes the recurring jobs, and removes rows that are no longer needed, until the process is told to stop.
package struct SchedulerRole: Service {
  private let scheduler: Scheduler
  private let retention: RetentionService
  private let logger: Logger

  /// How often it checks for due retentions.
  private static let pause = Duration.seconds(60)

  /// Makes the scheduler of `system`; `sleep` waits for the next tick.
  package init(
    _ system: System, _ settings: ScheduleSettings, logger: Logger,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    retention = system.retention
    self.logger = logger
    scheduler = Scheduler(
      database: system.database, entries: RecurringJobs(system, settings, logger: logger).entries, clock: system.clock,
      sleep: sleep, onFailure: { logger.error("a schedule cannot be kept", metadata: ["error": "\($0)"]) })
  }

  package func run() async throws {
    await cancelWhenGracefulShutdown {
      async let removing: Void = removeOldRows()
      await scheduler.run()
      await removing
    }
  }

  private func removeOldRows() async {
    repeat {
      await retention.runDue { [logger] event in
        switch event {
        case .removed(let name, let rows):
          logger.info("old rows were removed", metadata: ["kind": "\(name)", "rows": "\(rows)"])
        case .failed(let name, let error):
          logger.error("old rows cannot be removed", metadata: ["kind": "\(name)", "error": "\(error)"])
        }
      }
    } while (try? await Task.sleep(for: Self.pause)) != nil
  }
}

/// Stores once a minute when API keys were used, until the process is told to stop; then once more.
struct KeyUseRole: Service {
  private let keys: APIKeyService
  private let logger: Logger

  private static let pause = Duration.seconds(60)

  init(_ system: System, logger: Logger) {
    keys = system.keys
    self.logger = logger
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while (try? await Task.sleep(for: Self.pause)) != nil { await record() }
    }
    await record()
  }

  private func record() async {
    do {
      try await keys.recordUses()
    } catch {
      logger.error("the use of keys cannot be recorded", metadata: ["error": "\(error)"])
    }
  }
}
