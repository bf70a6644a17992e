import Accounts
import Jobs
import ServiceLifecycle
import StoragePostgres
import Values

/// Hears of what other processes did, where the database tells of it: jobs that they left, for this process's workers,
/// and changes of accounts and keys, of which nothing old may be kept.
struct Notices: Service {
  private let database: PostgresDatabase
  private let system: System

  /// Nil where the database of `system` tells of nothing: workers look by themselves, and what is kept expires.
  init?(_ system: System) {
    guard let database = system.database as? PostgresDatabase else { return nil }
    self.database = database
    self.system = system
  }

  func run() async {
    await cancelWhenGracefulShutdown {
      for await notification in database.notifications(on: DatabaseJobQueue.channel, AccountService.channel) {
        switch notification {
        case .listening: catchUp()
        case .received(DatabaseJobQueue.channel, let queue): system.jobs.wake(QueueName(rawValue: queue))
        case .received(_, let account): forget(AccountID(account))
        }
      }
    }
  }

  /// What came while nobody listened is there to be found.
  private func catchUp() {
    forget(nil)
    for queue in System.queues { system.jobs.wake(queue) }
  }

  /// Forgets what is kept of an account; nil forgets what is kept of all.
  private func forget(_ account: AccountID?) {
    system.accounts.forget(account)
    system.keys.forget(account)
  }
}
