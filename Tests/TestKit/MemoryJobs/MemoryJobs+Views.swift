import Jobs
import Values

extension MemoryJobs {
  func job(_ id: JobID, of accountID: AccountID?) -> JobRecord? {
    jobs[id].flatMap { $0.accountID == accountID ? $0 : nil }
  }

  func list(_ filter: JobFilter) -> [JobRecord] {
    let found = jobs.values.filter { job in
      (filter.accountID ?? job.accountID) == job.accountID && !(filter.isOfNoAccount && job.accountID != nil)
        && (filter.queue ?? job.queue) == job.queue
        && (filter.name ?? job.name) == job.name && (filter.state ?? job.state) == job.state
        && filter.before.map { job.id < $0 } ?? true
    }
    return Array(found.sorted { $0.id > $1.id }.prefix(filter.limit))
  }

  func counts() -> [JobCount] {
    Dictionary(grouping: jobs.values) { [$0.queue.rawValue, $0.state.rawValue] }.compactMap { _, jobs in
      jobs.first.map { JobCount(queue: $0.queue, state: $0.state, count: jobs.count) }
    }.sorted { ($0.queue, $0.state.rawValue) < ($1.queue, $1.state.rawValue) }
  }

  func oldestWaiting() -> [QueueName: Instant] {
    Dictionary(jobs.values.filter { $0.state == .available }.map { ($0.queue, $0.runAt) }, uniquingKeysWith: min)
  }
}
