import DatabasePostgres
import Jobs
import ServiceLifecycle

/// Wakes this process's workers when another process leaves jobs, where the database tells of it.
struct JobNotices: Service {
  private let database: PostgresDatabase
  private let jobs: DatabaseJobQueue
  private let queues: [QueueName]

  /// Nil where the database of `system` tells of nothing: its workers look by themselves.
  init?(_ system: System) {
    guard let database = system.database as? PostgresDatabase else { return nil }
    self.database = database
    jobs = system.jobs
    queues = QueueName.all
  }

  func run() async {
    await cancelWhenGracefulShutdown {
      for await notification in database.notifications(on: DatabaseJobQueue.channel) {
        switch notification {
        // What came while nobody listened is there to be found.
        case .listening: for queue in queues { jobs.wake(queue) }
        case .received(let queue): jobs.wake(QueueName(rawValue: queue))
        }
      }
    }
  }
}
