import Accounts
import Jobs
import ServiceLifecycle
import StoragePostgres
import Values

/// Receives what other processes did, where the database sends notifications: jobs that they pushed, for this process's
/// workers, and changes of accounts and keys, whose cached data must be dropped.
struct NotificationRole: Service {
  private let database: PostgresDatabase
  private let system: System

  /// Nil where the database of `system` sends no notifications: workers poll, and caches expire.
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

  /// Notifications that were missed are made up for by looking at everything.
  private func catchUp() {
    forget(nil)
    for queue in System.queues { system.jobs.wake(queue) }
  }

  /// Drops the cached data of an account; of all accounts for nil.
  private func forget(_ account: AccountID?) {
    system.accounts.forget(account)
    system.keys.forget(account)
  }
}
