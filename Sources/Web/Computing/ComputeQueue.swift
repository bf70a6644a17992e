import Values

/// Which computations run and which wait: one of an account at a time, and accounts in turn.
struct ComputeQueue<Job> {
  /// How much may wait: computations of one account, and of all accounts.
  struct Limits {
    var ofAccount = 8
    var ofAll = 128
  }

  private struct Entry {
    let id: UInt64
    let cost: Int
    let isBounded: Bool
    let job: Job
  }

  private let limits: Limits
  private var waiting: [AccountID: [Entry]] = [:]
  /// Accounts with a waiting and no running computation, the next first.
  private var turns: [AccountID] = []
  private var running: Set<AccountID> = []
  /// How many bounded computations are waiting.
  private(set) var waitingCount = 0

  init(limits: Limits = Limits()) {
    self.limits = limits
  }

  /// Adds a computation; one that is not `isBounded` is always accepted.
  mutating func add(
    _ job: Job, id: UInt64, of account: AccountID, cost: Int, isBounded: Bool
  ) throws(ComputeOverload) {
    let own = waiting[account] ?? []
    if isBounded {
      guard own.count(where: \.isBounded) < limits.ofAccount else {
        throw .ofAccount(waiting: own.reduce(cost) { $0 + $1.cost })
      }
      guard waitingCount < limits.ofAll else { throw .ofAll }
    }
    waiting[account] = own + [Entry(id: id, cost: cost, isBounded: isBounded, job: job)]
    if isBounded { waitingCount += 1 }
    if own.isEmpty, !running.contains(account) { turns.append(account) }
  }

  /// Starts the next computation; nil where none can start.
  mutating func next() -> (account: AccountID, job: Job)? {
    guard let account = turns.first, var own = waiting[account], !own.isEmpty else { return nil }
    turns.removeFirst()
    let entry = own.removeFirst()
    waiting[account] = own.isEmpty ? nil : own
    if entry.isBounded { waitingCount -= 1 }
    running.insert(account)
    return (account, entry.job)
  }

  /// The running computation of an account has ended.
  mutating func end(of account: AccountID) {
    running.remove(account)
    if waiting[account] != nil { turns.append(account) }
  }

  /// Removes a waiting computation; nil where it is not waiting.
  mutating func remove(_ id: UInt64, of account: AccountID) -> Job? {
    guard var own = waiting[account], let index = own.firstIndex(where: { $0.id == id }) else { return nil }
    let entry = own.remove(at: index)
    if entry.isBounded { waitingCount -= 1 }
    waiting[account] = own.isEmpty ? nil : own
    if own.isEmpty { turns.removeAll { $0 == account } }
    return entry.job
  }
}
